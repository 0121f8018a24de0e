#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "tasks/options.h"
#include "tasks/task.h"

namespace decant::http {

/// A task as the API shows it (docs/api/openapi.json, schema Task).
[[nodiscard]] std::string task_json(const tasks::Task& task, const tasks::FormatCatalog& formats);
/// {"message", "task"} (schema TaskMessage).
[[nodiscard]] std::string task_message_json(std::string_view message, const tasks::Task& task,
                                            const tasks::FormatCatalog& formats);
/// A JSON array of them.
[[nodiscard]] std::string tasks_json(const std::vector<tasks::Task>& tasks, const tasks::FormatCatalog& formats);

}  // namespace decant::http
