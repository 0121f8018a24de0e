#include "worker/attempt_spans.h"

namespace decant::worker {

AttemptSpans::AttemptSpans(const SpanSink& sink, const tasks::Task& task, const Clock& clock)
    : sink_(sink), task_(task), clock_(clock) {
  if (!sink || !task.trace.is_sampled()) return;
  context_ = task.trace.next_span();
  started_ = clock.steady_now();
  wall_started_ = clock.wall_now();
}

Span AttemptSpans::make_span(std::string_view name, SteadyTime start, std::string_view error) const {
  return {.context = context_,
          .name = std::string(name),
          .start = wall_started_ + (start - started_),
          .took = clock_.steady_now() - start,
          .error = std::string(error)};
}

void AttemptSpans::add(std::string_view name, SteadyTime start, std::string_view error) {
  Span span = make_span(name, start, error);
  span.context = context_.next_span();
  span.parent = context_.span_id();
  sink_(std::move(span));
}

void AttemptSpans::end(std::string_view outcome, std::string_view error) {
  if (!is_on()) return;
  Span span = make_span("attempt", started_, error);
  span.parent = task_.trace.span_id();
  span.kind = Span::Kind::consumer;
  span.attributes = {{"decant.task.id", task_.id.text()},
                     {"decant.task.attempt", std::int64_t{task_.attempts}},
                     {"decant.task.target", task_.target},
                     {"decant.task.outcome", std::string(outcome)}};
  sink_(std::move(span));
}

}  // namespace decant::worker
