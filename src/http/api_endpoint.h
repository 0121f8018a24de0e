#pragma once

#include <chrono>
#include <functional>

#include "base/log.h"
#include "http/router.h"

namespace decant::http {

/// A handler that says by its Result what went wrong.
using Endpoint = std::function<Awaitable<Result<Response>>(Request&)>;

/// Answers errors as problem details and logs those that are no fault of the caller. `log` outlives it.
[[nodiscard]] Handler answer(Endpoint endpoint, Logger& log);

/// 429 with Retry-After, in whole seconds, at least one.
[[nodiscard]] Response make_too_many(const Request& request, std::chrono::milliseconds wait, std::string message);

}  // namespace decant::http
