#pragma once

#include <sys/types.h>

#include <deque>
#include <map>
#include <mutex>
#include <vector>

namespace decant::sandbox {

/// The machine's cores, shared out among the children of one zygote, as GNU make's jobserver does among its jobs:
/// whoever keeps a core busy holds a token. This is the child's end; it works inside the jail, and from any of its
/// threads.
///
/// Unlike make's, the tokens are not bytes in a pipe that everybody reads: a child asks the zygote over its channel,
/// and the zygote knows who holds what. So a child that is killed loses no token, and one that is taken over can forge
/// none.
class JobTokens {
 public:
  /// `total`: what the zygote shares out.
  JobTokens(int channel, int total) : channel_(channel), total_(total) {}

  [[nodiscard]] int total() const { return total_; }

  /// Waits for a token. The process ends when the zygote is gone.
  void acquire();
  /// Takes a token if one is free now, and nobody waits for one.
  [[nodiscard]] bool try_acquire();
  /// Gives one back. Give back what was taken, and no more: the zygote kills a child that returns what it has not.
  void release();

 private:
  int channel_;
  int total_;
  std::mutex asking_;  ///< one question at a time, so that answers need no number
};

/// Holds one token for a scope.
class HeldToken {
 public:
  explicit HeldToken(JobTokens& tokens) : tokens_(tokens) { tokens_.acquire(); }
  ~HeldToken() { tokens_.release(); }
  HeldToken(const HeldToken&) = delete;
  HeldToken& operator=(const HeldToken&) = delete;

 private:
  JobTokens& tokens_;
};

/// The bytes on a channel.
enum class TokenMessage : char { acquire = 'a', try_acquire = 't', release = 'r', granted = 'y', denied = 'n' };

/// The zygote's end: who holds and who waits. Knows children by a number of the caller's (their process ids).
/// Single-threaded.
class TokenPool {
 public:
  explicit TokenPool(int count) : free_(count) {}

  enum class Answer { granted, denied, wait, none, violation };
  /// What to answer `child`. `violation`: it may not ask that now.
  Answer ask(pid_t child, TokenMessage message);
  /// Everything that `child` held is free again; it waits for nothing any more.
  void forget(pid_t child);
  /// Who gets a token now, of those that had to wait: each is to be told `granted`.
  std::vector<pid_t> grant_waiting();
  [[nodiscard]] int free() const { return free_; }

 private:
  int free_;
  std::map<pid_t, int> held_;
  std::deque<pid_t> waiting_;
};

}  // namespace decant::sandbox
