#pragma once

#include "base/clock.h"
#include "base/span.h"
#include "tasks/task.h"

namespace decant::worker {

/// The spans of one attempt: itself, below the request that asked for the conversion, and its steps. Where nobody wants
/// spans, or the trace is not recorded, it does nothing. One thread.
class AttemptSpans {
 public:
  /// The references outlive it.
  AttemptSpans(const SpanSink& sink, const tasks::Task& task, const Clock& clock);

  /// A step: `work` gives a Result, and a failure of it is the span's.
  template <class Work>
  auto step(std::string_view name, const Work& work) {
    if (!is_on()) return work();
    const SteadyTime start = clock_.steady_now();
    auto result = work();
    add(name, start, result ? std::string_view() : to_string(result.error().code));
    return result;
  }
  /// The attempt is over. `error`: what kind of failure; empty: none.
  void end(std::string_view outcome, std::string_view error);

 private:
  [[nodiscard]] bool is_on() const { return context_.is_set(); }
  void add(std::string_view name, SteadyTime start, std::string_view error);
  [[nodiscard]] Span make_span(std::string_view name, SteadyTime start, std::string_view error) const;

  const SpanSink& sink_;
  const tasks::Task& task_;
  const Clock& clock_;
  TraceContext context_;  ///< not set: there is nothing to do
  SteadyTime started_;
  std::chrono::sys_time<std::chrono::nanoseconds> wall_started_;  ///< the same time; all others are counted from it
};

}  // namespace decant::worker
