#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <vector>

namespace decant::objects {

/// The settings of one section of an INI file as the AWS tools write them ("[name]", "key = value", "#" comments);
/// empty when the file or the section is not there. Files above 1 MiB are not read. Blocks.
[[nodiscard]] std::map<std::string, std::string> read_ini_section(const std::filesystem::path& path,
                                                                  const std::string& section);

}  // namespace decant::objects
