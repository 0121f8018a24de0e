#include "http/api_tasks.h"

#include <fmt/format.h>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/json.hpp>

#include "http/api_change.h"
#include "http/api_endpoint.h"
#include "http/api_json.h"
#include "http/api_task_json.h"
#include "http/api_upload_form.h"
#include "http/syntax.h"

namespace decant::http {
namespace {

constexpr ByteCount json_limit = 64 * 1024;
constexpr ByteCount form_overhead = 512 * 1024;  // all that is in the form but the files
constexpr ByteCount upload_piece = 256 * 1024;
constexpr int default_list_max = 100;

Result<int> find_max(const Request& request, int list_max) {
  const auto text = request.find_query("max");
  if (!text) return std::min(default_list_max, list_max);
  const auto number = parse_decimal(*text);
  if (!number || *number < 1 || *number > list_max) {
    return wrong_field("max", fmt::format("must be from 1 to {}", list_max));
  }
  return static_cast<int>(*number);
}

Result<tasks::Order> find_order(const Request& request) {
  const std::string text = to_lower(request.find_query("order").value_or("asc"));
  if (text == "0" || text == "asc") return tasks::Order::oldest_first;
  if (text == "1" || text == "desc") return tasks::Order::newest_first;
  return wrong_field("order", "must be 0 or asc (oldest first), 1 or desc (newest first)");
}

Result<tasks::ListQuery> parse_list_query(const Request& request, int list_max) {
  tasks::ListQuery query;
  query.user = request.user->id;
  DECANT_TRY(query.max, find_max(request, list_max));
  DECANT_TRY(query.order, find_order(request));
  if (const auto after = request.find_query("after")) {
    query.after = tasks::TaskId::parse(*after);
    if (!query.after) return wrong_field("after", "must be the id of a task");
  }
  if (const auto state = request.find_query("state")) {
    query.state = tasks::find_state(*state);
    if (!query.state) return wrong_field("state", "must be UPLOADED, PROCESSING, PROCESSED, FAILED or CANCELED");
  }
  return query;
}

/// The same for equal queries only.
std::string text_of(const tasks::ListQuery& query) {
  return fmt::format("{} {} {} {} {}", query.user.text(), query.max, query.order == tasks::Order::oldest_first,
                     query.after ? query.after->text() : "", query.state ? to_string(*query.state) : "");
}

/// RFC 8288: where the tasks behind `last` are.
std::string next_link(const tasks::ListQuery& query, const tasks::TaskId& last) {
  const std::string state = query.state ? fmt::format("&state={}", to_string(*query.state)) : "";
  return fmt::format(R"(</api/tasks?max={}&order={}{}&after={}>; rel="next")", query.max,
                     query.order == tasks::Order::oldest_first ? "asc" : "desc", state, last.text());
}

/// At most 128 visible ASCII characters; empty when there is none.
Result<std::string> parse_idempotency_key(const Request& request) {
  const std::string_view key = request.header("Idempotency-Key");
  const bool is_visible = std::ranges::all_of(key, [](char c) { return c > ' ' && c <= '~'; });
  if (key.size() > 128 || !is_visible) {
    return wrong_field("Idempotency-Key", "must be at most 128 visible ASCII characters");
  }
  return std::string(key);
}

/// Fills the buffer as far as the body reaches: fewer bytes mean that it is over.
Awaitable<Result<std::size_t>> read_full(BodyReader& body, std::span<std::byte> buffer) {
  std::size_t size = 0;
  while (size < buffer.size()) {
    DECANT_CO_TRY(const std::size_t got, co_await body.read_some(buffer.subspan(size)));
    if (got == 0) break;
    size += got;
  }
  co_return size;
}

}  // namespace

Result<tasks::TaskId> task_id_of(const Request& request) {
  const auto parameter = request.path_parameters.find("id");
  const auto id = tasks::TaskId::parse(parameter == request.path_parameters.end() ? "" : parameter->second);
  if (!id) return tasks::no_such_task();
  return *id;
}

TasksApi::TasksApi(const ApiOptions& options, const ApiParts& parts)
    : options_(options),
      parts_(parts),
      service_({.max_attempts = options.max_attempts, .quota = options.quota, .cover = options.cover},
               {parts.tasks, parts.objects, parts.bell, parts.converter, parts.clock, parts.log}),
      uploads_(options.uploads_per_user),
      lists_(options.list_cache) {}

void TasksApi::add_routes(Router& router) {
  const auto add = [&](Method method, std::string pattern, ByteCount body_limit,
                       Awaitable<Result<Response>> (TasksApi::*endpoint)(Request&)) {
    router.add(
        {.method = method,
         .pattern = std::move(pattern),
         .access = Access::user,
         .body_limit = body_limit,
         .handler = answer([this, endpoint](Request& request) { return (this->*endpoint)(request); }, parts_.log)});
  };
  add(Method::post, "/api/tasks", options_.upload_limit + options_.cover.bytes + form_overhead, &TasksApi::submit);
  add(Method::get, "/api/tasks", 0, &TasksApi::list);
  add(Method::get, "/api/tasks/{id}", 0, &TasksApi::get);
  add(Method::put, "/api/tasks/{id}", json_limit, &TasksApi::reconvert);
  add(Method::remove, "/api/tasks/{id}", json_limit, &TasksApi::forget);
}

Awaitable<Result<Response>> TasksApi::submit(Request& request) {
  using boost::asio::experimental::awaitable_operators::operator&&;
  DECANT_CO_TRY(const std::string key, parse_idempotency_key(request));
  DECANT_CO_TRY(const std::string boundary, MultipartParser::find_boundary(request.header("Content-Type")));
  const std::optional<ByteCount> length = request.body->length();
  if (options_.quota > 0 && length.value_or(0) > options_.quota + form_overhead) {
    co_return failure(ErrorCode::quota_exceeded, "the file is larger than all the room that a user has");
  }
  const auto slot = uploads_.take(request.user->id.text());
  if (!slot) co_return failure(ErrorCode::rate_limited, "too many uploads at once: wait for one to end");

  UploadForm form({boundary, options_.spool_folder, options_.upload_limit, options_.cover.bytes}, service_);
  // One byte more than the body has, so that a short read tells its end.
  const auto piece = static_cast<std::size_t>(std::min(upload_piece, length.value_or(upload_piece) + 1));
  std::vector<std::byte> buffer(piece);
  DECANT_CO_TRY(std::size_t size, co_await read_full(*request.body, buffer));
  if (size == buffer.size()) {
    // The fields stand in front, mostly: what is wrong with them is told before more of the file comes.
    DECANT_CO_CHECK(co_await parts_.pool.run([&] { return form.feed(buffer); }));
    DECANT_CO_TRY(size, co_await read_full(*request.body, buffer));
  }
  // From here on one buffer is hashed and written while the other is filled.
  std::vector<std::byte> next(size == buffer.size() ? piece : 0);
  while (size == buffer.size()) {
    auto feed = parts_.pool.run([&] { return form.feed(buffer); });
    auto [fed, read] = co_await (std::move(feed) && read_full(*request.body, next));
    DECANT_CO_CHECK(std::move(fed));
    DECANT_CO_TRY(size, std::move(read));
    std::swap(buffer, next);
  }
  DECANT_CO_TRY(const tasks::Task task, co_await parts_.pool.run_with_store([&]() -> Result<tasks::Task> {
    DECANT_CHECK(form.feed(std::span(buffer).first(size)));
    DECANT_TRY(tasks::Submission submission, form.finish());
    submission.user = request.user->id;
    submission.idempotency_key = key;
    submission.trace = request.trace;
    return service_.submit(submission, form.upload(), form.cover());
  }));
  Response response = Response::json(201, task_message_json("the task was made", task, parts_.converter.formats()));
  response.set("Location", "/api/tasks/" + task.id.text());
  co_return response;
}

Result<ListPage> TasksApi::read_page(const tasks::ListQuery& query) {
  const auto max = static_cast<std::size_t>(query.max);
  tasks::ListQuery one_more = query;
  ++one_more.max;
  DECANT_TRY(std::vector<tasks::Task> found, service_.list_tasks(one_more));
  ListPage page;
  if (found.size() > max) {
    found.resize(max);
    page.next_link = next_link(query, found.back().id);
  }
  page.json = std::make_shared<const std::string>(tasks_json(found, parts_.converter.formats()));
  return page;
}

Awaitable<Result<Response>> TasksApi::list(Request& request) {
  DECANT_CO_TRY(const tasks::ListQuery query, parse_list_query(request, options_.list_max));
  const std::string key = text_of(query);
  // Before the page is read: a change that comes between the two makes it one of no version.
  const std::optional<std::int64_t> version = parts_.tasks.list_version();
  std::optional<ListPage> page;
  if (version) page = lists_.find(key, *version);
  if (!page) {
    DECANT_CO_TRY(page, co_await parts_.pool.run([&] { return read_page(query); }));
    if (version) lists_.keep(key, *version, *page);
  }
  Response response;
  response.set("Content-Type", "application/json").set("Cache-Control", "no-store");
  if (!page->next_link.empty()) response.set("Link", page->next_link);
  response.body = std::move(page->json);
  co_return response;
}

Awaitable<Result<Response>> TasksApi::get(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  DECANT_CO_TRY(const tasks::Task task,
                co_await parts_.pool.run([&] { return service_.get_task(id, request.user->id); }));
  Response response = Response::json(200, task_json(task, parts_.converter.formats()));
  response.set("Cache-Control", "no-store");
  co_return response;
}

Awaitable<Result<Response>> TasksApi::reconvert(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  DECANT_CO_TRY(auto body, co_await read_json_object(request));
  DECANT_CO_TRY(const Change change, parse_change(std::move(body)));
  DECANT_CO_TRY(const tasks::Task task, co_await parts_.pool.run([&] {
    return service_.reconvert(id, request.user->id, change.target, change.options, request.trace);
  }));
  co_return Response::json(200,
                           task_message_json("the task will be converted again", task, parts_.converter.formats()));
}

Awaitable<Result<Response>> TasksApi::forget(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  DECANT_CO_CHECK(co_await parts_.pool.run_with_store([&] { return service_.forget(id, request.user->id); }));
  Response response;
  response.status = 204;
  co_return response;
}

}  // namespace decant::http
