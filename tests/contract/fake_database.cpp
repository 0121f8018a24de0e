#include "contract/fake_database.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <functional>

namespace decant::contract {
namespace {

using tasks::State;

bool equal_without_case(std::string_view a, std::string_view b) {
  const auto lower = [](unsigned char character) { return std::tolower(character); };
  return std::ranges::equal(a, b, {}, lower, lower);
}

template <class Things>
void shorten(Things& things, int limit) {
  if (things.size() > static_cast<std::size_t>(limit)) things.resize(static_cast<std::size_t>(limit));
}

}  // namespace

FakeDatabase::Row* FakeDatabase::find_visible(const tasks::TaskId& id, const tasks::UserId& user) {
  const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
    return row.task.id == id && row.task.user == user && row.task.state != State::CANCELED;
  });
  return found == rows_.end() ? nullptr : &*found;
}

FakeDatabase::Row* FakeDatabase::find_claimed(const tasks::TaskId& id, std::int64_t fence) {
  const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
    return row.task.id == id && row.task.fence == fence && row.task.state == State::PROCESSING;
  });
  return found == rows_.end() ? nullptr : &*found;
}

FakeDatabase::Row* FakeDatabase::find_by_key(const tasks::UserId& user, const std::string& key) {
  const auto found = std::ranges::find_if(rows_, [&](const Row& row) {
    return !key.empty() && row.idempotency_key == key && row.task.user == user && row.task.state != State::CANCELED &&
           row.task.created > now() - tasks::idempotency_window;
  });
  return found == rows_.end() ? nullptr : &*found;
}

bool FakeDatabase::is_claimable(const Row& row) const {
  if (row.task.state == State::UPLOADED) return row.task.not_before <= now();
  return row.task.state == State::PROCESSING && row.lease_until <= now() && row.task.attempts < row.task.max_attempts;
}

ByteCount FakeDatabase::stored_bytes(const tasks::UserId& user) const {
  ByteCount sum = 0;
  for (const Row& row : rows_) {
    if (row.task.user != user || row.task.state == State::CANCELED) continue;
    sum += row.task.uploaded_bytes() + (row.task.result ? row.task.result->size : 0);
  }
  for (const UploadRow& row : uploads_) {
    if (row.upload.user == user) sum += row.upload.size;
  }
  return sum;
}

bool FakeDatabase::is_enabled(const tasks::UserId& user) const {
  const auto found = users_.find(user);
  return found != users_.end() && !found->second.disabled;
}

void FakeDatabase::make_ready(tasks::Task& task, WallTime not_before) const {
  task.state = State::UPLOADED;
  task.not_before = not_before;
  task.progress = 0;
  task.updated = now();
}

void FakeDatabase::ring(Row& row) {
  if (row.task.state != State::UPLOADED) return;
  row.rung = now();
  const WallTime due = std::max(row.task.not_before, now());
  rings_.push_back({{++last_ring_, {row.task.id, row.task.generation}}, due, due});
}

Result<std::optional<tasks::Task>> FakeDatabase::find_task(const tasks::TaskId& id, const tasks::UserId& user) {
  const std::lock_guard lock(mutex_);
  const Row* row = find_visible(id, user);
  return row == nullptr ? std::nullopt : std::optional(row->task);
}

Result<std::vector<tasks::Task>> FakeDatabase::list_tasks(const tasks::ListQuery& query) {
  const std::lock_guard lock(mutex_);
  const bool newest_first = query.order == tasks::Order::newest_first;
  std::vector<tasks::Task> found;
  for (const Row& row : rows_) {
    const tasks::Task& task = row.task;
    if (task.user != query.user || task.state == State::CANCELED) continue;
    if (query.state && task.state != *query.state) continue;
    if (query.after && (newest_first ? task.id >= *query.after : task.id <= *query.after)) continue;
    found.push_back(task);
  }
  std::ranges::sort(found, {}, &tasks::Task::id);
  if (newest_first) std::ranges::reverse(found);
  shorten(found, query.max);
  return found;
}

std::optional<std::int64_t> FakeDatabase::list_version() {
  const std::lock_guard lock(mutex_);
  std::string all;
  for (const Row& row : rows_) {
    const tasks::Task& task = row.task;
    all += fmt::format("{} {} {} {} {};", task.id.text(), to_string(task.state), task.fence, task.progress,
                       task.error ? task.error->message : "");
  }
  return static_cast<std::int64_t>(std::hash<std::string>()(all));
}

