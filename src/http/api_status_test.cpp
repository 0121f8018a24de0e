#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <set>

#include "http/api_fixture.h"
#include "http/method.h"
#include "http/openapi.h"
#include "http/syntax.h"

namespace decant::http {
namespace {

namespace json = boost::json;

TEST(Health, LivesWhateverIsAway) {
  TestingApi api;
  api.ready = failure(ErrorCode::unavailable, "the database is away", "/secret/path");
  EXPECT_EQ(api.ask("GET", "/livez").status, 200);
  const Answer answer = api.ask("GET", "/readyz");
  EXPECT_EQ(answer.status, 503);
  EXPECT_THAT(answer.body, ::testing::Not(::testing::HasSubstr("secret")));
  api.ready = {};
  EXPECT_EQ(api.ask("GET", "/readyz").status, 200);
}

TEST(Health, IsNotReadyWhileItDrains) {
  TestingApi api;
  api.api.set_draining();
  EXPECT_EQ(api.ask("GET", "/readyz").status, 503);
  EXPECT_EQ(api.ask("GET", "/livez").status, 200);
  EXPECT_EQ(api.ask("GET", "/api/formats").status, 200) << "what is connected is served on";
}

TEST(Queue, CountsAndAsksTheDatabaseOnceASecond) {
  TestingApi api;
  const auto ready = [&] { return json_of(api.ask("GET", "/api/stats/queue")).at("ready").as_int64(); };
  EXPECT_EQ(ready(), 0);
  (void)api.bearer();
  (void)api.add_task();
  EXPECT_EQ(ready(), 0);
  api.clock.advance(std::chrono::seconds(1));
  EXPECT_EQ(ready(), 1);
  EXPECT_EQ(json_of(api.ask("GET", "/api/stats/queue")).at("backlog").as_int64(), 1);
}

TEST(Formats, AreThoseOfTheConverter) {
  TestingApi api;
  const json::value formats = json_of(api.ask("GET", "/api/formats"));
  EXPECT_EQ(formats.at("targets").at(0).at("name"), json::string("mp3"));
  EXPECT_EQ(formats.at("targets").as_array().size(), api.converter.formats().targets.size());
}

class OpenApi : public ::testing::Test {
 protected:
  json::value contract = json::parse(openapi_json());
  const json::object& schemas = contract.at("components").at("schemas").as_object();

  const json::value& resolve(const json::value& schema) const {
    const json::value* reference = schema.is_object() ? schema.as_object().if_contains("$ref") : nullptr;
    if (reference == nullptr) return schema;
    const std::string name(reference->as_string());
    return schemas.at(std::string_view(name).substr(name.rfind('/') + 1));
  }

