#include "http/api_status.h"

#include <fmt/format.h>

#include "http/api_endpoint.h"
#include "http/openapi.h"

namespace decant::http {
namespace {

// Anybody may ask, as autoscalers have no account: the database is asked once in this time, however many do.
constexpr std::chrono::seconds queue_lifetime{1};

std::string to_json(const tasks::QueueStats& stats) {
  const double age = std::chrono::duration<double>(stats.oldest_ready_age).count();
  return fmt::format(
      R"({{"backlog":{},"ready":{},"delayed":{},"leased":{},"processed":{},"failed":{},"oldestReadyAgeSeconds":{:.3f}}})",
      stats.ready + stats.leased, stats.ready, stats.delayed, stats.leased, stats.processed, stats.failed, age);
}

}  // namespace

void StatusApi::add_routes(Router& router) {
  const auto add = [&](std::string pattern, Endpoint endpoint) {
    router.add(
        {.method = Method::get, .pattern = std::move(pattern), .handler = answer(std::move(endpoint), parts_.log)});
  };
  add("/livez",
      [](Request&) -> Awaitable<Result<Response>> { co_return Response::json(200, R"({"status":"alive"})"); });
  add("/readyz", [this](Request& request) { return is_ready(request); });
  add("/api/stats/queue", [this](Request& request) { return queue(request); });
  // The catalog never changes while the converter lives.
  add("/api/formats", [formats = tasks::to_json(parts_.converter.formats())](Request&) -> Awaitable<Result<Response>> {
    co_return Response::json(200, formats);
  });
  add("/api/openapi.json", [](Request&) -> Awaitable<Result<Response>> {
    Response response = Response::json(200, {});
    response.body = openapi_json();
    co_return response;
  });
}

Awaitable<Result<Response>> StatusApi::is_ready(Request&) {
  if (is_draining_) co_return failure(ErrorCode::unavailable, "draining");
  const auto ready = co_await parts_.pool.run([&] { return parts_.ready(); });
  if (!ready) co_return failure(ErrorCode::unavailable, "a part of decant is away", ready.error().describe());
  co_return Response::json(200, R"({"status":"ready"})");
}

Awaitable<Result<Response>> StatusApi::queue(Request&) {
  const SteadyTime now = parts_.clock.steady_now();
  {
    const std::lock_guard lock(queue_mutex_);
    if (now < queue_expires_) co_return Response::json(200, queue_json_);
  }
  DECANT_CO_TRY(const tasks::QueueStats stats, co_await parts_.pool.run([&] { return parts_.stats.queue_stats(); }));
  const std::lock_guard lock(queue_mutex_);
  queue_json_ = to_json(stats);
  queue_expires_ = now + queue_lifetime;
  co_return Response::json(200, queue_json_);
}

}  // namespace decant::http
