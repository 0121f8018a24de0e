#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace decant::programs {

/// What people are told of a conversion's report (tasks::ConversionResult::report), without control characters.
struct FidelityLines {
  std::vector<std::string> notes;
  std::vector<std::string> dropped;  ///< a line for each tag, picture or chapter that was not kept
  std::string missing;               ///< the same in one line of names, but for what nobody misses; mostly empty
  std::vector<std::string> lost;     ///< a line for each piece of audio that could not be read
};

/// Empty for what is no report.
[[nodiscard]] FidelityLines read_fidelity(std::string_view report);

}  // namespace decant::programs
