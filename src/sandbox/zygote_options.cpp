#include <charconv>

#include "sandbox/zygote.h"

namespace decant::sandbox {
namespace {

constexpr std::string_view usage =
    "this program is started by decant: decant-engine --control-fd=N --slots=N --tokens=N --memory-limit=BYTES "
    "--output-limit=BYTES [--symbols-bound=1] [--probes-only=1]";

template <class Number>
bool take(std::string_view argument, std::string_view name, Number& value) {
  if (!argument.starts_with(name)) return false;
  argument.remove_prefix(name.size());
  const auto [end, error] = std::from_chars(argument.data(), argument.data() + argument.size(), value);
  return error == std::errc() && end == argument.data() + argument.size();
}

}  // namespace

Result<ZygoteOptions> parse_zygote_options(std::span<char* const> arguments) {
  ZygoteOptions options;
  for (const std::string_view argument : arguments.subspan(1)) {
    const bool known = take(argument, "--control-fd=", options.control) || take(argument, "--slots=", options.slots) ||
                       take(argument, "--tokens=", options.tokens) ||
                       take(argument, "--memory-limit=", options.memory_limit) ||
                       take(argument, "--output-limit=", options.output_limit) ||
                       take(argument, "--symbols-bound=", options.symbols_bound) ||
                       take(argument, "--probes-only=", options.probes_only);
    if (!known) return failure(ErrorCode::invalid_argument, std::string(usage), std::string(argument));
  }
  if (options.control < 0 || options.slots < 0 || options.tokens < 1 || options.memory_limit < 1 ||
      options.output_limit < 1) {
    return failure(ErrorCode::invalid_argument, std::string(usage));
  }
  return options;
}

}  // namespace decant::sandbox
