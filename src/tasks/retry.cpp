#include "tasks/retry.h"

#include <algorithm>
#include <array>
#include <random>

namespace decant::tasks {
namespace {

constexpr std::array retryable = {
    ErrorCode::rate_limited, ErrorCode::quota_exceeded, ErrorCode::timed_out, ErrorCode::unavailable,
    ErrorCode::canceled,     ErrorCode::crashed,        ErrorCode::internal,
};

}  // namespace

bool is_retryable(ErrorCode code) { return std::ranges::find(retryable, code) != retryable.end(); }

std::chrono::milliseconds Backoff::bound(int failures) const {
  std::chrono::milliseconds pause = std::min(first, longest);
  for (int i = 1; i < failures && pause < longest; ++i) pause = std::min(pause * 2, longest);
  return pause;
}

std::chrono::milliseconds Backoff::draw(int failures) const { return draw_up_to(bound(failures)); }

std::chrono::milliseconds draw_up_to(std::chrono::milliseconds bound) {
  thread_local std::mt19937_64 generator{std::random_device{}()};
  return std::chrono::milliseconds(std::uniform_int_distribution<std::int64_t>(0, bound.count())(generator));
}

}  // namespace decant::tasks
