#pragma once

#include <chrono>

#include "base/result.h"

namespace decant::tasks {

/// Whether the same conversion may end better if it is tried again: the fault may lie in the machine rather than in the
/// task.
[[nodiscard]] bool is_retryable(ErrorCode code);

/// Pauses between attempts: exponential with full jitter, so that tasks which failed together do not come back together
/// (M. Brooker, "Exponential Backoff And Jitter", AWS Architecture Blog 2015).
struct Backoff {
  std::chrono::milliseconds first = std::chrono::seconds(2);    ///< the bound of the first pause
  std::chrono::milliseconds longest = std::chrono::minutes(5);  ///< the bound of every pause

  /// The bound of the pause after failure number `failures` (from 1): first, doubled each time, up to longest.
  [[nodiscard]] std::chrono::milliseconds bound(int failures) const;
  /// A random pause from zero to bound(failures). Thread-safe.
  [[nodiscard]] std::chrono::milliseconds draw(int failures) const;
};

/// A random duration from zero to `bound`. Thread-safe; not for secrets.
[[nodiscard]] std::chrono::milliseconds draw_up_to(std::chrono::milliseconds bound);

}  // namespace decant::tasks
