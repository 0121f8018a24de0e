#include "sandbox/job_tokens.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace decant::sandbox {
namespace {

// Without the zygote there is nobody to work for.
void check(ssize_t transferred) {
  if (transferred == 0 || (transferred < 0 && errno != EINTR)) ::_exit(1);
}

void tell(int channel, TokenMessage message) {
  ssize_t written = 0;
  while ((written = ::write(channel, &message, 1)) != 1) check(written);
}

bool ask(int channel, TokenMessage message) {
  tell(channel, message);
  auto answer = TokenMessage::denied;
  ssize_t received = 0;
  while ((received = ::read(channel, &answer, 1)) != 1) check(received);
  return answer == TokenMessage::granted;
}

}  // namespace

void JobTokens::acquire() {
  const std::lock_guard lock(asking_);
  if (!ask(channel_, TokenMessage::acquire)) ::_exit(1);
}

bool JobTokens::try_acquire() {
  // Another thread waits for a token: there is none to be had.
  const std::unique_lock lock(asking_, std::try_to_lock);
  return lock.owns_lock() && ask(channel_, TokenMessage::try_acquire);
}

void JobTokens::release() { tell(channel_, TokenMessage::release); }

TokenPool::Answer TokenPool::ask(pid_t child, TokenMessage message) {
  const bool waits = std::ranges::find(waiting_, child) != waiting_.end();
  switch (message) {
    case TokenMessage::acquire:
      if (waits) return Answer::violation;
      waiting_.push_back(child);
      return Answer::wait;
    case TokenMessage::try_acquire:
      if (waits) return Answer::violation;
      if (free_ == 0 || !waiting_.empty()) return Answer::denied;
      --free_;
      ++held_[child];
      return Answer::granted;
    case TokenMessage::release: {
      const auto holder = held_.find(child);
      if (holder == held_.end()) return Answer::violation;
      if (--holder->second == 0) held_.erase(holder);
      ++free_;
      return Answer::none;
    }
    case TokenMessage::granted:
    case TokenMessage::denied: break;
  }
  return Answer::violation;
}

void TokenPool::forget(pid_t child) {
  std::erase(waiting_, child);
  const auto holder = held_.find(child);
  if (holder == held_.end()) return;
  free_ += holder->second;
  held_.erase(holder);
}

std::vector<pid_t> TokenPool::grant_waiting() {
  std::vector<pid_t> granted;
  while (free_ > 0 && !waiting_.empty()) {
    granted.push_back(waiting_.front());
    waiting_.pop_front();
    --free_;
    ++held_[granted.back()];
  }
  return granted;
}

}  // namespace decant::sandbox
