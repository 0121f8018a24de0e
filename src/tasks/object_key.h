#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tasks/task.h"

namespace decant::tasks {

/// The longest key: an adapter may keep it as one file name (255 bytes) with a suffix of its own.
inline constexpr std::size_t longest_object_key = 200;

/// Whether every store must take this key: relative segments of [a-z0-9._-], none empty or beginning with a dot, joined
/// by '/'.
[[nodiscard]] bool is_object_key(std::string_view key);

/// "sources/{task}/{random}.{extension}". The random part makes every upload a key of its own.
[[nodiscard]] std::string make_source_key(const TaskId& task, std::string_view extension);
/// "results/{task}/{fence}-{random}.{extension}": no two claims, and no two tries of one claim, write the same key.
[[nodiscard]] std::string make_result_key(const TaskId& task, std::int64_t fence, std::string_view extension);

}  // namespace decant::tasks
