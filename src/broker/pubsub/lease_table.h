#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "broker/pubsub/status.h"
#include "tasks/broker.h"

namespace decant::broker::pubsub {

/// Whether the subscription confirms what is done to its deliveries, as each response of the stream tells anew.
enum class Guarantee { exactly_once, at_least_once };

struct LeaseTableOptions {
  std::size_t capacity = 1;  ///< deliveries at once, whatever their state
  std::chrono::milliseconds lease = std::chrono::seconds(60);
  std::chrono::milliseconds extend_every = std::chrono::seconds(20);  ///< a third of the lease: two may fail
  std::chrono::milliseconds extend_retry = std::chrono::seconds(2);   ///< after one that failed
  /// A delivery that nobody takes for so long is given back: every slot is busy with something else.
  std::chrono::milliseconds longest_wait = std::chrono::seconds(10);
};

/// What this process has been delivered and how far each delivery is: it came, its receipt was confirmed, a worker took
/// it, it is over. Decides; sends nothing. One thread at a time.
class LeaseTable {
 public:
  /// The clock outlives it.
  LeaseTable(LeaseTableOptions options, const Clock& clock) : options_(options), clock_(clock) {}

  enum class Admission {
    confirm,    ///< send the receipt (a first extension), and tell it by confirm()
    give_back,  ///< there is no room, or no more work is begun
    ignore,     ///< it is here already, and the first one stands
  };
  Admission admit(const std::string& ack_id, const tasks::TaskRef& task, Guarantee guarantee);

  enum class Next {
    take,       ///< take() will return it
    give_back,  ///< it came too late: give it back
    drop,       ///< it is not surely ours: nothing is begun, and the service will deliver it again
  };
  /// What became of the receipt that was sent at `sent`.
  Next confirm(const std::string& ack_id, Verdict receipt, SteadyTime sent);

  /// The delivery that has waited longest, for a worker.
  std::optional<tasks::Delivery> take();

  /// The worker goes on with it for at least `duration`. False when it is no longer ours.
  bool keep(const std::string& ack_id, std::chrono::milliseconds duration);
  /// Those whose lease is to be extended now.
  [[nodiscard]] std::vector<std::string> due_extensions() const;
  /// What became of an extension that was sent at `sent`.
  void extended(const std::string& ack_id, Verdict verdict, SteadyTime sent);

  /// Ends it, before it is acknowledged or given back. False when it was not ours any more.
  bool end(const std::string& ack_id) { return leases_.erase(ack_id) > 0; }
  /// Ends those that have waited too long for a worker: to be given back.
  std::vector<std::string> end_overdue();
  /// Admits no more, and ends all that no worker has taken: to be given back.
  std::vector<std::string> close();

  [[nodiscard]] bool has(const std::string& ack_id) const { return leases_.contains(ack_id); }
  [[nodiscard]] bool has_ready() const;
  [[nodiscard]] bool has_room() const { return leases_.size() < options_.capacity; }
  [[nodiscard]] std::size_t size() const { return leases_.size(); }

 private:
  enum class Stage { received, ready, taken };
  struct Lease {
    tasks::TaskRef task;
    Guarantee guarantee;
    Stage stage = Stage::received;
    std::uint64_t turn = 0;    ///< the order in which they came
    SteadyTime ready_since{};  ///< from `ready` on
    SteadyTime next_extension{};
    SteadyTime keep_until{};  ///< as the worker said
  };

  std::vector<std::string> end_ready(SteadyTime ready_before);

  LeaseTableOptions options_;
  const Clock& clock_;
  std::map<std::string, Lease> leases_;  // by acknowledgment id
  std::uint64_t turns_ = 0;
  bool is_closed_ = false;
};

}  // namespace decant::broker::pubsub
