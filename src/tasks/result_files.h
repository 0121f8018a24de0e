#pragma once

#include <string>
#include <string_view>

#include "tasks/analysis.h"
#include "tasks/object_store.h"
#include "tasks/task.h"

namespace decant::tasks {

/// The key of what an analysis made, beside the result of the same conversion: "{result}.waveform.dat",
/// "{result}.spectrogram.png". No row names it: it belongs to its result and goes with it.
[[nodiscard]] std::string make_artifact_key(std::string_view result_key, Analysis analysis);
/// The key of a task's cover, beside its source: "{source}.cover". No row names it either.
[[nodiscard]] std::string make_cover_key(std::string_view source_key);
/// The result's key where `key` is an artifact's, the source's where it is a cover's; any other key as it is.
[[nodiscard]] std::string_view owner_of(std::string_view key);

/// Removes what was uploaded. Blocks.
Result<void> remove_source(ObjectStore& objects, const Task& task);
/// Removes a result and its artifacts. Blocks.
Result<void> remove_result(ObjectStore& objects, const std::string& result_key);

}  // namespace decant::tasks
