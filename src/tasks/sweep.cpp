#include "tasks/sweep.h"

#include <algorithm>
#include <array>
#include <set>

#include "tasks/result_files.h"

namespace decant::tasks {
namespace {

/// So that one row or object that fails does not keep the others waiting.
void keep_first_error(Result<void>& kept, const Result<void>& next) {
  if (kept && !next) kept = next;
}

}  // namespace

Sweeper::Sweeper(SweeperOptions options, SweepStore& store, ObjectStore& objects, Bell& bell, const Clock& clock,
                 Logger& logger)
    : options_(options), store_(store), objects_(objects), bell_(bell), clock_(clock), logger_(logger) {}

SweepSummary Sweeper::sweep_once() {
  struct Step {
    std::string_view name;
    Result<void> (Sweeper::*run)(SweepSummary&);
  };
  constexpr std::array steps = {
      Step{"release expired leases", &Sweeper::release_expired_leases},
      Step{"ring again", &Sweeper::ring_again},
      Step{"cancel expired tasks", &Sweeper::cancel_expired},
      Step{"purge canceled tasks", &Sweeper::purge_canceled},
      Step{"remove expired uploads", &Sweeper::remove_expired_uploads},
      Step{"remove orphan objects", &Sweeper::remove_orphans},
  };
  SweepSummary summary;
  for (const Step& step : steps) {
    const Result<void> done = (this->*step.run)(summary);
    if (done) continue;
    ++summary.failed_steps;
    logger_.warning("a step of the sweep failed", {{"step", step.name}, {"error", done.error().describe()}});
  }
  return summary;
}

Result<void> Sweeper::release_expired_leases(SweepSummary& summary) {
  std::size_t released = 0;
  Result<void> rung;
  do {
    DECANT_TRY(const auto ready, store_.release_expired_leases(options_.batch));
    released = ready.size();
    summary.released += static_cast<int>(released);
    for (const TaskRef& task : ready) {
      logger_.info("a task was taken from a lost worker", {{"task", task.task.text()}});
      if (rung) rung = bell_.ring(task);
    }
  } while (released == static_cast<std::size_t>(options_.batch));
  return rung;
}

Result<void> Sweeper::ring_again(SweepSummary& summary) {
  // One batch: the tasks behind it come first when these are taken.
  DECANT_TRY(summary.rung_again, store_.ring_again(options_.ring_again_after, options_.batch));
  return {};
}

Result<void> Sweeper::cancel_expired(SweepSummary& summary) {
  if (options_.retention.count() == 0) return {};
  int canceled = 0;
  do {
    DECANT_TRY(canceled, store_.cancel_older_than(options_.retention, options_.batch));
    summary.expired += canceled;
  } while (canceled == options_.batch);
  return {};
}

Result<void> Sweeper::purge_canceled(SweepSummary& summary) {
  Result<void> purged;
  std::size_t listed = 0;
  do {
    DECANT_TRY(const auto canceled, store_.list_canceled(options_.batch));
    listed = canceled.size();
    for (const Task& task : canceled) {
      const Result<void> forgotten = forget(task);
      if (forgotten) ++summary.purged;
      keep_first_error(purged, forgotten);
    }
    // What failed would be listed again at once.
  } while (purged && listed == static_cast<std::size_t>(options_.batch));
  return purged;
}

Result<void> Sweeper::forget(const Task& task) {
  DECANT_CHECK(remove_source(objects_, task));
  if (task.result) DECANT_CHECK(remove_result(objects_, task.result->key));
  return store_.purge(task.id);
}

Result<void> Sweeper::remove_expired_uploads(SweepSummary& summary) {
  Result<void> removed;
  std::size_t ended = 0;
  do {
    // The row goes first, so that nobody confirms what is being removed. A file that stays behind is an orphan.
    DECANT_TRY(const auto keys, store_.remove_expired_uploads(options_.batch));
    ended = keys.size();
    summary.uploads_expired += static_cast<int>(ended);
    for (const std::string& key : keys) keep_first_error(removed, objects_.remove(key));
  } while (ended == static_cast<std::size_t>(options_.batch));
  return removed;
}

Result<void> Sweeper::remove_orphans(SweepSummary& summary) {
  const SteadyTime now = clock_.steady_now();
  if (next_orphan_scan_ && now < *next_orphan_scan_) return {};

  const WallTime newest = clock_.wall_now() - options_.orphan_grace;
  std::vector<std::string> keys;
  Result<void> removed;
  DECANT_CHECK(objects_.list([&](const ObjectInfo& object) {
    if (object.modified > newest) return true;
    keys.push_back(object.key);
    if (keys.size() == static_cast<std::size_t>(options_.batch)) {
      keep_first_error(removed, remove_unreferenced(keys, summary));
      keys.clear();
    }
    return true;
  }));
  keep_first_error(removed, remove_unreferenced(keys, summary));
  keep_first_error(removed, objects_.remove_unfinished(newest));
  if (removed) next_orphan_scan_ = now + options_.orphan_scan_interval;
  return removed;
}

Result<void> Sweeper::remove_unreferenced(const std::vector<std::string>& keys, SweepSummary& summary) {
  if (keys.empty()) return {};
  std::set<std::string, std::less<>> owners;
  for (const std::string& key : keys) owners.emplace(owner_of(key));
  DECANT_TRY(const auto unreferenced, store_.find_unreferenced({owners.begin(), owners.end()}));
  Result<void> removed;
  for (const std::string& key : keys) {
    if (std::ranges::find(unreferenced, owner_of(key)) == unreferenced.end()) continue;
    const Result<void> gone = objects_.remove(key);
    keep_first_error(removed, gone);
    if (!gone) continue;
    ++summary.orphans_removed;
    logger_.info("an object of no task was removed", {{"key", key}});
  }
  return removed;
}

}  // namespace decant::tasks
