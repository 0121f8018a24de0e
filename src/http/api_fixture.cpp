#include "http/api_fixture.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "tasks/result_files.h"

namespace decant::http {

ApiOptions TestingApi::quick_options() {
  const ThrottleLimit far_away{.burst = 1000, .interval = std::chrono::milliseconds(1)};
  ApiOptions options;
  options.keys.current = std::string(32, 'k');
  options.password_cost = {.memory = 8192, .passes = 1};
  options.log_ins_per_address = options.log_ins_per_account = far_away;
  options.sign_ups_per_address = options.sign_ups_per_account = far_away;
  options.spool_folder = "/tmp";
  options.upload_limit = 4 << 20;
  options.cover.bytes = 1000;
  return options;
}

TestingApi::TestingApi(ApiOptions options)
    : api(std::move(options), {database, database, database, database, database, objects, broker, converter, clock,
                               logger_, pool_, [this] { return ready; }}) {
  api.add_routes(router);
  ServerOptions server;
  server.port = 0;
  server.threads = 2;
  server.access_log_level = LogLevel::debug;
  server.trusted_proxies = {"127.0.0.1"};
  server_ = std::make_unique<Server>(server, router, api.authenticator(), pool_, logger_);
  if (const auto started = server_->start(); !started) throw std::runtime_error(started.error().describe());
}

Answer TestingApi::ask(std::string_view method, std::string_view target, std::string_view fields,
                       std::string_view body) const {
  RawClient client = connect();
  client.send(request(method, target, std::string("Connection: close\r\n").append(fields), body));
  auto answer = method == "HEAD" ? client.read_answer_head() : client.read_answer();
  EXPECT_TRUE(answer) << method << " " << target;
  return answer.value_or(Answer{});
}

Answer TestingApi::ask_json(std::string_view method, std::string_view target, std::string_view json,
                            std::string_view fields) const {
  return ask(method, target, std::string("Content-Type: application/json\r\n").append(fields), json);
}

void TestingApi::sign_up(const std::string& name) {
  const std::string form =
      fmt::format(R"({{"user":"{0}","email":"{0}@example.org","password1":"password","password2":"password"}})", name);
  EXPECT_EQ(ask_json("POST", "/api/auth/signup", form).status, 201);
}

Answer TestingApi::log_in(const std::string& name, const std::string& password) const {
  return ask_json("POST", "/api/auth/login",
                  fmt::format(R"({{"email":"{}@example.org","password":"{}"}})", name, password));
}

std::string TestingApi::bearer(const std::string& name) {
  std::string& bearer = bearers_[name];
  if (bearer.empty()) {
    sign_up(name);
    bearer = fmt::format("Authorization: Bearer {}\r\n", json_of(log_in(name)).at("token").as_string().c_str());
  }
  return bearer;
}

tasks::UserId TestingApi::id_of(const std::string& name) {
  return database.find_user_by_email(name + "@example.org").value().value().id;
}

Answer TestingApi::upload(const std::string& fields, const std::vector<FormPart>& parts) const {
  return ask("POST", "/api/tasks", fields + std::string(form_type), form_body(parts));
}

std::string TestingApi::add_task(const std::string& name) {
  const Answer answer = upload(bearer(name), {{"newFormat", "wav"}, {"audio", "fake audio", "a.mp3"}});
  EXPECT_EQ(answer.status, 201) << answer.body;
  clock.advance(std::chrono::milliseconds(1));  // ids sort by the millisecond
  return answer.status == 201 ? json_of(answer).at("task").at("id").as_string().c_str() : std::string();
}

void TestingApi::convert_next() {
  const auto claim = database.claim({.wanted = {}, .worker = "test", .lease = std::chrono::seconds(30)}).value();
  ASSERT_TRUE(claim);
  const tasks::Task& task = claim->task;
  auto spool = SpoolFile::make("/tmp");
  const Descriptor input = objects.fetch(task.source.key).value();
  auto extras = SpoolFile::make("/tmp");
  Descriptor cover;
  if (task.cover && task.options.metadata.pictures == tasks::Keep::keep)
    cover = objects.fetch(tasks::make_cover_key(task.source.key)).value();
  const auto result = converter.convert({.input = input.get(),
                                         .output = spool->descriptor(),
                                         .target = task.target,
                                         .options = task.options,
                                         .extras = extras->descriptor(),
                                         .cover = cover.get()},
                                        [](double) {}, {});
  ASSERT_TRUE(result);
  const tasks::ResultKind kind = tasks::result_kind(*converter.formats().find_target(task.target), task.options);
  const tasks::StoredFile file{.key = fmt::format("results/{}/{}-x.{}", task.id.text(), task.fence, kind.extension),
                               .size = spool->size().value(),
                               .sha256 = std::string(63, '0') + std::to_string(task.fence),
                               .mime_type = kind.mime_type,
                               .extension = kind.extension};
  ASSERT_TRUE(objects.put(file.key, *spool));
  for (const tasks::Artifact& artifact : result->artifacts) {
    auto made = SpoolFile::make("/tmp");
    ASSERT_TRUE(made->append(tasks::read_artifact(extras->descriptor(), artifact).value()));
    ASSERT_TRUE(objects.put(tasks::make_artifact_key(file.key, artifact.analysis), *made));
  }
  std::string replaced;
  ASSERT_TRUE(database.commit({task.id, task.fence, file, result->report}, replaced).value());
  if (!replaced.empty()) ASSERT_TRUE(tasks::remove_result(objects, replaced));
}

std::string form_body(const std::vector<FormPart>& parts) {
  std::string body;
  for (const FormPart& part : parts) {
    body += fmt::format("--limit\r\nContent-Disposition: form-data; name=\"{}\"", part.name);
    if (part.filename) body += fmt::format("; filename=\"{}\"\r\nContent-Type: audio/mpeg", *part.filename);
    body += "\r\n\r\n" + part.content + "\r\n";
  }
  return body + "--limit--\r\n";
}

boost::json::value json_of(const Answer& answer) {
  boost::system::error_code problem;
  boost::json::value value = boost::json::parse(answer.body, problem);
  EXPECT_FALSE(problem) << answer.status << ": " << answer.body;
  return value;
}

std::vector<std::string> wrong_fields_of(const Answer& answer) {
  std::vector<std::string> names;
  const boost::json::value problem = json_of(answer);
  if (const auto* fields = problem.as_object().if_contains("fields")) {
    for (const auto& field : fields->as_array()) names.emplace_back(field.at("field").as_string());
  }
  return names;
}

std::optional<std::string> cookie_of(const Answer& answer, const std::string& name) {
  const auto [begin, end] = answer.fields.equal_range("set-cookie");
  for (auto field = begin; field != end; ++field) {
    const std::string& cookie = field->second;
    if (cookie.starts_with(name + "=")) return cookie.substr(name.size() + 1, cookie.find(';') - name.size() - 1);
  }
  return std::nullopt;
}

}  // namespace decant::http
