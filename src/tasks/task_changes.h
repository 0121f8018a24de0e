#pragma once

#include <compare>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "tasks/task.h"

namespace decant::tasks {

/// How far somebody has read the changes of a database: all up to here, and here. Its numbers mean something to that
/// database only.
struct ChangePosition {
  std::int64_t change = 0;
  std::int64_t row = 0;  ///< among the rows of one change

  static constexpr std::int64_t last_row = std::numeric_limits<std::int64_t>::max();

  /// "4711", or "4711.12" amid the rows of a change.
  [[nodiscard]] std::string text() const;
  /// Nothing for what text() never says.
  static std::optional<ChangePosition> parse(std::string_view text);

  friend auto operator<=>(const ChangePosition&, const ChangePosition&) = default;
};

/// What changed about a task: as it is now, whatever it was in between.
struct TaskChange {
  TaskId task;
  UserId user;
  State state = State::UPLOADED;  ///< CANCELED: its owner deleted it, or its age
  double progress = 0;
  int attempts = 0;
  std::optional<TaskError> error;
  ChangePosition position;  ///< of the last edge (job_states.md) that it took
};

struct ChangeQuery {
  std::vector<UserId> users;  ///< whose tasks
  ChangePosition after;
  int limit = 500;  ///< tasks that changed, at the most
  std::chrono::milliseconds progress_within{};
};

struct Changes {
  std::vector<TaskChange> changed;  ///< made or moved along an edge since, in the order of their positions
  /// What goes into no position: tasks that are PROCESSING and told progress within `progress_within`, and changes that
  /// will be told again when no older one can come any more. At most twice the limit.
  std::vector<TaskChange> early;
  ChangePosition position;  ///< where to go on
  bool has_more = false;    ///< than the limit: go on at once
};

/// The changes of all tasks, whoever made them, for those who tell users. Each call is one transaction that sees one
/// state, and blocks; thread-safe. Nothing is ever missed between two positions, however the transactions that changed
/// tasks overlapped. Purged tasks are gone from here, too.
class TaskChanges {
 public:
  virtual ~TaskChanges() = default;
  /// Where reading begins for who wants no past.
  virtual Result<ChangePosition> newest_position() = 0;
  /// Nothing when there is no such task of that user; a canceled one is found until it is purged.
  virtual Result<std::optional<TaskChange>> find_change(const TaskId& id, const UserId& user) = 0;
  virtual Result<Changes> list_changes(const ChangeQuery& query) = 0;
};

}  // namespace decant::tasks
