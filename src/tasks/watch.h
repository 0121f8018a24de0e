#pragma once

#include <condition_variable>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <thread>
#include <unordered_map>

#include "base/log.h"
#include "tasks/task_changes.h"

namespace decant::tasks {

struct WatchOptions {
  std::chrono::milliseconds interval{250};  ///< between two looks at the database
  int listeners = 1000;                     ///< at once; more are unavailable
  int listeners_per_user = 8;               ///< more are rate_limited
  /// Changes that one look reads at once. A listener that left more than these untaken is lost.
  int batch = 500;
};

/// Tells listeners of this process what happens to their users' tasks, whichever process does it. One thread looks at
/// the database for all of them, and only while there are any. What a listener has not taken yet is kept once a task,
/// as it is now; nothing that a listener was told is older than what it was told before.
class Watch {
  struct Entry;

 public:
  /// The references outlive it.
  Watch(WatchOptions options, TaskChanges& changes, Logger& logger);
  /// After its last listener.
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  struct Interest {
    UserId user;
    std::optional<TaskId> task = {};  ///< only this one, and at first how it is; else all of the user's
    /// All tasks: what changed since then comes first. Nothing: only what changes from now on.
    std::optional<ChangePosition> after = {};
  };

  /// What a listener is told at once.
  struct News {
    std::vector<TaskChange> changes;
    /// Who has heard these may go on from here. Nothing when there are none.
    std::optional<ChangePosition> position;
    bool is_lost = false;  ///< too much was left untaken: there will be no more
  };

  /// One that listens, until its end. One thread at a time.
  class Listener {
   public:
    ~Listener();
    Listener(const Listener&) = delete;
    Listener& operator=(const Listener&) = delete;

    /// Calls this when there are news, on the watch's thread, with its lock held: it only passes the word. At once when
    /// there are some.
    void on_news(std::function<void()> wake);
    [[nodiscard]] News take();

   private:
    friend class Watch;
    Listener(Watch& watch, std::shared_ptr<Entry> entry) : watch_(watch), entry_(std::move(entry)) {}

    Watch& watch_;
    std::shared_ptr<Entry> entry_;
  };

  /// Blocks for nobody. The watch outlives the listener.
  Result<std::unique_ptr<Listener>> listen(Interest interest);

 private:
  enum class Stage {
    begins,      ///< has heard nothing yet
    catches_up,  ///< reads what changed since it was here before, page by page
    is_current,
  };
  /// Shared because a listener may go while the watch reads for it. Guarded by mutex_.
  struct Entry {
    Interest interest;
    Stage stage = Stage::begins;
    std::function<void()> wake;
    std::map<TaskId, TaskChange> pending;
    std::optional<ChangePosition> position;  ///< behind what is pending
    bool is_lost = false;
  };
  using Entries = std::vector<std::shared_ptr<Entry>>;

  void run(const std::stop_token& stop);
  /// One turn: brings up to date who has come, and when `all_are_due` everybody.
  Result<void> turn(bool all_are_due);
  Result<void> begin(Entry& entry);
  Result<void> catch_up(Entry& entry);
  Result<void> look(const Entries& current);
  /// Of what a look found, what is new; remembers all of it.
  std::vector<TaskChange> news_of(const Changes& changes, std::unordered_map<std::string, TaskChange>& found) const;
  void leave(const std::shared_ptr<Entry>& entry);
  /// With the lock held.
  void tell(Entry& entry, std::span<const TaskChange> changes, std::optional<ChangePosition> position) const;

  const WatchOptions options_;
  TaskChanges& changes_;
  Logger& logger_;

  std::mutex mutex_;
  std::condition_variable_any stirred_;
  std::list<std::shared_ptr<Entry>> entries_;
  std::map<UserId, int> by_user_;
  bool has_new_ = false;

  // Of the thread.
  std::optional<ChangePosition> position_;  ///< of all that are current; nothing while nobody is
  /// By task, what the last look found: it may find it again.
  std::unordered_map<std::string, TaskChange> told_;
  std::chrono::steady_clock::time_point last_look_{};
  bool is_away_ = false;  ///< the database

  std::jthread thread_;
};

}  // namespace decant::tasks
