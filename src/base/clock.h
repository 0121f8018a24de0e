#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace decant {

/// UTC to the millisecond: the resolution that the database and the API keep.
using WallTime = std::chrono::time_point<std::chrono::system_clock, std::chrono::milliseconds>;
using SteadyTime = std::chrono::steady_clock::time_point;

/// Where time comes from. Thread-safe. Tests inject a ManualClock.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual WallTime wall_now() const = 0;
  [[nodiscard]] virtual SteadyTime steady_now() const = 0;
};

class SystemClock final : public Clock {
 public:
  [[nodiscard]] WallTime wall_now() const override;
  [[nodiscard]] SteadyTime steady_now() const override;
};

/// ISO 8601 UTC with milliseconds: 2026-11-23T15:31:00.123Z (RFC 3339).
[[nodiscard]] std::string to_iso8601(WallTime time);
/// UTC times of that form, with any number of digits behind the second or none; nothing for what is none.
[[nodiscard]] std::optional<WallTime> parse_iso8601(std::string_view text);

}  // namespace decant
