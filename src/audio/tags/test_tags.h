#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "tasks/media.h"

namespace decant::audio {

/// "name=value", with "[language|description]" behind the name where there is one.
inline std::vector<std::string> described(const std::vector<tasks::Tag>& tags) {
  std::vector<std::string> lines;
  for (const auto& tag : tags) {
    const bool has_more = !tag.language.empty() || !tag.description.empty();
    const std::string more = has_more ? "[" + tag.language + "|" + tag.description + "]" : "";
    lines.push_back(tag.name + more + "=" + tag.value);
  }
  return lines;
}

inline std::span<const std::uint8_t> as_bytes(std::string_view text) {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

}  // namespace decant::audio
