#include "http/api_download.h"

#include <fmt/format.h>

#include "http/api_endpoint.h"
#include "http/api_json.h"
#include "http/api_tasks.h"
#include "http/conditional.h"
#include "http/content_disposition.h"
#include "tasks/display_name.h"

namespace decant::http {
namespace {

enum class Which { result, original };

Result<Which> parse_which(const Request& request) {
  const std::string text = request.find_query("which").value_or("result");
  if (text == "result") return Which::result;
  if (text == "original") return Which::original;
  return wrong_field("which", "must be result or original");
}

struct Found {
  std::string name;
  tasks::StoredFile file;
  WallTime modified;
  std::unique_ptr<tasks::ObjectReader> reader;
};

Representation representation_of(const Found& found) {
  return {.etag = '"' + found.file.sha256 + '"',
          .last_modified = std::chrono::floor<std::chrono::seconds>(found.modified),
          .size = found.file.size};
}

Result<Found> describe(const tasks::Task& task, Which which) {
  if (which == Which::original) {
    return Found{tasks::with_some_extension(task.name, task.source.extension), task.source, task.created, nullptr};
  }
  if (!task.result) {
    return failure(ErrorCode::conflict, fmt::format("there is no result yet: the task is {}", to_string(task.state)));
  }
  return Found{tasks::with_extension(task.name, task.result->extension), *task.result, task.updated, nullptr};
}

/// Where the store gives the file itself; nothing where it does not.
Result<std::optional<std::string>> find_link(const ApiParts& parts, const tasks::TaskId& id, const tasks::UserId& user,
                                             Which which, const Request& request, std::chrono::seconds lifetime) {
  DECANT_TRY(const auto task, parts.tasks.find_task(id, user));
  if (!task) return tasks::no_such_task();
  DECANT_TRY(const Found found, describe(*task, which));
  // What the client has, or cannot get, is told here.
  const int status = select(request, representation_of(found)).status;
  if (status != 200 && status != 206) return std::nullopt;
  DECANT_TRY(auto link, parts.objects.make_link(found.file.key,
                                                tasks::DownloadLink{.lifetime = lifetime,
                                                                    .content_type = found.file.mime_type,
                                                                    .content_disposition = make_content_disposition(
                                                                        Disposition::attachment, found.name)}));
  if (!link) return std::nullopt;
  return std::move(link->url);
}

Response make_redirect(std::string target) {
  Response response;
  response.status = 302;
  response.set("Location", std::move(target));
  // It is as good as a key to the file.
  response.set("Cache-Control", "no-store");
  response.set("Referrer-Policy", "no-referrer");
  return response;
}

Result<Found> find_file(const ApiParts& parts, const tasks::TaskId& id, const tasks::UserId& user, Which which) {
  // A new result may take the old one's place between the row and the file: then the row is worth a second look.
  for (int tries_left = 1;; --tries_left) {
    DECANT_TRY(const auto task, parts.tasks.find_task(id, user));
    if (!task) return tasks::no_such_task();
    DECANT_TRY(Found found, describe(*task, which));
    auto reader = parts.objects.open(found.file.key);
    if (reader) {
      found.reader = *std::move(reader);
      return found;
    }
    if (reader.error().code != ErrorCode::not_found) return Failure(std::move(reader).error());
    if (tries_left == 0) return failure(ErrorCode::internal, "the file is lost", "no object " + found.file.key);
  }
}

}  // namespace

void DownloadApi::add_routes(Router& router) {
  router.add({.method = Method::get,
              .pattern = "/api/download/{id}",
              .access = Access::user,
              .handler = answer([this](Request& request) { return download(request); }, parts_.log)});
}

bool DownloadApi::may_redirect(const Request& request) const {
  if (options_.downloads != Downloads::redirect || request.method != Method::get) return false;
  // What a page loads into itself must come from here: its Content-Security-Policy knows no other place.
  const std::string_view destination = request.header("Sec-Fetch-Dest");
  return destination.empty() || destination == "document";
}

Awaitable<Result<Response>> DownloadApi::download(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  DECANT_CO_TRY(const Which which, parse_which(request));
  if (may_redirect(request)) {
    DECANT_CO_TRY(auto link, co_await parts_.pool.run_with_store([&] {
      return find_link(parts_, id, request.user->id, which, request, options_.link_lifetime);
    }));
    if (link) co_return make_redirect(*std::move(link));
  }
  DECANT_CO_TRY(Found found,
                co_await parts_.pool.run_with_store([&] { return find_file(parts_, id, request.user->id, which); }));
  Response response = make_object_response(request, representation_of(found), std::move(found.reader));
  if (response.status >= 400) co_return response;
  response.set("Content-Type", found.file.mime_type);
  response.set("Content-Disposition", make_content_disposition(Disposition::attachment, found.name));
  response.set("Cache-Control", "private, no-cache");
  // Whatever the file holds, it never runs with the rights of the page.
  response.set("Content-Security-Policy", "sandbox; default-src 'none'");
  co_return response;
}

}  // namespace decant::http
