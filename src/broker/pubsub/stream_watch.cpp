#include "broker/pubsub/stream_watch.h"

#include <algorithm>

namespace decant::broker::pubsub {

std::chrono::milliseconds StreamWatch::time_to_open() const {
  const SteadyTime now = clock_.steady_now();
  if (now >= next_open_) return std::chrono::milliseconds(0);
  return std::chrono::ceil<std::chrono::milliseconds>(next_open_ - now);
}

void StreamWatch::opened() {
  opened_at_ = clock_.steady_now();
  next_ping_ = opened_at_ + options_.ping_every;
  is_waiting_ = false;
}

void StreamWatch::waits() {
  silent_since_ = clock_.steady_now();
  is_waiting_ = true;
}

void StreamWatch::heard() {
  is_waiting_ = false;
  failures_ = 0;
}

bool StreamWatch::is_ping_due() const { return clock_.steady_now() >= next_ping_; }

void StreamWatch::pinged() { next_ping_ = clock_.steady_now() + options_.ping_every; }

bool StreamWatch::is_too_silent() const {
  return is_waiting_ && clock_.steady_now() - silent_since_ >= options_.longest_silence;
}

StreamWatch::Ending StreamWatch::ended(const Status& status) {
  if (clock_.steady_now() - opened_at_ >= options_.long_life) failures_ = 0;
  ++failures_;
  const bool is_refused = !may_reopen(status.code);
  next_open_ = clock_.steady_now() + (is_refused ? options_.refused_pause : options_.backoff.draw(failures_));
  if (is_refused) return Ending::refused;
  constexpr int no_coincidence = 3;
  return failures_ == no_coincidence ? Ending::trouble : Ending::usual;
}

}  // namespace decant::broker::pubsub
