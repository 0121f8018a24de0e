#include "objects/s3/ini_file.h"

#include <fstream>
#include <string_view>

namespace decant::objects {
namespace {

constexpr std::size_t most_bytes = 1 << 20;

std::string_view trim(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  const std::size_t first = text.find_first_not_of(blanks);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(blanks) - first + 1);
}

}  // namespace

std::map<std::string, std::string> read_ini_section(const std::filesystem::path& path, const std::string& section) {
  std::map<std::string, std::string> settings;
  std::ifstream file(path);
  bool is_inside = false;
  std::size_t read = 0;
  for (std::string line; std::getline(file, line) && (read += line.size()) <= most_bytes;) {
    const std::string_view text = trim(line);
    if (text.empty() || text.starts_with('#') || text.starts_with(';')) continue;
    if (text.starts_with('[')) {
      is_inside = text.ends_with(']') && trim(text.substr(1, text.size() - 2)) == section;
      continue;
    }
    const std::size_t equals = text.find('=');
    if (!is_inside || equals == std::string_view::npos) continue;
    settings.insert_or_assign(std::string(trim(text.substr(0, equals))), std::string(trim(text.substr(equals + 1))));
  }
  return settings;
}

}  // namespace decant::objects