Result<tasks::Task> FakeDatabase::insert_task(const tasks::NewTask& given) {
  const std::lock_guard lock(mutex_);
  if (const Row* first = find_by_key(given.task.user, given.idempotency_key)) return first->task;
  if (!is_enabled(given.task.user)) return failure(ErrorCode::unauthenticated, "no such account");
  if (given.quota > 0 && stored_bytes(given.task.user) + given.task.uploaded_bytes() > given.quota) {
    return failure(ErrorCode::quota_exceeded, "the account is full");
  }
  const bool exists = std::ranges::any_of(rows_, [&](const Row& row) { return row.task.id == given.task.id; });
  if (exists) return failure(ErrorCode::conflict, "it exists already");
  return insert_row(given);
}

tasks::Task FakeDatabase::insert_row(const tasks::NewTask& given) {
  tasks::Task task;
  task.id = given.task.id;
  task.user = given.task.user;
  task.created = task.updated = task.not_before = now();
  task.name = given.task.name;
  task.target = given.task.target;
  task.options = given.task.options;
  task.max_attempts = given.task.max_attempts;
  task.media = given.task.media;
  task.source = given.task.source;
  task.cover = given.task.cover;
  task.trace = given.task.trace;
  rows_.push_back({task, {}, given.idempotency_key});
  ring(rows_.back());
  return task;
}

Result<tasks::Task> FakeDatabase::reconvert(const tasks::Reconversion& change) {
  const std::lock_guard lock(mutex_);
  Row* row = find_visible(change.task, change.user);
  if (row == nullptr) return failure(ErrorCode::not_found, "no such task");
  tasks::Task& task = row->task;
  make_ready(task, now());
  task.target = change.target;
  task.options = change.options;
  task.max_attempts = change.max_attempts;
  task.trace = change.trace;
  task.attempts = 0;
  task.error.reset();
  ++task.generation;
  ++task.fence;
  ring(*row);
  return task;
}

Result<std::optional<tasks::Task>> FakeDatabase::cancel_task(const tasks::TaskId& id, const tasks::UserId& user) {
  const std::lock_guard lock(mutex_);
  Row* row = find_visible(id, user);
  if (row == nullptr) return std::nullopt;
  const tasks::Task before = row->task;
  row->task.state = State::CANCELED;
  row->task.updated = now();
  ++row->task.fence;
  return before;
}

Result<std::optional<tasks::Claim>> FakeDatabase::claim(const tasks::ClaimRequest& request) {
  const std::lock_guard lock(mutex_);
  Row* oldest = nullptr;
  for (Row& row : rows_) {
    if (!is_claimable(row)) continue;
    const auto& wanted = request.wanted;
    if (wanted && (row.task.id != wanted->task || row.task.generation != wanted->generation)) continue;
    if (oldest == nullptr || row.task.not_before < oldest->task.not_before) oldest = &row;
  }
  if (oldest == nullptr) return std::nullopt;
  tasks::Task& task = oldest->task;
  task.state = State::PROCESSING;
  task.updated = now();
  task.progress = 0;
  ++task.attempts;
  ++task.fence;
  oldest->lease_until = now() + request.lease;
  oldest->worker = request.worker;
  return tasks::Claim{task};
}

Result<bool> FakeDatabase::heartbeat(const tasks::TaskId& id, std::int64_t fence, std::chrono::milliseconds lease,
                                     double progress) {
  const std::lock_guard lock(mutex_);
  Row* row = find_claimed(id, fence);
  if (row == nullptr) return false;
  row->lease_until = now() + lease;
  row->task.progress = progress;
  row->task.updated = now();
  return true;
}

Result<bool> FakeDatabase::commit(const Commit& commit, std::string& replaced) {
  const std::lock_guard lock(mutex_);
  Row* row = find_claimed(commit.task, commit.fence);
  if (row == nullptr) return false;
  tasks::Task& task = row->task;
  replaced = task.result ? task.result->key : std::string();
  task.state = State::PROCESSED;
  task.updated = now();
  task.result = commit.result;
  task.result_target = task.target;
  task.report = commit.report;
  task.progress = 1;
  task.error.reset();
  return true;
}

Result<bool> FakeDatabase::fail(const tasks::TaskId& id, std::int64_t fence, const tasks::TaskError& error,
                                std::optional<std::chrono::milliseconds> pause) {
  const std::lock_guard lock(mutex_);
  Row* row = find_claimed(id, fence);
  if (row == nullptr) return false;
  make_ready(row->task, now() + pause.value_or(std::chrono::milliseconds::zero()));
  if (!pause || row->task.attempts >= row->task.max_attempts) row->task.state = State::FAILED;
  row->task.error = error;
  ring(*row);
  return true;
}

