#include <fmt/format.h>
#include <sys/resource.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <future>
#include <mutex>
#include <optional>
#include <thread>

#include "base/units.h"
#include "metrics/counted_object_store.h"
#include "programs/backends.h"
#include "programs/commands.h"
#include "programs/data_lock.h"
#include "programs/engine.h"
#include "programs/exit_status.h"
#include "programs/logging.h"
#include "programs/metrics_tier.h"
#include "programs/options.h"
#include "programs/preemption.h"
#include "programs/stop_signals.h"
#include "programs/terminal.h"
#include "programs/tracing.h"
#include "programs/web_tier.h"
#include "tasks/relay.h"

namespace decant::programs {
namespace {

using Role = ServiceCommand::Role;

/// A worker on a thread of its own.
class RunningWorker {
 public:
  RunningWorker(const Settings& settings, Backends& backends, tasks::Converter& converter,
                tasks::WorkObserver& observer, SpanSink spans, const Clock& clock, Logger& logger)
      : worker_(worker_options(settings, std::move(spans)), backends.database->queue(), *backends.objects,
                *backends.broker, converter, observer, clock, logger),
        thread_([this] { worker_.run(); }) {}
  ~RunningWorker() {
    if (thread_.joinable()) {
      worker_.drain(std::chrono::milliseconds(0));
      thread_.join();
    }
  }
  RunningWorker(const RunningWorker&) = delete;
  RunningWorker& operator=(const RunningWorker&) = delete;

  void drain(std::chrono::milliseconds budget) { worker_.drain(budget); }
  void wait() { thread_.join(); }
  [[nodiscard]] int busy_slots() const { return worker_.busy_slots(); }

 private:
  worker::Worker worker_;
  std::thread thread_;
};

/// A relay on a thread of its own.
class RunningRelay {
 public:
  RunningRelay(const tasks::RelayOptions& options, Backends& backends, Logger& logger)
      : broker_(*backends.broker),
        relay_(options, backends.database->outbox(), broker_, logger),
        thread_([this](const std::stop_token& stop) { relay_.run(stop); }) {}
  ~RunningRelay() {
    thread_.request_stop();
    // Else it would go on trying while the broker is away.
    broker_.interrupt();
  }
  RunningRelay(const RunningRelay&) = delete;
  RunningRelay& operator=(const RunningRelay&) = delete;

  tasks::Bell& bell() { return relay_; }

 private:
  tasks::Broker& broker_;
  tasks::Relay relay_;
  std::jthread thread_;
};

/// Somebody wants the service to stop: the first one's reason counts.
class StopRequest {
 public:
  /// From any thread.
  void make(const std::string& why) {
    std::call_once(once_, [&] { why_.set_value(why); });
  }
  std::string wait() { return why_.get_future().get(); }

