#include "database/postgresql/live_edge.h"

#include <algorithm>

namespace decant::database::postgresql {

Result<void> LiveEdge::look(const std::function<Result<bool>(Milliseconds edge)>& look_from,
                            const std::function<Result<bool>()>& look_at_all) {
  const auto begin = Steady::now();
  std::unique_lock lock(mutex_);
  const Milliseconds edge = edge_;
  const bool is_affordable = begin >= next_affordable_;
  const bool is_due = is_affordable && begin >= next_due_;
  // Whoever else looks meanwhile takes the short way.
  if (is_due) next_due_ = begin + options_.whole_look_interval;
  lock.unlock();

  if (!is_due) {
    DECANT_TRY(const bool found, look_from(edge));
    if (found || !is_affordable) return {};
  }
  const auto whole_begin = Steady::now();
  DECANT_CHECK(look_at_all());
  const auto end = Steady::now();
  const auto took = end - whole_begin;
  lock.lock();
  next_due_ = std::max(next_due_, end + options_.whole_look_interval);
  if (took > options_.cheap_look) {
    next_affordable_ = end + std::chrono::duration_cast<Steady::duration>(took * (1 / options_.whole_look_share - 1));
  }
  return {};
}

void LiveEdge::found_at(Milliseconds place) {
  const std::lock_guard lock(mutex_);
  edge_ = std::max(edge_, place - options_.slack.count());
}

}  // namespace decant::database::postgresql