Result<bool> FakeDatabase::give_back(const tasks::TaskId& id, std::int64_t fence) {
  const std::lock_guard lock(mutex_);
  Row* row = find_claimed(id, fence);
  if (row == nullptr) return false;
  make_ready(row->task, std::min(row->task.not_before, now()));
  --row->task.attempts;
  ring(*row);
  return true;
}

Result<std::optional<std::chrono::milliseconds>> FakeDatabase::time_to_next_ready() {
  const std::lock_guard lock(mutex_);
  std::optional<WallTime> earliest;
  for (const Row& row : rows_) {
    const bool waits = row.task.state == State::UPLOADED;
    const bool works = row.task.state == State::PROCESSING && row.task.attempts < row.task.max_attempts;
    if (!waits && !works) continue;
    const WallTime ready = waits ? row.task.not_before : row.lease_until;
    earliest = std::min(earliest.value_or(ready), ready);
  }
  if (!earliest) return std::nullopt;
  return std::max(*earliest - now(), std::chrono::milliseconds::zero());
}

Result<std::vector<tasks::TaskRef>> FakeDatabase::release_expired_leases(int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<tasks::TaskRef> ready;
  for (Row& row : rows_) {
    tasks::Task& task = row.task;
    if (task.state != State::PROCESSING || row.lease_until > now()) continue;
    if (limit-- <= 0) break;
    const bool is_spent = task.attempts >= task.max_attempts;
    make_ready(task, std::min(task.not_before, now()));
    ++task.fence;
    if (is_spent) {
      task.state = State::FAILED;
      if (!task.error) task.error = tasks::TaskError{ErrorCode::crashed, "The worker was lost."};
    } else {
      ready.push_back({task.id, task.generation});
      ring(row);
    }
  }
  return ready;
}

Result<int> FakeDatabase::ring_again(std::chrono::milliseconds age, int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<Row*> oldest;
  for (Row& row : rows_) {
    if (row.task.state == State::UPLOADED && row.task.not_before <= now() - age) oldest.push_back(&row);
  }
  std::ranges::sort(oldest, {}, [](const Row* row) { return std::pair(row->task.not_before, row); });
  shorten(oldest, limit);
  int rung = 0;
  for (Row* row : oldest) {
    if (row->rung > now() - age) continue;
    ring(*row);
    ++rung;
  }
  return rung;
}

Result<int> FakeDatabase::cancel_older_than(std::chrono::milliseconds age, int limit) {
  const std::lock_guard lock(mutex_);
  int canceled = 0;
  for (Row& row : rows_) {
    tasks::Task& task = row.task;
    const bool is_finished = task.state == State::PROCESSED || task.state == State::FAILED;
    if (canceled >= limit || !is_finished || task.updated >= now() - age) continue;
    task.state = State::CANCELED;
    task.updated = now();
    ++task.fence;
    ++canceled;
  }
  return canceled;
}

Result<std::vector<tasks::Task>> FakeDatabase::list_canceled(int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<tasks::Task> canceled;
  for (const Row& row : rows_) {
    if (row.task.state == State::CANCELED) canceled.push_back(row.task);
  }
  shorten(canceled, limit);
  return canceled;
}

Result<void> FakeDatabase::purge(const tasks::TaskId& id) {
  const std::lock_guard lock(mutex_);
  std::erase_if(rows_, [&](const Row& row) { return row.task.id == id && row.task.state == State::CANCELED; });
  return {};
}

Result<void> FakeDatabase::insert_upload(const tasks::NewDirectUpload& given) {
  const std::lock_guard lock(mutex_);
  const tasks::DirectUpload& upload = given.upload;
  if (!is_enabled(upload.user)) return failure(ErrorCode::unauthenticated, "no such account");
  if (given.quota > 0 && stored_bytes(upload.user) + upload.size > given.quota) {
    return failure(ErrorCode::quota_exceeded, "the account is full");
  }
  const auto open = std::ranges::count(uploads_, upload.user, [](const UploadRow& row) { return row.upload.user; });
  if (open >= given.most_open) return failure(ErrorCode::rate_limited, "too many uploads are open");
  if (std::ranges::count(uploads_, upload.id, [](const UploadRow& row) { return row.upload.id; }) > 0) {
    return failure(ErrorCode::conflict, "it exists already");
  }
  const WallTime link_until = now() + given.link_lifetime;
  uploads_.push_back({upload, link_until, link_until + given.grace});
  return {};
}

