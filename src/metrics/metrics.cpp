#include "metrics/metrics.h"

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>
#include <prometheus/text_serializer.h>

#include <sstream>

namespace decant::metrics {
namespace {

using prometheus::Counter;
using prometheus::Family;
using prometheus::Histogram;
using prometheus::MetricFamily;
using prometheus::MetricType;

constexpr std::array<std::string_view, 30> sources = {
    "aac", "ac3", "aiff", "amr", "ape", "au", "avi", "caf", "dsf", "dts", "eac3", "flac", "flv", "iff", "m4a",
    "mka", "mp3", "mpc",  "mpg", "ogg", "rm", "tak", "ts",  "tta", "voc", "w64",  "wav",  "wma", "wv",  "xwma"};

constexpr std::string_view other = "other";

const Histogram::BucketBoundaries task_buckets = {0.025, 0.05, 0.1, 0.25, 0.5, 1,    2.5,  5,
                                                  10,    30,   60,  180,  600, 1800, 3600, 10800};
const Histogram::BucketBoundaries request_buckets = {0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.15,
                                                     0.25,  0.5,    1,     2.5,  5,     10,   30,  120};

/// The engine's word about a length is believed up to this, so that one wrong word does not spoil the sum for ever.
constexpr std::chrono::hours longest_audio{24 * 7};

template <class Names>
std::string known(const Names& names, std::string_view name) {
  return std::string(std::ranges::find(names, name) != std::ranges::end(names) ? name : other);
}

std::string lower(std::string_view text) {
  std::string lowered(text);
  for (char& character : lowered) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return lowered;
}

std::string status_of(const Result<void>& answer) {
  return answer ? "ok" : std::string(to_string(answer.error().code));
}

Family<Counter>& counter(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildCounter().Name(name).Help(help).Register(registry);
}

Family<Histogram>& histogram(prometheus::Registry& registry, const char* name, const char* help) {
  return prometheus::BuildHistogram().Name(name).Help(help).Register(registry);
}

/// Gauges that are read when somebody asks.
class Gauges {
 public:
  void begin(std::string name, std::string help) {
    families_.push_back({std::move(name), std::move(help), MetricType::Gauge, {}});
  }
  void add(double value, std::vector<prometheus::ClientMetric::Label> labels = {}) {
    prometheus::ClientMetric metric;
    metric.label = std::move(labels);
    metric.gauge.value = value;
    families_.back().metric.push_back(std::move(metric));
  }
  void add(std::string name, std::string help, double value) {
    begin(std::move(name), std::move(help));
    add(value);
  }
  [[nodiscard]] std::vector<MetricFamily> take() { return std::move(families_); }

 private:
  std::vector<MetricFamily> families_;
};

double seconds(std::chrono::milliseconds duration) { return std::chrono::duration<double>(duration).count(); }

void add_queue(Gauges& gauges, const tasks::QueueStats& queue) {
  gauges.add("decant_queue_backlog", "Tasks that are ready for a worker or in the hands of one",
             static_cast<double>(queue.ready + queue.leased));
  gauges.begin("decant_queue_tasks",
               "Tasks in the database: ready, delayed before another try, leased by a worker, "
               "processed or failed");
  const std::pair<const char*, std::int64_t> states[] = {{"ready", queue.ready},
                                                         {"delayed", queue.delayed},
                                                         {"leased", queue.leased},
                                                         {"processed", queue.processed},
                                                         {"failed", queue.failed}};
  for (const auto& [state, count] : states) gauges.add(static_cast<double>(count), {{"state", state}});
  gauges.add("decant_queue_oldest_ready_age_seconds", "How long the task that is ready for the longest time waits",
             seconds(queue.oldest_ready_age));
}

}  // namespace

std::span<const std::string_view> source_formats() { return sources; }

struct Metrics::Counters {
  explicit Counters(std::string_view version) {
    prometheus::BuildGauge()
        .Name("decant_build_info")
        .Help("1, labelled with the version of the program")
        .Register(registry)
        .Add({{"version", std::string(version)}})
        .Set(1);
    // Shown as zero before the first, so that rates see it.
    for (const char* reason :
         {"lease_expired", "rung_again", "retention", "canceled", "upload_expired", "orphan", "failed_step"}) {
      swept.Add({{"reason", reason}});
    }
    for (const char* fate : {"exported", "dropped", "failed"}) spans.Add({{"result", fate}});
  }

