#include "http/api_analysis.h"

#include <fmt/format.h>

#include <cstring>

#include "http/api_endpoint.h"
#include "http/api_json.h"
#include "http/api_tasks.h"
#include "http/conditional.h"
#include "tasks/result_files.h"
#include "tasks/waveform.h"

namespace decant::http {
namespace {

enum class Form { json, binary };

Result<Form> choose_form(const Request& request) {
  if (const auto format = request.find_query("format")) {
    if (*format == "json") return Form::json;
    if (*format == "dat") return Form::binary;
    return wrong_field("format", "must be json or dat");
  }
  const std::string_view accepted = request.header("Accept");
  const bool wants_binary = accepted.find("application/octet-stream") != std::string_view::npos &&
                            accepted.find("application/json") == std::string_view::npos;
  return wants_binary ? Form::binary : Form::json;
}

struct Found {
  std::string etag;
  WallTime modified;
  std::unique_ptr<tasks::ObjectReader> reader;
};

Result<Found> find_artifact(const ApiParts& parts, const tasks::TaskId& id, const tasks::UserId& user,
                            tasks::Analysis analysis) {
  // A new result may take the old one's place between the row and the file: then the row is worth a second look.
  for (int tries_left = 1;; --tries_left) {
    DECANT_TRY(const auto task, parts.tasks.find_task(id, user));
    if (!task) return tasks::no_such_task();
    if (!task->result) {
      return failure(ErrorCode::conflict,
                     fmt::format("there is no result yet: the task is {}", to_string(task->state)));
    }
    const std::string key = tasks::make_artifact_key(task->result->key, analysis);
    auto reader = parts.objects.open(key);
    // The last part of a key is never used twice, and an object never changes.
    if (reader) return Found{'"' + key.substr(key.rfind('/') + 1) + '"', task->updated, *std::move(reader)};
    if (reader.error().code != ErrorCode::not_found) return Failure(std::move(reader).error());
    if (tries_left == 0) {
      return failure(ErrorCode::not_found,
                     fmt::format("this result has no {0}: convert with the analysis {0}", to_string(analysis)));
    }
  }
}

/// A text made for one response.
class TextReader final : public tasks::ObjectReader {
 public:
  explicit TextReader(std::string text) : text_(std::move(text)) {}
  [[nodiscard]] ByteCount size() const override { return std::ssize(text_); }
  [[nodiscard]] int descriptor() const override { return -1; }
  Result<std::size_t> read(ByteCount offset, std::span<std::byte> buffer) override {
    const std::string_view rest = std::string_view(text_).substr(static_cast<std::size_t>(offset));
    const std::size_t size = std::min(rest.size(), buffer.size());
    std::memcpy(buffer.data(), rest.data(), size);
    return size;
  }

 private:
  std::string text_;
};

Result<std::string> read_as_json(tasks::ObjectReader& reader) {
  std::vector<std::byte> dat(static_cast<std::size_t>(reader.size()));
  for (std::size_t at = 0; at < dat.size();) {
    DECANT_TRY(const std::size_t got, reader.read(static_cast<ByteCount>(at), std::span(dat).subspan(at)));
    if (got == 0) return failure(ErrorCode::internal, "the waveform is cut off");
    at += got;
  }
  return tasks::waveform_json(dat);
}

Response make_response(const Request& request, Found found, std::string_view type) {
  const Representation representation{.etag = std::move(found.etag),
                                      .last_modified = std::chrono::floor<std::chrono::seconds>(found.modified),
                                      .size = found.reader->size()};
  Response response = make_object_response(request, representation, std::move(found.reader));
  if (response.status >= 400) return response;
  response.set("Content-Type", std::string(type));
  response.set("Cache-Control", "private, no-cache");
  response.set("Content-Security-Policy", "sandbox; default-src 'none'");
  return response;
}

}  // namespace

void AnalysisApi::add_routes(Router& router) {
  const auto add = [&](std::string pattern, Awaitable<Result<Response>> (AnalysisApi::*endpoint)(Request&)) {
    router.add(
        {.method = Method::get,
         .pattern = std::move(pattern),
         .access = Access::user,
         .handler = answer([this, endpoint](Request& request) { return (this->*endpoint)(request); }, parts_.log)});
  };
  add("/api/tasks/{id}/waveform", &AnalysisApi::waveform);
  add("/api/tasks/{id}/spectrogram", &AnalysisApi::spectrogram);
}

Awaitable<Result<Response>> AnalysisApi::waveform(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  DECANT_CO_TRY(const Form form, choose_form(request));
  DECANT_CO_TRY(Found found, co_await parts_.pool.run_with_store([&]() -> Result<Found> {
    DECANT_TRY(Found artifact, find_artifact(parts_, id, request.user->id, tasks::Analysis::waveform));
    if (form == Form::json) {
      DECANT_TRY(std::string text, read_as_json(*artifact.reader));
      artifact.reader = std::make_unique<TextReader>(std::move(text));
      artifact.etag.insert(artifact.etag.size() - 1, ".json");
    }
    return artifact;
  }));
  Response response =
      make_response(request, std::move(found), form == Form::json ? "application/json" : "application/octet-stream");
  response.set("Vary", "Accept");
  co_return response;
}

Awaitable<Result<Response>> AnalysisApi::spectrogram(Request& request) {
  DECANT_CO_TRY(const tasks::TaskId id, task_id_of(request));
  DECANT_CO_TRY(Found found, co_await parts_.pool.run_with_store([&] {
    return find_artifact(parts_, id, request.user->id, tasks::Analysis::spectrogram);
  }));
  co_return make_response(request, std::move(found), "image/png");
}

}  // namespace decant::http