Result<std::optional<tasks::DirectUpload>> FakeDatabase::find_upload(const tasks::TaskId& id,
                                                                     const tasks::UserId& user) {
  const std::lock_guard lock(mutex_);
  for (const UploadRow& row : uploads_) {
    if (row.upload.id == id && row.upload.user == user) return row.upload;
  }
  return std::nullopt;
}

Result<std::optional<tasks::Task>> FakeDatabase::turn_into_task(const tasks::Task& task) {
  const std::lock_guard lock(mutex_);
  const auto gone = std::erase_if(
      uploads_, [&](const UploadRow& row) { return row.upload.id == task.id && row.upload.user == task.user; });
  if (gone == 0) return std::nullopt;
  return insert_row({task});
}

Result<void> FakeDatabase::give_up(const tasks::TaskId& id) {
  const std::lock_guard lock(mutex_);
  for (UploadRow& row : uploads_) {
    if (row.upload.id == id) row.open_until = std::min(row.open_until, row.link_until);
  }
  return {};
}

Result<std::vector<std::string>> FakeDatabase::remove_expired_uploads(int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> keys;
  std::erase_if(uploads_, [&](const UploadRow& row) {
    if (limit <= 0 || row.open_until > now()) return false;
    --limit;
    keys.push_back(row.upload.key);
    return true;
  });
  return keys;
}

Result<std::vector<std::string>> FakeDatabase::find_unreferenced(const std::vector<std::string>& keys) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> unreferenced;
  for (const std::string& key : keys) {
    const bool is_used = std::ranges::any_of(rows_, [&](const Row& row) {
      const tasks::Task& task = row.task;
      const bool may_be_committed =
          task.state == State::PROCESSING && key.starts_with(fmt::format("results/{}/{}-", task.id.text(), task.fence));
      return may_be_committed || task.source.key == key || (task.result && task.result->key == key);
    });
    const bool is_awaited = std::ranges::count(uploads_, key, [](const UploadRow& row) { return row.upload.key; }) > 0;
    if (!is_used && !is_awaited) unreferenced.push_back(key);
  }
  return unreferenced;
}

void FakeDatabase::count_changes() {
  for (Row& row : rows_) {
    const std::pair current(row.task.state, row.task.fence);
    if (row.counted != current) row.change = ++last_change_;
    row.counted = current;
  }
}

tasks::TaskChange FakeDatabase::change_of(const Row& row) {
  const tasks::Task& task = row.task;
  return {task.id, task.user, task.state, task.progress, task.attempts, task.error, {row.change, 1}};
}

Result<tasks::ChangePosition> FakeDatabase::newest_position() {
  const std::lock_guard lock(mutex_);
  count_changes();
  return tasks::ChangePosition{last_change_, tasks::ChangePosition::last_row};
}

Result<std::optional<tasks::TaskChange>> FakeDatabase::find_change(const tasks::TaskId& id, const tasks::UserId& user) {
  const std::lock_guard lock(mutex_);
  count_changes();
  for (const Row& row : rows_) {
    if (row.task.id == id && row.task.user == user) return change_of(row);
  }
  return std::nullopt;
}

Result<tasks::Changes> FakeDatabase::list_changes(const tasks::ChangeQuery& query) {
  const std::lock_guard lock(mutex_);
  count_changes();
  tasks::Changes changes;
  for (const Row& row : rows_) {
    if (std::ranges::find(query.users, row.task.user) == query.users.end()) continue;
    const tasks::TaskChange change = change_of(row);
    if (change.position > query.after) changes.changed.push_back(change);
    if (row.task.state == State::PROCESSING && row.task.updated >= now() - query.progress_within)
      changes.early.push_back(change);
  }
  std::ranges::sort(changes.changed, {}, &tasks::TaskChange::position);
  changes.has_more = changes.changed.size() > static_cast<std::size_t>(query.limit);
  shorten(changes.changed, query.limit);
  changes.position = changes.has_more ? changes.changed.back().position
                                      : tasks::ChangePosition{last_change_, tasks::ChangePosition::last_row};
  return changes;
}

