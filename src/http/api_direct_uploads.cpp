#include "http/api_direct_uploads.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "http/api_change.h"
#include "http/api_endpoint.h"
#include "http/api_json.h"
#include "http/api_task_json.h"
#include "http/api_tasks.h"

namespace decant::http {
namespace {

namespace json = boost::json;

constexpr ByteCount json_limit = 64 * 1024;

/// {"size", "sha256", "filename"?} and what parse_change() takes.
Result<tasks::Announcement> parse_announcement(json::object body) {
  tasks::Announcement announcement;
  JsonFields fields(body);
  announcement.sha256 = fields.text("sha256");
  if (body.contains("filename")) announcement.name = fields.text("filename");
  DECANT_CHECK(fields.check());
  const json::value* size = body.if_contains("size");
  if (size == nullptr || !size->is_int64()) return wrong_field("size", "must be the number of bytes of the file");
  announcement.size = size->get_int64();
  for (const char* const name : {"size", "sha256", "filename"}) body.erase(name);
  DECANT_TRY(Change change, parse_change(std::move(body)));
  announcement.target = std::move(change.target);
  announcement.options = std::move(change.options);
  return announcement;
}

std::string confirmation_path(const tasks::TaskId& id) { return "/api/uploads/direct/" + id.text(); }

std::string to_json(const tasks::OpenUpload& upload) {
  json::object headers;
  for (const auto& [name, value] : upload.link.headers) headers.emplace(name, value);
  return json::serialize(json::object{{"id", upload.id.text()},
                                      {"method", "PUT"},
                                      {"url", upload.link.url},
                                      {"headers", std::move(headers)},
                                      {"expires", to_iso8601(upload.expires)},
                                      {"confirm", confirmation_path(upload.id)}});
}

}  // namespace

DirectUploadsApi::DirectUploadsApi(const ApiOptions& options, const ApiParts& parts)
    : parts_(parts),
      service_({.max_attempts = options.max_attempts, .quota = options.quota, .cover = options.cover},
               {parts.tasks, parts.objects, parts.bell, parts.converter, parts.clock, parts.log}),
      uploads_(
          {.max_attempts = options.max_attempts,
           .quota = options.quota,
           .most = options.upload_limit,
           .most_open = options.direct_uploads_per_user,
           .link_lifetime = options.upload_link_lifetime,
           .grace = options.direct_upload_grace},
          {service_, parts.uploads, parts.tasks, parts.objects, parts.bell, parts.converter, parts.clock, parts.log}),
      confirmations_(options.uploads_per_user) {}

void DirectUploadsApi::add_routes(Router& router) {
  const auto add = [&](std::string pattern, Awaitable<Result<Response>> (DirectUploadsApi::*endpoint)(Request&)) {
    router.add(
        {.method = Method::post,
         .pattern = std::move(pattern),
         .access = Access::user,
         .body_limit = json_limit,
         .handler = answer([this, endpoint](Request& request) { return (this->*endpoint)(request); }, parts_.log)});
  };
  add("/api/uploads/direct", &DirectUploadsApi::announce);
  add("/api/uploads/direct/{id}", &DirectUploadsApi::confirm);
}

Awaitable<Result<Response>> DirectUploadsApi::announce(Request& request) {
  DECANT_CO_TRY(auto body, co_await read_json_object(request));
  DECANT_CO_TRY(tasks::Announcement announcement, parse_announcement(std::move(body)));
  announcement.user = request.user->id;
  DECANT_CO_TRY(const tasks::OpenUpload upload,
                co_await parts_.pool.run([&] { return uploads_.announce(announcement); }));
  Response response = Response::json(201, to_json(upload));
  response.set("Location", confirmation_path(upload.id));
  // Whoever has the link may use it.
  response.set("Cache-Control", "no-store");
  co_return response;
}

Awaitable<Result<Response>> DirectUploadsApi::confirm(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  // All of the file is read: as dear as an upload that comes here.
  const auto slot = confirmations_.take(request.user->id.text());
  if (!slot) co_return failure(ErrorCode::rate_limited, "too many confirmations at once: wait for one to end");
  DECANT_CO_TRY(const tasks::Task task, co_await parts_.pool.run_with_store(
                                            [&] { return uploads_.confirm(id, request.user->id, request.trace); }));
  Response response = Response::json(201, task_message_json("the task was made", task, parts_.converter.formats()));
  response.set("Location", "/api/tasks/" + task.id.text());
  co_return response;
}

}  // namespace decant::http
