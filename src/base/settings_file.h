#pragma once

#include <string>
#include <vector>

#include "base/result.h"

namespace decant {

struct FileSetting {
  std::string name;
  std::string text;
  std::string origin;  ///< "decant.toml line 3"
};

/// The top level of a TOML 1.0 file: texts and whole numbers as text. Blocks. invalid_argument says where the file is
/// wrong; a value of another type is.
Result<std::vector<FileSetting>> read_settings_file(const std::string& path);

}  // namespace decant