Result<std::vector<tasks::Ring>> FakeDatabase::take(int limit, std::chrono::milliseconds hold) {
  const std::lock_guard lock(mutex_);
  std::vector<RingRow*> due;
  for (RingRow& row : rings_) {
    if (row.due <= now()) due.push_back(&row);
  }
  std::ranges::sort(due, {}, [](const RingRow* row) { return std::pair(row->due, row); });
  shorten(due, limit);
  std::vector<tasks::Ring> taken;
  for (RingRow* row : due) {
    row->due = now() + hold;
    taken.push_back(row->ring);
  }
  std::ranges::sort(taken, {}, &tasks::Ring::id);
  return taken;
}

Result<void> FakeDatabase::mark_published(std::span<const std::int64_t> ids) {
  const std::lock_guard lock(mutex_);
  std::erase_if(rings_, [&](const RingRow& row) { return std::ranges::find(ids, row.ring.id) != ids.end(); });
  return {};
}

Result<tasks::OutboxStats> FakeDatabase::outbox_stats() {
  const std::lock_guard lock(mutex_);
  tasks::OutboxStats stats;
  for (const RingRow& row : rings_) {
    if (row.created > now()) continue;
    ++stats.waiting;
    stats.oldest_age = std::max(stats.oldest_age, now() - row.created);
  }
  return stats;
}

Result<std::optional<tasks::User>> FakeDatabase::find_user(const tasks::UserId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(id);
  return found == users_.end() ? std::nullopt : std::optional(found->second);
}

Result<std::optional<tasks::User>> FakeDatabase::find_user_by_email(const std::string& email) {
  const std::lock_guard lock(mutex_);
  for (const auto& [id, user] : users_) {
    if (user.email == email) return user;
  }
  return std::nullopt;
}

Result<void> FakeDatabase::insert_user(const tasks::User& user) {
  const std::lock_guard lock(mutex_);
  Error error{ErrorCode::conflict, "There is such an account already."};
  for (const auto& [id, other] : users_) {
    if (other.email == user.email) error.fields.push_back({"email", "has an account already"});
    if (equal_without_case(other.name, user.name)) error.fields.push_back({"user", "is taken"});
  }
  if (!error.fields.empty() || users_.contains(user.id)) return Failure(std::move(error));
  users_.emplace(user.id, user);
  return {};
}

Result<bool> FakeDatabase::set_password(const tasks::UserId& id, const std::string& password_hash) {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) return false;
  found->second.password_hash = password_hash;
  ++found->second.token_generation;
  return true;
}

Result<bool> FakeDatabase::disable_user(const tasks::UserId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) return false;
  found->second.disabled = true;
  ++found->second.token_generation;
  return true;
}

Result<bool> FakeDatabase::enable_user(const tasks::UserId& id) {
  const std::lock_guard lock(mutex_);
  const auto found = users_.find(id);
  if (found == users_.end()) return false;
  found->second.disabled = false;
  return true;
}

Result<std::vector<tasks::User>> FakeDatabase::list_users() {
  const std::lock_guard lock(mutex_);
  std::vector<tasks::User> users;
  for (const auto& [id, user] : users_) users.push_back(user);
  return users;
}

Result<tasks::QueueStats> FakeDatabase::queue_stats() {
  const std::lock_guard lock(mutex_);
  tasks::QueueStats stats;
  for (const Row& row : rows_) {
    switch (row.task.state) {
      case State::UPLOADED:
        if (row.task.not_before > now()) {
          ++stats.delayed;
        } else {
          ++stats.ready;
          stats.oldest_ready_age = std::max(stats.oldest_ready_age, now() - row.task.not_before);
        }
        break;
      case State::PROCESSING: ++stats.leased; break;
      case State::PROCESSED: ++stats.processed; break;
      case State::FAILED: ++stats.failed; break;
      case State::CANCELED: break;
    }
  }
  return stats;
}

Result<std::vector<tasks::RunningTask>> FakeDatabase::running_tasks(int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<tasks::RunningTask> running;
  for (const Row& row : rows_) {
    if (row.task.state != State::PROCESSING) continue;
    running.push_back({row.task.id, row.worker, row.task.target, row.task.attempts, row.task.progress});
  }
  shorten(running, limit);
  return running;
}

Result<std::vector<tasks::FailedTask>> FakeDatabase::failed_tasks(int limit) {
  const std::lock_guard lock(mutex_);
  std::vector<tasks::FailedTask> failed;
  for (const Row& row : rows_) {
    if (row.task.state != State::FAILED) continue;
    failed.push_back({row.task.id, row.task.target, *row.task.error, now() - row.task.updated});
  }
  std::ranges::sort(failed, {}, &tasks::FailedTask::age);
  shorten(failed, limit);
  return failed;
}

}  // namespace decant::contract
