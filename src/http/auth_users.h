#pragma once

#include <list>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "base/clock.h"
#include "http/auth_token.h"
#include "http/blocking_pool.h"
#include "http/message.h"
#include "tasks/user_store.h"

namespace decant::http {

/// The users of tokens, remembered for a short while so that a request need not ask the database who asks. What changes
/// about an account (disabled, a new password) holds after `lifetime` at the latest. Keeps `most_users` at the most.
/// Thread-safe.
class TokenUsers {
 public:
  struct Options {
    std::chrono::milliseconds lifetime{3000};
    std::size_t most_users = 10'000;
  };
  /// All three outlive it.
  TokenUsers(Options options, tasks::UserStore& users, BlockingPool& pool, const Clock& clock)
      : options_(options), users_(users), pool_(pool), clock_(clock) {}

  /// unauthenticated when the user is gone, disabled, or of another token generation.
  Awaitable<Result<tasks::User>> find(const TokenClaims& claims);

 private:
  struct Entry {
    tasks::User user;
    SteadyTime expires;
  };
  std::optional<tasks::User> find_remembered(const tasks::UserId& id);
  void remember(const tasks::User& user);

  Options options_;
  tasks::UserStore& users_;
  BlockingPool& pool_;
  const Clock& clock_;
  std::mutex mutex_;
  std::list<Entry> entries_;  ///< in the order of `expires`
  std::unordered_map<std::string, std::list<Entry>::iterator> by_id_;
};

}  // namespace decant::http
