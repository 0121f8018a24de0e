#pragma once

#include "base/settings.h"
#include "base/span.h"
#include "http/api.h"
#include "http/server.h"
#include "metrics/metrics.h"
#include "programs/preemption.h"
#include "tasks/picture.h"
#include "tasks/sweep.h"
#include "worker/sweep_loop.h"
#include "worker/worker.h"

namespace decant::programs {

/// The settings as the options of the parts. What a part has as an option and no setting stays at the part's default.
/// The metrics outlive the server, as does what `spans` calls.
Result<http::ServerOptions> server_options(const Settings& settings, metrics::Metrics& metrics, SpanSink spans);
[[nodiscard]] PreemptionOptions preemption_options(const Settings& settings);
/// All but the keys.
[[nodiscard]] http::ApiOptions api_options(const Settings& settings);
/// What `spans` calls outlives the worker.
[[nodiscard]] worker::WorkerOptions worker_options(const Settings& settings, SpanSink spans);
[[nodiscard]] tasks::SweeperOptions sweeper_options(const Settings& settings);
/// The metrics outlive the loop.
[[nodiscard]] worker::SweepLoopOptions sweep_loop_options(const Settings& settings, metrics::Metrics& metrics);

[[nodiscard]] tasks::CoverLimits cover_limits(const Settings& settings);

/// This process, for people: host and process id.
[[nodiscard]] std::string process_name();

/// Conversions at once.
[[nodiscard]] int worker_slots(const Settings& settings);

}  // namespace decant::programs
