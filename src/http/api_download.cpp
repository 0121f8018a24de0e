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

Result<Found> describe(const tasks::Task& task, Which which) {
  if (which == Which::original) {
    return Found{tasks::with_some_extension(task.name, task.source.extension), task.source, task.created, nullptr};
  }
  if (!task.result) {
    return failure(ErrorCode::conflict, fmt::format("there is no result yet: the task is {}", to_string(task.state)));
  }
  return Found{tasks::with_extension(task.name, task.result->extension), *task.result, task.updated, nullptr};
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

Awaitable<Result<Response>> DownloadApi::download(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  DECANT_CO_TRY(const Which which, parse_which(request));
  DECANT_CO_TRY(Found found, co_await parts_.pool.run([&] { return find_file(parts_, id, request.user->id, which); }));
  const Representation representation{.etag = '"' + found.file.sha256 + '"',
                                      .last_modified = std::chrono::floor<std::chrono::seconds>(found.modified),
                                      .size = found.file.size};
  Response response = make_object_response(request, representation, std::move(found.reader));
  if (response.status >= 400) co_return response;
  response.set("Content-Type", found.file.mime_type);
  response.set("Content-Disposition", make_content_disposition(Disposition::attachment, found.name));
  response.set("Cache-Control", "private, no-cache");
  // Whatever the file holds, it never runs with the rights of the page.
  response.set("Content-Security-Policy", "sandbox; default-src 'none'");
  co_return response;
}

}  // namespace decant::http