  prometheus::Registry registry;
  Family<Counter>& finished =
      counter(registry, "decant_tasks_finished_total", "Tasks that a worker brought to their end, processed or failed");
  Family<Histogram>& task_duration =
      histogram(registry, "decant_task_duration_seconds",
                "Time of the attempt that ended a task, from its claim to its commit, by target format");
  Counter& audio = counter(registry, "decant_audio_seconds_total", "Length of the results of all conversions").Add({});
  Counter& leases_lost = counter(registry, "decant_lease_lost_total",
                                 "Claims that a worker lost: the lease ran out, or the task was deleted or changed")
                             .Add({});
  Counter& fences_rejected = counter(registry, "decant_fence_rejected_total",
                                     "Words of a worker that the database refused, as the task was its no more")
                                 .Add({});
  Family<Counter>& ack_results =
      counter(registry, "decant_ack_results_total", "Answers of the broker to acknowledgments and releases");
  Family<Counter>& swept = counter(registry, "decant_swept_total", "What sweeps put in order, by reason");
  Family<Counter>& requests =
      counter(registry, "decant_http_requests_total", "Requests answered, by route and HTTP status");
  Family<Histogram>& request_duration =
      histogram(registry, "decant_http_request_duration_seconds",
                "Time of a request, from its first byte to the last of its answer, by route");
  Family<Counter>& object_store =
      counter(registry, "decant_object_store_requests_total", "Calls of the object store, by operation and result");
  Family<Counter>& spans =
      counter(registry, "decant_spans_total", "Spans exported, dropped as too many waited, or failed");
};

Metrics::Metrics(std::string_view version, const tasks::FormatCatalog& formats)
    : counters_(std::make_unique<Counters>(version)) {
  for (const tasks::TargetFormat& format : formats.targets) targets_.push_back(format.name);
}

Metrics::~Metrics() = default;

void Metrics::task_finished(const tasks::FinishedTask& finished) {
  const std::string target = known(targets_, finished.task.target);
  counters_->finished
      .Add({{"result", lower(to_string(finished.result))},
            {"from", known(source_formats(), finished.task.source.extension)},
            {"to", target}})
      .Increment();
  counters_->task_duration.Add({{"to", target}}, task_buckets).Observe(finished.took.count());
  const auto audio = std::clamp<tasks::AudioTime>(finished.audio, tasks::AudioTime(0), longest_audio);
  counters_->audio.Increment(std::chrono::duration<double>(audio).count());
}

void Metrics::lease_lost() { counters_->leases_lost.Increment(); }

void Metrics::fence_rejected() { counters_->fences_rejected.Increment(); }

void Metrics::delivery_settled(const Result<void>& answer) {
  counters_->ack_results.Add({{"status", status_of(answer)}}).Increment();
}

void Metrics::request_answered(std::string_view route, int status, std::chrono::duration<double> took) {
  const std::string label(route.empty() ? "none" : route);
  counters_->requests.Add({{"route", label}, {"status", std::to_string(status)}}).Increment();
  counters_->request_duration.Add({{"route", label}}, request_buckets).Observe(took.count());
}

void Metrics::swept(const tasks::SweepSummary& summary) {
  const std::pair<const char*, int> counts[] = {{"lease_expired", summary.released},
                                                {"rung_again", summary.rung_again},
                                                {"retention", summary.expired},
                                                {"canceled", summary.purged},
                                                {"upload_expired", summary.uploads_expired},
                                                {"orphan", summary.orphans_removed},
                                                {"failed_step", summary.failed_steps}};
  for (const auto& [reason, count] : counts) counters_->swept.Add({{"reason", reason}}).Increment(count);
}

void Metrics::object_store_asked(std::string_view operation, const Result<void>& answer) {
  counters_->object_store.Add({{"operation", std::string(operation)}, {"result", status_of(answer)}}).Increment();
}

void Metrics::spans_settled(std::string_view fate, std::size_t count) {
  counters_->spans.Add({{"result", std::string(fate)}}).Increment(static_cast<double>(count));
}

std::string Metrics::render(const State& state) const {
  Gauges gauges;
  gauges.add("decant_database_up", "Whether the database answers this process, with a schema that it knows",
             state.database_answers ? 1 : 0);
  if (state.queue) add_queue(gauges, *state.queue);
  if (state.outbox) {
    gauges.add("decant_outbox_oldest_age_seconds", "How long the oldest ring waits to reach the broker",
               seconds(state.outbox->oldest_age));
  }
  if (state.slots) {
    gauges.add("decant_worker_slots", "Conversions that this worker does at once", state.slots->all);
    gauges.add("decant_worker_busy", "Slots of this worker that have a task", state.slots->busy);
  }
  if (state.disk) {
    gauges.add("decant_disk_size_bytes", "Size of the file system of the data folder",
               static_cast<double>(state.disk->size));
    gauges.add("decant_disk_free_bytes", "Room on the file system of the data folder",
               static_cast<double>(state.disk->free));
  }
  std::vector<MetricFamily> families = counters_->registry.Collect();
  std::ranges::move(gauges.take(), std::back_inserter(families));
  std::ostringstream text;
  prometheus::TextSerializer().Serialize(text, families);
  return std::move(text).str();
}

}  // namespace decant::metrics
