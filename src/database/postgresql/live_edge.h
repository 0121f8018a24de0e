#pragma once

#include <chrono>
#include <functional>
#include <mutex>

#include "base/result.h"

namespace decant::database::postgresql {

struct LiveEdgeOptions {
  /// How far behind the newest row that was found a short look begins: rows of slower transactions turn up there.
  std::chrono::milliseconds slack{500};
  /// Looks at the whole index come at least this often, for what turned up further behind.
  std::chrono::milliseconds whole_look_interval{1000};
  /// But they may take only this share of the time, unless they take less than cheap_look each.
  double whole_look_share = 0.05;
  std::chrono::milliseconds cheap_look{50};
};

/// Where the live rows of an index that is emptied from its front begin. While any transaction holds an old snapshot,
/// no vacuum removes the rows that were taken since, and a look from the front has to step over all of them: measured,
/// 3,741 claims a second became 418 within 40 seconds. So most looks are short: from a little before the row that was
/// found last. Thread-safe; time is this process's own.
class LiveEdge {
 public:
  using Milliseconds = std::int64_t;  ///< since 1970 by the database's clock, the first column of the index
  static constexpr Milliseconds front = 0;

  explicit LiveEdge(const LiveEdgeOptions& options) : options_(options) {}

  /// Calls `look_from(edge)` or `look_at_all()`, each at most once. They return whether they found a row, and may tell
  /// it by found_at(). When the short look finds nothing, and looking at all is affordable, that is done as well.
  Result<void> look(const std::function<Result<bool>(Milliseconds edge)>& look_from,
                    const std::function<Result<bool>()>& look_at_all);
  /// A row was found here, so what is well before it is dead.
  void found_at(Milliseconds place);

 private:
  using Steady = std::chrono::steady_clock;

  const LiveEdgeOptions options_;
  std::mutex mutex_;
  Milliseconds edge_ = front;
  Steady::time_point next_due_{};         ///< when a whole look is to be made even if a short one would do
  Steady::time_point next_affordable_{};  ///< when one may be made
};

}  // namespace decant::database::postgresql
