// Tasks through the real stores, relay, broker and worker loops, with an engine that does nothing:
// task_runner throughput|latency DATABASE_URL BROKER_URL FOLDER WORKERS TASKS USERS
//
// throughput submits them as fast as they are taken and prints {"seconds": from the first submission to the last
// commit}; latency submits one every 20 ms and prints {"p50": …, "p99": …}, milliseconds from the ring to the claim.
// Tasks belong to the users in turn: what one user stores is counted in one row, so that the commits of one user's
// tasks wait for each other. All of it is one process, but each worker and the submitters have a database and a broker
// of their own. Objects are files in FOLDER.
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <iostream>
#include <span>
#include <thread>
#include <unordered_map>

#include "base/settings.h"
#include "broker/broker_opener.h"
#include "database/database.h"
#include "objects/object_store_opener.h"
#include "tasks/relay.h"
#include "tasks/task_service.h"
#include "worker/worker.h"

namespace {

using namespace decant;
using Steady = std::chrono::steady_clock;

constexpr int submitters = 4;
constexpr int slots = 2;  // of each worker, as on two cores
constexpr std::chrono::milliseconds pace{20};
constexpr std::chrono::minutes longest{3};

class IdleConverter final : public tasks::Converter {
 public:
  IdleConverter() {
    catalog_.targets = {{.name = "wav", .title = "WAV", .extension = "wav", .mime_type = "audio/wav"}};
  }
  [[nodiscard]] const tasks::FormatCatalog& formats() const override { return catalog_; }
  Result<tasks::MediaInfo> probe(int) override {
    return tasks::MediaInfo{.container = "wav", .codec = "pcm_s16le", .mime_type = "audio/wav", .extension = "wav"};
  }
  Result<tasks::ConversionResult> convert(const tasks::ConversionJob&, const tasks::ProgressListener&,
                                          std::stop_token) override {
    return tasks::ConversionResult{.report = "{}"};
  }

 private:
  tasks::FormatCatalog catalog_;
};

class NoObserver final : public tasks::WorkObserver {
 public:
  void task_finished(const tasks::FinishedTask&) override {}
  void lease_lost() override {}
  void fence_rejected() override {}
  void delivery_settled(const Result<void>&) override {}
};

/// When each task was rung for and claimed, and how many are committed.
class Record {
 public:
  void rung(const tasks::TaskId& task) {
    const std::lock_guard lock(mutex_);
    rung_.emplace(task.text(), Steady::now());
  }
  void claimed(const tasks::TaskId& task) {
    const auto now = Steady::now();
    const std::lock_guard lock(mutex_);
    // A claim may be faster than the ring: then nobody waited.
    const auto found = rung_.find(task.text());
    const auto waited = found == rung_.end() ? Steady::duration{} : now - found->second;
    waits_.push_back(std::chrono::duration<double, std::milli>(waited).count());
  }
  void committed() {
    const std::lock_guard lock(mutex_);
    ++committed_;
    changed_.notify_all();
  }
  bool await(int count) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, longest, [&] { return committed_ >= count; });
  }
  double percentile(double share) {
    const std::lock_guard lock(mutex_);
    std::ranges::sort(waits_);
    return waits_[static_cast<std::size_t>(share * static_cast<double>(waits_.size() - 1))];
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<std::string, Steady::time_point> rung_;
  std::vector<double> waits_;
  int committed_ = 0;
};

class RecordedBell final : public tasks::Bell {
 public:
  RecordedBell(tasks::Bell& bell, Record& record) : bell_(bell), record_(record) {}
  Result<void> ring(const tasks::TaskRef& task) override {
    record_.rung(task.task);
    return bell_.ring(task);
  }

 private:
  tasks::Bell& bell_;
  Record& record_;
};

class RecordedQueue final : public tasks::TaskQueue {
 public:
  RecordedQueue(tasks::TaskQueue& queue, Record& record) : queue_(queue), record_(record) {}
  Result<std::optional<tasks::Claim>> claim(const tasks::ClaimRequest& request) override {
    auto claim = queue_.claim(request);
    if (claim && *claim) record_.claimed((*claim)->task.id);
    return claim;
  }
  Result<bool> heartbeat(const tasks::TaskId& id, std::int64_t fence, std::chrono::milliseconds lease,
                         double progress) override {
    return queue_.heartbeat(id, fence, lease, progress);
  }
  Result<bool> commit(const Commit& commit, std::string& replaced) override {
    auto done = queue_.commit(commit, replaced);
    if (done && *done) record_.committed();
    return done;
  }
  Result<bool> fail(const tasks::TaskId& id, std::int64_t fence, const tasks::TaskError& error,
                    std::optional<std::chrono::milliseconds> pause) override {
    return queue_.fail(id, fence, error, pause);
  }
  Result<bool> give_back(const tasks::TaskId& id, std::int64_t fence) override { return queue_.give_back(id, fence); }
  Result<std::optional<std::chrono::milliseconds>> time_to_next_ready() override { return queue_.time_to_next_ready(); }

 private:
  tasks::TaskQueue& queue_;
  Record& record_;
};

struct Site {
  std::string database;
  std::string broker;
  std::filesystem::path folder;
  const Clock& clock;
  Logger& logger;

  [[nodiscard]] bool has_outbox() const { return broker != "database:"; }
};

/// What a process of decant has.
struct Process {
  std::unique_ptr<database::Database> database;
  std::unique_ptr<tasks::ObjectStore> objects;
  std::unique_ptr<tasks::Broker> broker;

