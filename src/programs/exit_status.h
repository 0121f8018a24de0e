#pragma once

#include "base/result.h"

namespace decant::programs {

/// The exit statuses of `decant`, as docs/man/decant.1 tells them. One that a signal ended early is 128 + the signal's
/// number, as a shell has it.
inline constexpr int exit_ok = 0;
inline constexpr int exit_failed = 1;
inline constexpr int exit_usage = 2;  ///< wrong arguments or settings: nothing was tried
inline constexpr int exit_by_signal = 128;

/// Prints "decant: message" on standard error, each wrong field on a line of its own, and returns the status:
/// exit_usage for invalid_argument, else exit_failed.
int report_failure(const Error& error);

}  // namespace decant::programs
