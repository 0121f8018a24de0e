#include "http/auth_users.h"

namespace decant::http {

Awaitable<Result<tasks::User>> TokenUsers::find(const TokenClaims& claims) {
  std::optional<tasks::User> user = find_remembered(claims.user);
  if (!user) {
    DECANT_CO_TRY(user, co_await pool_.run([&] { return users_.find_user(claims.user); }));
    if (user) remember(*user);
  }
  if (!user || user->disabled || user->token_generation != claims.generation) {
    co_return failure(ErrorCode::unauthenticated, "the token is not valid; log in again",
                      "user gone, disabled or changed");
  }
  co_return *std::move(user);
}

std::optional<tasks::User> TokenUsers::find_remembered(const tasks::UserId& id) {
  const SteadyTime now = clock_.steady_now();
  const std::lock_guard lock(mutex_);
  while (!entries_.empty() && entries_.front().expires <= now) {
    by_id_.erase(entries_.front().user.id.text());
    entries_.pop_front();
  }
  const auto found = by_id_.find(id.text());
  if (found == by_id_.end()) return std::nullopt;
  return found->second->user;
}

void TokenUsers::remember(const tasks::User& user) {
  const SteadyTime expires = clock_.steady_now() + options_.lifetime;
  const std::lock_guard lock(mutex_);
  if (const auto found = by_id_.find(user.id.text()); found != by_id_.end()) {
    entries_.erase(found->second);
    by_id_.erase(found);
  }
  if (entries_.size() >= options_.most_users) {
    by_id_.erase(entries_.front().user.id.text());
    entries_.pop_front();
  }
  entries_.push_back({user, expires});
  by_id_.emplace(user.id.text(), std::prev(entries_.end()));
}

}  // namespace decant::http
