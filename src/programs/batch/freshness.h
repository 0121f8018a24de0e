#pragma once

#include <optional>
#include <string>

#include "programs/batch/file_status.h"
#include "tasks/options.h"

namespace decant::programs::batch {

/// What an output is made from and how, as one line: the input's version, the format, the options.
[[nodiscard]] std::string describe_source(const FileVersion& input, const std::string& target,
                                          const tasks::ConversionOptions& options);

/// What decant knows of an output that it made.
struct Record {
  FileVersion made;    ///< the output, when it was complete
  std::string source;  ///< as describe_source() gave it
};

/// Keeps a record with the open and complete output, in its extended attribute user.decant.source; a file system that
/// has none leaves freshness to the times.
void keep_record(int output, const std::string& source);

enum class Freshness {
  absent,   ///< there is no output, or an empty one
  current,  ///< made from this version with these options; without a record: not older than the input
  stale,    ///< made by decant, from another version or with other options, or cut short since by a power failure
  foreign,  ///< older than the input and without a record: nobody knows who made it
};

/// What stands under an output's name.
struct OutputState {
  FileId id;
  FileVersion version;
  std::optional<Record> record;
};

/// Blocks.
[[nodiscard]] std::optional<OutputState> find_output(const std::string& path);

[[nodiscard]] Freshness judge(const FileVersion& input, const std::string& source,
                              const std::optional<OutputState>& output);

}  // namespace decant::programs::batch
