#include "broker/pubsub/lease_table.h"

#include <algorithm>

namespace decant::broker::pubsub {

LeaseTable::Admission LeaseTable::admit(const std::string& ack_id, const tasks::TaskRef& task, Guarantee guarantee) {
  if (leases_.contains(ack_id)) return Admission::ignore;
  if (is_closed_ || !has_room()) return Admission::give_back;
  leases_.emplace(ack_id, Lease{.task = task, .guarantee = guarantee, .turn = turns_++});
  return Admission::confirm;
}

LeaseTable::Next LeaseTable::confirm(const std::string& ack_id, Verdict receipt, SteadyTime sent) {
  const auto found = leases_.find(ack_id);
  if (found == leases_.end()) return Next::drop;
  Lease& lease = found->second;
  const bool is_ours = receipt == Verdict::done || lease.guarantee == Guarantee::at_least_once;
  if (!is_ours || is_closed_) {
    leases_.erase(found);
    return is_ours ? Next::give_back : Next::drop;
  }
  lease.stage = Stage::ready;
  lease.ready_since = clock_.steady_now();
  lease.next_extension = sent + options_.extend_every;
  lease.keep_until = sent + options_.lease;
  return Next::take;
}

std::optional<tasks::Delivery> LeaseTable::take() {
  auto oldest = leases_.end();
  for (auto at = leases_.begin(); at != leases_.end(); ++at) {
    if (at->second.stage != Stage::ready) continue;
    if (oldest == leases_.end() || at->second.turn < oldest->second.turn) oldest = at;
  }
  if (oldest == leases_.end()) return std::nullopt;
  oldest->second.stage = Stage::taken;
  return tasks::Delivery{oldest->second.task, oldest->first};
}

bool LeaseTable::keep(const std::string& ack_id, std::chrono::milliseconds duration) {
  const auto found = leases_.find(ack_id);
  if (found == leases_.end()) return false;
  found->second.keep_until = std::max(found->second.keep_until, clock_.steady_now() + duration);
  return true;
}

std::vector<std::string> LeaseTable::due_extensions() const {
  const SteadyTime now = clock_.steady_now();
  std::vector<std::string> due;
  for (const auto& [ack_id, lease] : leases_) {
    if (lease.stage != Stage::taken || now < lease.next_extension || now >= lease.keep_until) continue;
    due.push_back(ack_id);
  }
  return due;
}

void LeaseTable::extended(const std::string& ack_id, Verdict verdict, SteadyTime sent) {
  const auto found = leases_.find(ack_id);
  if (found == leases_.end()) return;
  if (verdict == Verdict::lost || verdict == Verdict::unknown) {
    leases_.erase(found);
  } else {
    found->second.next_extension =
        verdict == Verdict::done ? sent + options_.extend_every : clock_.steady_now() + options_.extend_retry;
  }
}

std::vector<std::string> LeaseTable::end_overdue() { return end_ready(clock_.steady_now() - options_.longest_wait); }

std::vector<std::string> LeaseTable::close() {
  is_closed_ = true;
  return end_ready(SteadyTime::max());
}

std::vector<std::string> LeaseTable::end_ready(SteadyTime ready_before) {
  std::vector<std::string> ended;
  std::erase_if(leases_, [&](const auto& entry) {
    const bool ends = entry.second.stage == Stage::ready && entry.second.ready_since <= ready_before;
    if (ends) ended.push_back(entry.first);
    return ends;
  });
  return ended;
}

bool LeaseTable::has_ready() const {
  return std::ranges::any_of(leases_, [](const auto& entry) { return entry.second.stage == Stage::ready; });
}

}  // namespace decant::broker::pubsub
