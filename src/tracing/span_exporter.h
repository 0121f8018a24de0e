#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <thread>

#include "base/log.h"
#include "tasks/retry.h"
#include "tracing/otlp.h"

namespace decant::tracing {

struct ExporterOptions {
  std::size_t queue = 2048;                                      ///< spans that wait; more are dropped
  std::size_t batch = 512;                                       ///< the most spans of one request
  std::chrono::milliseconds interval = std::chrono::seconds(5);  ///< the longest that a span waits for others
  tasks::Backoff backoff{std::chrono::seconds(1), std::chrono::seconds(15)};
  int tries = 5;                                              ///< of one batch
  std::chrono::milliseconds flush = std::chrono::seconds(2);  ///< no request begins this long after stop()
};

/// What a collector answered to a batch.
struct CollectorAnswer {
  int status = 0;  ///< of HTTP; 0: there was no answer
  std::optional<std::chrono::seconds> retry_after = {};
  std::string body = {};
  std::string detail = {};  ///< for the log: why there was no answer
};

/// What became of a span.
enum class SpanFate {
  exported,  ///< the collector took it
  dropped,   ///< the queue was full
  failed,    ///< the collector refused it, or was away for too long
};

[[nodiscard]] std::string_view to_string(SpanFate fate);

/// Sends spans to a collector in batches, from a thread of its own: whoever adds one never waits. By the rules of OTLP
/// (https://opentelemetry.io/docs/specs/otlp/#otlphttp-response) a batch is sent again after 429, 502, 503, 504 and
/// where no answer came, after a pause, and after no other answer.
class SpanExporter {
 public:
  /// Posts this JSON. Blocks for a bounded time; called by one thread.
  using Send = std::function<CollectorAnswer(const std::string&)>;
  /// Hears what became of so many spans, from any thread; returns at once.
  using Count = std::function<void(SpanFate, std::size_t)>;

  /// `logger` outlives it.
  SpanExporter(const ExporterOptions& options, Resource resource, Send send, Count count, Logger& logger);
  /// stop()
  ~SpanExporter();
  SpanExporter(const SpanExporter&) = delete;
  SpanExporter& operator=(const SpanExporter&) = delete;

  /// From any thread; returns at once.
  void add(Span span);
  /// Sends what waits, once and as long as the collector takes it; what is left is lost. Blocks for that time: the
  /// request under way, `flush`, and one request more at the longest. Idempotent, by one thread.
  void stop();

 private:
  void run(const std::stop_token& stop);
  /// Waits for a batch; after the stop what is left, at last nothing.
  std::vector<Span> take_batch(const std::stop_token& stop);
  /// Whether the collector took it, sooner or later.
  bool deliver(const std::vector<Span>& batch, const std::stop_token& stop);
  void pause(std::chrono::milliseconds duration, const std::stop_token& stop);

  ExporterOptions options_;
  Resource resource_;
  Send send_;
  Count count_;
  Logger& logger_;
  int outages_ = 0;  ///< requests in a row that failed; of the thread

  std::mutex mutex_;
  std::condition_variable_any filled_;
  std::deque<Span> queue_;
  std::jthread thread_;
};

}  // namespace decant::tracing
