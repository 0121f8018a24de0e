#pragma once

#include <functional>
#include <string>
#include <vector>

#include "programs/commands.h"
#include "tasks/options.h"

namespace decant::programs {

/// What the paths of `decant convert` are.
struct ConvertPaths {
  enum class To {
    file,    ///< one input, and the output that was named for it
    folder,  ///< every output goes into `output`
    beside,  ///< every output goes beside its input
  };
  To to = To::file;
  std::vector<std::string> inputs;
  std::string output;  ///< a file or a folder, or empty
};

enum class PathKind { absent, file, folder };

/// Whether the path is there, links followed; "-" and what is neither file nor folder count as files. Blocks.
[[nodiscard]] PathKind look_at_path(const std::string& path);

/// Of several paths the last one is the output, as with cp, when it is a folder, ends with '/', or could be one that is
/// still to be made. Of two it is the output file, unless --to names a format and the second is an existing audio file
/// of another one: then both are inputs. `target`: what --to names, or nullptr. invalid_argument when it makes no
/// sense.
Result<ConvertPaths> read_convert_paths(const std::vector<std::string>& paths, const tasks::TargetFormat* target,
                                        ConvertCommand::Folders folders,
                                        const std::function<PathKind(const std::string&)>& look);

}  // namespace decant::programs
