#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"

namespace decant {

/// Whole numbers of bytes: "1536", "20MB" (kB, MB, GB, TB are powers of 1000), "1GiB" (KiB, MiB, GiB, TiB of 1024).
[[nodiscard]] std::optional<ByteCount> parse_bytes(std::string_view text);
/// Whole numbers with ms, s, min, h or d; "0" needs no unit.
[[nodiscard]] std::optional<std::chrono::milliseconds> parse_duration(std::string_view text);
/// The inverse, in the largest unit that fits evenly: "1GiB", "90s".
[[nodiscard]] std::string format_bytes(ByteCount bytes);
[[nodiscard]] std::string format_duration(std::chrono::milliseconds duration);

}  // namespace decant
