#include "tracing/span_exporter.h"

#include <algorithm>
#include <array>
#include <exception>

namespace decant::tracing {
namespace {

/// What the collector answers while it cannot take the batch, but may soon.
constexpr std::array passing = {429, 502, 503, 504};

bool is_taken(const CollectorAnswer& answer) { return answer.status >= 200 && answer.status < 300; }

bool may_be_taken_later(const CollectorAnswer& answer) {
  return answer.status == 0 || std::ranges::find(passing, answer.status) != passing.end();
}

}  // namespace

std::string_view to_string(SpanFate fate) {
  constexpr std::array<std::string_view, 3> names = {"exported", "dropped", "failed"};
  return names.at(static_cast<std::size_t>(fate));
}

SpanExporter::SpanExporter(const ExporterOptions& options, Resource resource, Send send, Count count, Logger& logger)
    : options_(options),
      resource_(std::move(resource)),
      send_(std::move(send)),
      count_(std::move(count)),
      logger_(logger),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

SpanExporter::~SpanExporter() { stop(); }

void SpanExporter::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void SpanExporter::add(Span span) {
  std::size_t waiting = 0;
  {
    const std::lock_guard lock(mutex_);
    if (queue_.size() < options_.queue) {
      queue_.push_back(std::move(span));
      waiting = queue_.size();
    }
  }
  if (waiting == 0) count_(SpanFate::dropped, 1);
  if (waiting == options_.batch) filled_.notify_one();
}

void SpanExporter::run(const std::stop_token& stop) {
  std::optional<std::chrono::steady_clock::time_point> end;
  bool goes_on = true;
  while (true) {
    const std::vector<Span> batch = take_batch(stop);
    if (batch.empty()) return;
    const auto now = std::chrono::steady_clock::now();
    if (stop.stop_requested() && !end) end = now + options_.flush;
    if (goes_on && (!end || now < *end)) {
      const bool delivered = deliver(batch, stop);
      goes_on = delivered || !stop.stop_requested();
    } else {
      count_(SpanFate::failed, batch.size());
    }
  }
}

std::vector<Span> SpanExporter::take_batch(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  do {
    filled_.wait_for(lock, stop, options_.interval, [this] { return queue_.size() >= options_.batch; });
  } while (queue_.empty() && !stop.stop_requested());
  const std::size_t count = std::min(queue_.size(), options_.batch);
  const auto end = queue_.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<Span> batch(std::make_move_iterator(queue_.begin()), std::make_move_iterator(end));
  queue_.erase(queue_.begin(), end);
  return batch;
}

bool SpanExporter::deliver(const std::vector<Span>& batch, const std::stop_token& stop) {
  const std::string request = to_otlp_json(resource_, batch);
  for (int tries = 1;; ++tries) {
    // After the stop everything is tried once.
    const bool is_last = tries >= options_.tries || stop.stop_requested();
    CollectorAnswer answer;
    try {
      answer = send_(request);
    } catch (const std::exception& exception) {
      answer.detail = exception.what();
    }
    if (is_taken(answer)) {
      if (outages_ > 0) logger_.info("spans reach the collector again");
      outages_ = 0;
      const auto rejected = static_cast<std::size_t>(
          std::clamp<std::int64_t>(rejected_spans(answer.body), 0, static_cast<std::int64_t>(batch.size())));
      if (rejected > 0) count_(SpanFate::failed, rejected);
      count_(SpanFate::exported, batch.size() - rejected);
      return true;
    }
    if (++outages_ == 1) {
      logger_.warning("spans do not reach the collector", {{"status", answer.status}, {"error", answer.detail}});
    }
    if (is_last || !may_be_taken_later(answer)) {
      count_(SpanFate::failed, batch.size());
      return false;
    }
    const std::chrono::milliseconds asked = answer.retry_after.value_or(std::chrono::seconds(0));
    pause(std::max(options_.backoff.draw(tries), std::min(asked, options_.backoff.longest)), stop);
  }
}

void SpanExporter::pause(std::chrono::milliseconds duration, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  filled_.wait_for(lock, stop, duration, [] { return false; });
}

}  // namespace decant::tracing