  static Result<Process> open(const Site& site) {
    Process process;
    DECANT_TRY(process.database,
               database::open_database(site.database, {.ring_by_outbox = site.has_outbox()}, site.clock, site.logger));
    DECANT_TRY(process.objects, objects::open_object_store("file://" + (site.folder / "objects").string(),
                                                           {.spool_folder = site.folder}, site.clock, site.logger));
    if (!site.has_outbox()) {
      DECANT_TRY(process.broker, process.database->open_bell());
    }
    if (!process.broker) {
      DECANT_TRY(process.broker,
                 broker::open_broker(site.broker,
                                     {.data_folder = site.folder, .slots = slots, .environment = process_environment()},
                                     site.clock, site.logger));
    }
    return process;
  }
};

/// `decant worker`, without its engine.
class RunningWorker {
 public:
  RunningWorker(Process process, tasks::Converter& converter, const Site& site, Record& record)
      : process_(std::move(process)),
        queue_(process_.database->queue(), record),
        worker_({.slots = slots, .attempt = {.spool_folder = site.folder}}, queue_, *process_.objects, *process_.broker,
                converter, observer_, site.clock, site.logger),
        thread_([this] { worker_.run(); }) {}
  ~RunningWorker() {
    worker_.drain(std::chrono::milliseconds(0));
    thread_.join();
  }
  RunningWorker(const RunningWorker&) = delete;
  RunningWorker& operator=(const RunningWorker&) = delete;

 private:
  Process process_;
  RecordedQueue queue_;
  NoObserver observer_;
  worker::Worker worker_;
  std::jthread thread_;
};

Result<void> submit(tasks::TaskService& service, const tasks::UserId& user, const Site& site) {
  DECANT_TRY(tasks::Upload upload, tasks::Upload::make(site.folder, 1 << 20));
  DECANT_CHECK(upload.append(std::as_bytes(std::span("no sound at all"))));
  DECANT_CHECK(service.submit({.user = user, .name = "a.wav", .target = "wav"}, upload));
  return {};
}

Result<tasks::UserId> add_user(tasks::UserStore& users, const Clock& clock) {
  tasks::User user;
  user.id = tasks::UserId::make(clock.wall_now());
  user.name = user.email = user.id.text();
  DECANT_CHECK(users.insert_user(user));
  return user.id;
}

Result<void> run(const std::string& mode, const Site& site, int workers, int count, int user_count) {
  DECANT_CHECK(database::migrate(site.database, {}, site.clock, site.logger));
  IdleConverter converter;
  Record record;
  DECANT_TRY(Process web, Process::open(site));
  std::optional<tasks::Relay> relay;
  std::jthread relaying;
  if (site.has_outbox()) {
    relay.emplace(tasks::RelayOptions{}, web.database->outbox(), *web.broker, site.logger);
    relaying = std::jthread([&](const std::stop_token& stop) { relay->run(stop); });
  }
  RecordedBell bell(relay ? static_cast<tasks::Bell&>(*relay) : *web.broker, record);
  std::vector<std::unique_ptr<RunningWorker>> running;
  for (int i = 0; i < workers; ++i) {
    DECANT_TRY(Process process, Process::open(site));
    running.push_back(std::make_unique<RunningWorker>(std::move(process), converter, site, record));
  }
  tasks::TaskService service({}, {web.database->tasks(), *web.objects, bell, converter, site.clock, site.logger});
  std::vector<tasks::UserId> users;
  for (int i = 0; i < user_count; ++i) {
    DECANT_TRY(users.emplace_back(), add_user(web.database->users(), site.clock));
  }

  const bool is_paced = mode == "latency";
  std::atomic<int> next = 0;
  std::atomic<bool> has_failed = false;
  const auto begin = Steady::now();
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < (is_paced ? 1 : submitters); ++i) {
      threads.emplace_back([&] {
        for (int number = next++; number < count && !has_failed; number = next++) {
          if (is_paced) std::this_thread::sleep_until(begin + number * pace);
          if (const auto done = submit(service, users[static_cast<std::size_t>(number) % users.size()], site); !done) {
            std::cerr << done.error().describe() << '\n';
            has_failed = true;
          }
        }
      });
    }
  }
  if (has_failed || !record.await(count)) return failure(ErrorCode::timed_out, "not all tasks were done");
  const std::chrono::duration<double> taken = Steady::now() - begin;
  if (is_paced) {
    fmt::print("{{\"p50\": {:.3f}, \"p99\": {:.3f}}}\n", record.percentile(0.5), record.percentile(0.99));
  } else {
    fmt::print("{{\"seconds\": {:.4f}}}\n", taken.count());
  }
  running.clear();
  if (relay) {
    relaying.request_stop();
    web.broker->interrupt();
  }
  return {};
}

}  // namespace

int main(int count, char** values) {
  const std::span<char* const> arguments(values, static_cast<std::size_t>(count));
  if (arguments.size() != 8) {
    std::cerr << "usage: task_runner throughput|latency DATABASE_URL BROKER_URL FOLDER WORKERS TASKS USERS\n";
    return 2;
  }
  const SystemClock clock;
  Logger logger(LogLevel::warning, LogFormat::text);
  const Site site{arguments[2], arguments[3], arguments[4], clock, logger};
  const auto done = run(arguments[1], site, std::stoi(arguments[5]), std::stoi(arguments[6]), std::stoi(arguments[7]));
  if (done) return 0;
  std::cerr << "task_runner: " << done.error().describe() << '\n';
  return 1;
}
