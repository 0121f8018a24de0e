#pragma once

#include <memory>

#include "base/settings.h"
#include "base/span.h"
#include "http/api.h"
#include "http/blocking_pool.h"
#include "http/server.h"
#include "metrics/metrics.h"
#include "programs/backends.h"
#include "tasks/converter.h"

namespace decant::programs {

/// The HTTP half of the service: page, API, health.
class WebTier {
 public:
  /// Listens when it returns. Everything passed by reference outlives it, and what `spans` calls.
  /// Blocks.
  static Result<std::unique_ptr<WebTier>> start(const Settings& settings, Backends& backends, tasks::Bell& bell,
                                                tasks::Converter& converter, metrics::Metrics& metrics, SpanSink spans,
                                                const Clock& clock, Logger& logger);

  /// Where the page is.
  [[nodiscard]] std::string url() const;
  /// /readyz says 503 and no new connection is taken from now on.
  void begin_drain();
  /// Lets running requests finish within the budget, then cuts the rest. Blocks.
  void stop(std::chrono::milliseconds budget) { server_.stop(budget); }

 private:
  WebTier(const Settings& settings, http::ServerOptions server_options, http::ApiOptions api_options,
          Backends& backends, tasks::Bell& bell, tasks::Converter& converter, const Clock& clock, Logger& logger);
  static http::Router make_router(http::Api& api);

  std::string host_;
  http::BlockingPool pool_;
  http::Api api_;
  http::Router router_;
  http::Server server_;
};

}  // namespace decant::programs