  /// Types, required and unknown names, enumerations and nullability, as far as the contract uses them.
  void expect_fits(const json::value& value, const json::value& unresolved, const std::string& where) const {
    const json::object& schema = resolve(unresolved).as_object();
    if (const auto* choices = schema.if_contains("oneOf")) {
      if (!value.is_null()) expect_fits(value, choices->at(0), where);
      return;
    }
    if (const auto* values = schema.if_contains("enum")) {
      EXPECT_TRUE(std::ranges::count(values->as_array(), value)) << where;
    }
    if (!schema.contains("type") || !schema.at("type").is_string()) return;
    const std::string_view type = schema.at("type").as_string();
    if (type == "string") EXPECT_TRUE(value.is_string()) << where;
    if (type == "integer") EXPECT_TRUE(value.is_int64()) << where;
    if (type == "number") EXPECT_TRUE(value.is_number()) << where;
    if (type == "boolean") EXPECT_TRUE(value.is_bool()) << where;
    if (type == "array") {
      ASSERT_TRUE(value.is_array()) << where;
      for (const json::value& item : value.as_array()) expect_fits(item, schema.at("items"), where + "[]");
    }
    if (type != "object" || !schema.contains("properties")) return;
    ASSERT_TRUE(value.is_object()) << where;
    if (const auto* required = schema.if_contains("required")) {
      for (const json::value& name : required->as_array())
        EXPECT_TRUE(value.as_object().contains(name.as_string())) << where << "." << name;
    }
    for (const auto& [name, member] : value.as_object()) {
      const json::value* property = schema.at("properties").as_object().if_contains(name);
      ASSERT_NE(property, nullptr) << where << "." << std::string_view(name) << " is not in the contract";
      expect_fits(member, *property, where + "." + std::string(name));
    }
  }
};

TEST_F(OpenApi, NamesExactlyTheRoutesThatAreServed) {
  TestingApi api;
  std::set<std::string> served;
  for (const Route& route : api.router.routes()) served.insert(to_lower(to_string(route.method)) + " " + route.pattern);
  std::set<std::string> described;
  for (const auto& [path, item] : contract.at("paths").as_object()) {
    for (const auto& [method, operation] : item.as_object()) {
      if (std::string_view(method) != "parameters") described.insert(std::string(method) + " " + std::string(path));
    }
  }
  EXPECT_EQ(described, served);
}

TEST_F(OpenApi, SaysWhichRoutesNeedALogin) {
  TestingApi api;
  for (const Route& route : api.router.routes()) {
    const json::value& operation = contract.at("paths").at(route.pattern).at(to_lower(to_string(route.method)));
    const json::array& security = operation.at("security").as_array();
    const bool needs_bearer =
        std::ranges::any_of(security, [](const json::value& way) { return way.as_object().contains("bearer"); });
    EXPECT_EQ(needs_bearer, route.access == Access::user) << route.pattern;
    EXPECT_EQ(operation.at("responses").as_object().contains("401") || !needs_bearer, true) << route.pattern;
  }
}

TEST_F(OpenApi, ItsReferencesExist) {
  const std::string text(openapi_json());
  const std::string mark = "\"$ref\": \"#/";
  for (std::size_t at = text.find(mark); at != std::string::npos; at = text.find(mark, at + 1)) {
    const std::size_t start = at + mark.size() - 1;
    const std::string pointer = text.substr(start, text.find('"', start) - start);
    boost::system::error_code problem;
    EXPECT_NE(contract.find_pointer(pointer, problem), nullptr) << pointer;
  }
}

TEST_F(OpenApi, AnswersFitIt) {
  TestingApi api;
  const std::string bearer = api.bearer();
  const std::string id = api.add_task();
  expect_fits(json_of(api.ask("GET", "/api/tasks/" + id, bearer)), schemas.at("Task"), "fresh");
  api.convert_next();
  expect_fits(json_of(api.ask("GET", "/api/tasks/" + id, bearer)), schemas.at("Task"), "done");
  const std::string events = api.connect()
                                 .send(request("GET", "/api/tasks/" + id + "/events", bearer + "Connection: close\r\n"))
                                 .read_to_end()
                                 .value();
  const std::size_t data = events.find("data: ") + 6;
  expect_fits(json::parse(events.substr(data, events.find('\n', data) - data)), schemas.at("TaskEvent"), "event");
  expect_fits(json_of(api.ask_json("PUT", "/api/tasks/" + id, R"({"newFormat":"mp3","quality":2})", bearer)),
              schemas.at("TaskMessage"), "put");
  api.objects.give_links("https://store.example/");
  const std::string announced = R"({"size":1,"sha256":")" + std::string(64, 'a') + R"(","newFormat":"mp3"})";
  expect_fits(json_of(api.ask_json("POST", "/api/uploads/direct", announced, bearer)), schemas.at("OpenUpload"),
              "direct upload");
  expect_fits(json_of(api.ask("GET", "/api/formats")), schemas.at("Formats"), "formats");
  expect_fits(json_of(api.ask("GET", "/api/stats/queue")), schemas.at("QueueStats"), "queue");
  expect_fits(json_of(api.log_in("ada")), schemas.at("Token"), "token");
  expect_fits(json_of(api.ask("GET", "/api/tasks?max=x", bearer)), schemas.at("Problem"), "problem");
}

TEST_F(OpenApi, IsServed) {
  TestingApi api;
  EXPECT_EQ(api.ask("GET", "/api/openapi.json").body, openapi_json());
}

}  // namespace
}  // namespace decant::http