 private:
  std::once_flag once_;
  std::promise<std::string> why_;
};

tasks::RelayOptions relay_options(Role role) {
  tasks::RelayOptions options;
  // Web processes look for the rings of all. What a worker's sweep writes wakes its relay.
  if (role == Role::worker) options.poll_interval = std::chrono::seconds(30);
  return options;
}

/// All but the slots. Web processes show what is everybody's: the queue and the outbox.
metrics::StateSources state_sources(Role role, const Settings& settings, Backends& backends) {
  metrics::StateSources sources;
  sources.check = [&backends] { return backends.database->check(); };
  sources.data_folder = settings.data;
  if (role == Role::worker) return sources;
  sources.queue = &backends.database->stats();
  if (has_outbox(settings)) sources.outbox = &backends.database->outbox();
  return sources;
}

/// As many open files as the host grants: the usual soft limit of 1024 is for programs that use select(2).
void raise_file_limit(const Settings& settings, Logger& logger) {
  constexpr rlim_t besides_connections = 256;
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  (void)::setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t wanted = static_cast<rlim_t>(settings.connections) + besides_connections;
  if (limit.rlim_max < wanted) {
    logger.warning(
        "the host grants fewer open files than all connections could need: raise its limit or lower connections",
        {{"granted", static_cast<std::int64_t>(limit.rlim_max)}, {"needed", static_cast<std::int64_t>(wanted)}});
  }
}

void announce(const std::string& url, Logger& logger) {
  logger.info("the page is ready", {{"url", url}});
  if (!is_terminal(STDOUT_FILENO)) return;
  fmt::print("\n  decant is ready: open {}\n  Ctrl+C stops it.\n\n", url);
  std::fflush(stdout);
}

Result<void> run_service(Role role, const Settings& settings, Logger& logger) {
  const SystemClock clock;
  raise_file_limit(settings, logger);
  DECANT_CHECK(make_data_folder(settings.data));
  Descriptor lock;
  if (role == Role::serve) {
    DECANT_TRY(lock, lock_data_folder(settings.data));
  }

  // The engine forks: before this process has a second thread.
  const int spare_for_probes = role == Role::worker ? 0 : 1;
  const int conversions = role == Role::web ? 0 : worker_slots(settings);
  const auto duty = role == Role::web ? tasks::ConverterDuty::probes : tasks::ConverterDuty::everything;
  DECANT_TRY(const std::unique_ptr<tasks::Converter> converter,
             start_engine(settings, duty, conversions + spare_for_probes, logger));

  if (role == Role::serve) {
    DECANT_CHECK(database::migrate(settings.database, database_options(settings), clock, logger));
  }
  metrics::Metrics metrics(DECANT_VERSION, converter->formats());
  DECANT_TRY(const std::unique_ptr<tracing::SpanExporter> exporter, start_exporter(settings, metrics, logger));
  const SpanSink spans = sink_of(exporter.get());
  DECANT_TRY(Backends backends, open_backends(settings, clock, logger));
  backends.objects = std::make_unique<metrics::CountedObjectStore>(std::move(backends.objects), metrics);

  StopRequest stop_request;
  const StopSignals signals([&stop_request](int signal) { stop_request.make(::strsignal(signal)); });
  const PreemptionWatch preemption(
      preemption_options(settings), [&stop_request](const std::string& notice) { stop_request.make(notice); }, logger);

  std::optional<RunningRelay> relay;
  if (has_outbox(settings)) relay.emplace(relay_options(role), backends, logger);
  tasks::Bell& bell = relay ? relay->bell() : *backends.broker;
  tasks::Sweeper sweeper(sweeper_options(settings), backends.database->sweep(), *backends.objects, bell, clock, logger);
  std::unique_ptr<WebTier> web;
  if (role != Role::worker) {
    DECANT_TRY(web, WebTier::start(settings, backends, bell, *converter, metrics, spans, clock, logger));
  }
  worker::SweepLoop sweep_loop(sweep_loop_options(settings, metrics), sweeper, logger);
  std::optional<RunningWorker> worker;
  if (role != Role::web) worker.emplace(settings, backends, *converter, metrics, spans, clock, logger);
  metrics::StateSources state = state_sources(role, settings, backends);
  if (worker) state.slots = [&worker, conversions] { return metrics::Slots{conversions, worker->busy_slots()}; };
  DECANT_TRY(const std::unique_ptr<MetricsTier> metrics_tier,
             MetricsTier::start(settings, metrics, std::move(state), clock, logger));
  if (web) announce(web->url(), logger);
  if (worker) logger.info("the worker is ready", {{"slots", conversions}});

  const std::string why = stop_request.wait();
  logger.info("stopping", {{"why", why}, {"budget", format_duration(settings.drain_budget)}});
  if (web) web->begin_drain();
  if (worker) worker->drain(settings.drain_budget);
  if (web) web->stop(settings.drain_budget);
  if (worker) worker->wait();
  sweep_loop.stop();
  if (exporter) exporter->stop();
  logger.info("stopped");
  return {};
}

}  // namespace

int run(const ServiceCommand& command, const LoadedSettings& settings) {
  StopSignals::block();
  // A peer that hangs up is an error of its connection, not the end of the process.
  std::signal(SIGPIPE, SIG_IGN);
  Logger logger = make_logger(settings.values);
  const auto done = run_service(command.role, settings.values, logger);
  return done ? exit_ok : report_failure(done.error());
}

}  // namespace decant::programs
