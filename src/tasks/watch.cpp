#include "tasks/watch.h"

#include <algorithm>
#include <exception>

namespace decant::tasks {
namespace {

using Steady = std::chrono::steady_clock;

/// How many pages one look reads for all before the others get their turn.
constexpr int most_pages = 20;
/// Progress is told again rather than missed.
constexpr std::chrono::milliseconds progress_overlap{1000};

bool is_same(const TaskChange& one, const TaskChange& other) {
  return one.position == other.position && one.state == other.state && one.progress == other.progress;
}

}  // namespace

Watch::Watch(WatchOptions options, TaskChanges& changes, Logger& logger)
    : options_(options),
      changes_(changes),
      logger_(logger),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

Watch::~Watch() = default;

Result<std::unique_ptr<Watch::Listener>> Watch::listen(Interest interest) {
  auto entry = std::make_shared<Entry>();
  entry->interest = std::move(interest);
  {
    const std::lock_guard lock(mutex_);
    if (entries_.size() >= static_cast<std::size_t>(options_.listeners)) {
      return failure(ErrorCode::unavailable, "too many listen for events: try again shortly");
    }
    int& of_user = by_user_[entry->interest.user];
    if (of_user >= options_.listeners_per_user) {
      return failure(ErrorCode::rate_limited, "too many streams of events at once: close one first");
    }
    ++of_user;
    entries_.push_back(entry);
    has_new_ = true;
  }
  stirred_.notify_all();
  // Not make_unique: the constructor is listen's alone.
  return std::unique_ptr<Listener>(new Listener(*this, std::move(entry)));
}

Watch::Listener::~Listener() { watch_.leave(entry_); }

void Watch::Listener::on_news(std::function<void()> wake) {
  const std::lock_guard lock(watch_.mutex_);
  entry_->wake = std::move(wake);
  if (entry_->position || !entry_->pending.empty() || entry_->is_lost) entry_->wake();
}

Watch::News Watch::Listener::take() {
  const std::lock_guard lock(watch_.mutex_);
  News news;
  for (auto& [task, change] : entry_->pending) news.changes.push_back(std::move(change));
  entry_->pending.clear();
  news.position = std::exchange(entry_->position, std::nullopt);
  news.is_lost = entry_->is_lost;
  return news;
}

void Watch::leave(const std::shared_ptr<Entry>& entry) {
  const std::lock_guard lock(mutex_);
  entry->wake = nullptr;
  std::erase(entries_, entry);
  const auto user = by_user_.find(entry->interest.user);
  if (--user->second == 0) by_user_.erase(user);
}

void Watch::tell(Entry& entry, std::span<const TaskChange> changes, std::optional<ChangePosition> position) const {
  const auto& wanted = entry.interest;
  bool has_news = false;
  for (const TaskChange& change : changes) {
    if (entry.is_lost || change.user != wanted.user || (wanted.task && change.task != *wanted.task)) continue;
    entry.pending.insert_or_assign(change.task, change);
    entry.is_lost = entry.pending.size() > static_cast<std::size_t>(options_.batch);
    has_news = true;
  }
  if (entry.is_lost) entry.pending.clear();
  // A position alone is worth no packet, but for the first.
  if (has_news || entry.stage != Stage::is_current) {
    entry.position = position;
    if (entry.wake) entry.wake();
  }
}

void Watch::run(const std::stop_token& stop) {
  auto next_look = Steady::now();
  while (!stop.stop_requested()) {
    {
      std::unique_lock lock(mutex_);
      if (entries_.empty()) {
        position_.reset();
        told_.clear();
        stirred_.wait(lock, stop, [this] { return !entries_.empty(); });
      } else {
        stirred_.wait_until(lock, stop, next_look, [this] { return has_new_; });
      }
      has_new_ = false;
    }
    if (stop.stop_requested()) return;
    const bool all_are_due = Steady::now() >= next_look;
    if (all_are_due) next_look = Steady::now() + options_.interval;
    Result<void> done;
    try {
      done = turn(all_are_due);
    } catch (const std::exception& exception) {
      done = failure(ErrorCode::internal, "an internal fault", exception.what());
    }
    if (!done && !is_away_) {
      logger_.warning("cannot see what happens to tasks; who listens hears of it later",
                      {{"error", done.error().describe()}});
    }
    if (done && is_away_) logger_.info("what happens to tasks is seen again");
    is_away_ = !done;
  }
}

Result<void> Watch::turn(bool all_are_due) {
  Entries begins;
  Entries catches_up;
  Entries current;
  {
    const std::lock_guard lock(mutex_);
    for (const auto& entry : entries_) {
      if (entry->is_lost) continue;
      (entry->stage == Stage::begins       ? begins
       : entry->stage == Stage::catches_up ? catches_up
                                           : current)
          .push_back(entry);
    }
  }
  if (!position_) {
    // Before anybody is told how a task is: what happens after that is seen by the next look.
    DECANT_TRY(position_, changes_.newest_position());
    last_look_ = Steady::now();
  }
  for (const auto& entry : begins) DECANT_CHECK(begin(*entry));
  if (!all_are_due) return {};
  for (const auto& entry : catches_up) DECANT_CHECK(catch_up(*entry));
  if (!current.empty()) return look(current);
  return {};
}

Result<void> Watch::begin(Entry& entry) {
  const Interest& interest = entry.interest;
  if (interest.task) {
    DECANT_TRY(auto change, changes_.find_change(*interest.task, interest.user));
    if (!change) change = TaskChange{.task = *interest.task, .user = interest.user, .state = State::CANCELED};
    const std::lock_guard lock(mutex_);
    tell(entry, std::span(&*change, 1), position_);
    entry.stage = Stage::is_current;
    return {};
  }
  if (interest.after) {
    {
      const std::lock_guard lock(mutex_);
      entry.stage = Stage::catches_up;
    }
    return catch_up(entry);
  }
  const std::lock_guard lock(mutex_);
  tell(entry, {}, position_);
  entry.stage = Stage::is_current;
  return {};
}

Result<void> Watch::catch_up(Entry& entry) {
  {
    const std::lock_guard lock(mutex_);
    if (!entry.pending.empty()) return {};  // it reads slowly: no more before it has taken these
  }
  DECANT_TRY(const Changes page, changes_.list_changes({.users = {entry.interest.user},
                                                        .after = *entry.interest.after,
                                                        .limit = options_.batch,
                                                        .progress_within = progress_overlap}));
  const std::lock_guard lock(mutex_);
  tell(entry, page.changed, page.position);
  entry.interest.after = page.position;
  if (page.has_more) return {};
  tell(entry, page.early, page.position);
  entry.stage = Stage::is_current;
  return {};
}

std::vector<TaskChange> Watch::news_of(const Changes& changes,
                                       std::unordered_map<std::string, TaskChange>& found) const {
  std::vector<TaskChange> news;
  for (const auto* list : {&changes.changed, &changes.early}) {
    for (const TaskChange& change : *list) {
      const std::string& task = change.task.text();
      const auto [now, is_first] = found.try_emplace(task, change);
      const auto before = told_.find(task);
      const TaskChange* const last = !is_first ? &now->second : before == told_.end() ? nullptr : &before->second;
      if (last == nullptr || !is_same(*last, change)) news.push_back(change);
      now->second = change;
    }
  }
  return news;
}

Result<void> Watch::look(const Entries& current) {
  ChangeQuery query{.users = {}, .after = *position_, .limit = options_.batch, .progress_within = {}};
  for (const auto& entry : current) query.users.push_back(entry->interest.user);
  std::ranges::sort(query.users);
  query.users.erase(std::ranges::unique(query.users).begin(), query.users.end());
  const auto start = Steady::now();
  query.progress_within = std::chrono::ceil<std::chrono::milliseconds>(start - last_look_) + progress_overlap;

  std::unordered_map<std::string, TaskChange> found;
  bool has_more = true;
  for (int page = 0; has_more && page < most_pages; ++page) {
    DECANT_TRY(const Changes changes, changes_.list_changes(query));
    const std::vector<TaskChange> news = news_of(changes, found);
    query.after = changes.position;
    has_more = changes.has_more;
    const std::lock_guard lock(mutex_);
    for (const auto& entry : current) tell(*entry, news, changes.position);
    position_ = changes.position;
  }
  told_ = std::move(found);
  last_look_ = start;
  return {};
}

}  // namespace decant::tasks
