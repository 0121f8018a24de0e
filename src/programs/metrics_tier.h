#pragma once

#include <memory>

#include "base/settings.h"
#include "http/blocking_pool.h"
#include "http/server.h"
#include "metrics/metrics.h"
#include "metrics/state_reader.h"

namespace decant::programs {

/// GET /metrics on a port of its own, so that nobody who only uses the service sees it.
class MetricsTier {
 public:
  /// Listens at metrics_listen when it returns; nothing where that is empty. Everything passed by reference outlives
  /// it. Blocks.
  static Result<std::unique_ptr<MetricsTier>> start(const Settings& settings, const metrics::Metrics& metrics,
                                                    metrics::StateSources sources, const Clock& clock, Logger& logger);

 private:
  MetricsTier(http::ServerOptions options, const metrics::Metrics& metrics, metrics::StateSources sources,
              const Clock& clock, Logger& logger);

  const metrics::Metrics& metrics_;
  metrics::StateReader state_;
  http::BlockingPool pool_;
  http::Router router_;
  http::Server server_;
};

}  // namespace decant::programs
