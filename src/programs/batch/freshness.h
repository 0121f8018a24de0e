#pragma once

#include <optional>
#include <string>

#include "programs/batch/file_status.h"
#include "tasks/options.h"

namespace decant::programs::batch {

/// What an output was made from and how, as one line: the input's version, the format, the options. It is kept in the
/// output's extended attribute user.decant.source, where the file system has those.
[[nodiscard]] std::string make_record(const FileVersion& input, const std::string& target,
                                      const tasks::ConversionOptions& options);
/// Keeps it with the open output; a file system that cannot leaves freshness to the times.
void keep_record(int output, const std::string& record);

enum class Freshness {
  absent,   ///< there is no output
  current,  ///< made from this version with these options; without a record: not older than the input
  stale,    ///< made by decant, from another version or with other options
  foreign,  ///< older than the input and without a record: nobody knows who made it
};

/// What stands under an output's name.
struct OutputState {
  FileId id;
  FileVersion version;
  std::string record;  ///< empty: none
};

/// Blocks.
[[nodiscard]] std::optional<OutputState> find_output(const std::string& path);

[[nodiscard]] Freshness judge(const FileVersion& input, const std::string& record,
                              const std::optional<OutputState>& output);

}  // namespace decant::programs::batch
