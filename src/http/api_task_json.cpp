#include "http/api_task_json.h"

#include <fmt/format.h>

#include "http/api_json.h"

namespace decant::http {
namespace {

using tasks::FormatCatalog;
using tasks::Task;

/// The extension of results in that format; the format's name when the engine does not write it any more.
std::string_view extension_of(const std::string& target, const FormatCatalog& formats) {
  const tasks::TargetFormat* format = formats.find_target(target);
  return format == nullptr ? std::string_view(target) : std::string_view(format->extension);
}

std::string error_json(const std::optional<tasks::TaskError>& error) {
  if (!error) return "null";
  return fmt::format(R"({{"code":"{}","message":{}}})", to_string(error->code), json_string(error->message));
}

std::string result_json(const Task& task) {
  if (!task.result) return "null";
  return fmt::format(R"({{"size":{},"sha256":{},"mimeType":{},"extension":{},"format":{}}})", task.result->size,
                     json_string(task.result->sha256), json_string(task.result->mime_type),
                     json_string(task.result->extension), json_string(task.result_target));
}

/// The path of what an analysis made beside the result, or null. While a newer conversion is under way, the options are
/// not those of the result.
std::string artifact_json(const Task& task, tasks::Analysis analysis) {
  if (task.state != tasks::State::PROCESSED || !task.options.analysis.wants(analysis)) return "null";
  return fmt::format(R"("/api/tasks/{}/{}")", task.id.text(), to_string(analysis));
}

std::string links_json(const Task& task) {
  const std::string& id = task.id.text();
  const std::string result = task.result ? fmt::format(R"("/api/download/{}")", id) : "null";
  return fmt::format(
      R"({{"self":"/api/tasks/{}","original":"/api/download/{}?which=original","result":{},"waveform":{},)"
      R"("spectrogram":{}}})",
      id, id, result, artifact_json(task, tasks::Analysis::waveform),
      artifact_json(task, tasks::Analysis::spectrogram));
}

}  // namespace

std::string task_json(const Task& task, const FormatCatalog& formats) {
  // Written straight into text: lists of a thousand tasks are common. Options and report are JSON already.
  return fmt::format(
      R"({{"id":"{}","timestamp":"{}","name":{},"originalExt":{},"convertedExt":{},"state":"{}","user":"{}",)"
      R"("progress":{:.4g},"options":{},"attempts":{},"error":{},"report":{},"result":{},"links":{}}})",
      task.id.text(), to_iso8601(task.created), json_string(task.name), json_string(task.source.extension),
      json_string(extension_of(task.target, formats)), to_string(task.state), task.user.text(), task.progress,
      to_json(task.options), task.attempts, error_json(task.error), task.report.empty() ? "null" : task.report,
      result_json(task), links_json(task));
}

std::string task_message_json(std::string_view message, const Task& task, const FormatCatalog& formats) {
  return fmt::format(R"({{"message":{},"task":{}}})", json_string(message), task_json(task, formats));
}

std::string tasks_json(const std::vector<Task>& tasks, const FormatCatalog& formats) {
  std::string out = "[";
  for (const Task& task : tasks) {
    if (out.size() > 1) out += ',';
    out += task_json(task, formats);
  }
  out += ']';
  return out;
}

}  // namespace decant::http
