#include "http/api_endpoint.h"

#include <algorithm>

namespace decant::http {

Handler answer(Endpoint endpoint, Logger& log) {
  return [endpoint = std::move(endpoint), &log](Request& request) -> Awaitable<Response> {
    auto response = co_await endpoint(request);
    if (response) co_return *std::move(response);
    const Error& error = response.error();
    const int status = status_of(error.code);
    const LogLevel level = status == 500 ? LogLevel::error : status > 500 ? LogLevel::warning : LogLevel::debug;
    log.write(level, "request refused",
              {{"request", request.request_id},
               {"trace", request.trace.trace_id()},
               {"path", request.path},
               {"status", status},
               {"error", error.describe()}});
    co_return make_problem(error, request);
  };
}

Response make_too_many(const Request& request, std::chrono::milliseconds wait, std::string message) {
  const auto seconds = std::max(std::chrono::ceil<std::chrono::seconds>(wait), std::chrono::seconds(1));
  Response response = make_problem(Error{ErrorCode::rate_limited, std::move(message)}, request);
  response.set("Retry-After", std::to_string(seconds.count()));
  return response;
}

}  // namespace decant::http
