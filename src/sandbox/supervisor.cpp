#include "sandbox/supervisor.h"

#include <stop_token>

namespace decant::sandbox {
namespace {

using Steady = std::chrono::steady_clock;

constexpr std::chrono::milliseconds first_pause{20};
constexpr std::chrono::milliseconds longest_pause{5'000};
constexpr std::chrono::seconds healthy_life{10};

}  // namespace

Result<std::unique_ptr<Supervisor>> Supervisor::start(EngineOptions options, Logger& log) {
  std::unique_ptr<Supervisor> supervisor(new Supervisor(std::move(options), log));
  supervisor->thread_ = std::jthread([self = supervisor.get()](const std::stop_token& stop) { self->run(stop); });
  DECANT_CHECK(supervisor->wait_for_first());
  return supervisor;
}

Supervisor::~Supervisor() = default;

Result<void> Supervisor::wait_for_first() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return current_ || start_error_; });
  if (!current_) return Failure(*start_error_);
  first_hello_ = current_->hello();
  return {};
}

Result<Supervisor::Engine> Supervisor::engine(const Engine& lost) {
  std::unique_lock lock(mutex_);
  if (!changed_.wait_for(lock, options_.restart_wait, [&] { return current_ && current_ != lost; })) {
    return failure(ErrorCode::unavailable, "the engine is being restarted; try again");
  }
  return current_;
}

void Supervisor::run(const std::stop_token& stop) {
  auto pause = first_pause;
  while (!stop.stop_requested()) {
    const auto started = Steady::now();
    auto process = EngineProcess::spawn(options_);
    if (process) {
      watch(*std::move(process), stop);
    } else {
      const std::lock_guard lock(mutex_);
      // The first one is start()'s to report.
      if (start_error_ || first_hello_.catalog.empty()) {
        start_error_ = process.error();
        changed_.notify_all();
        return;
      }
      log_.error("the engine could not be restarted", {{"error", process.error().describe()}});
    }
    if (Steady::now() - started > healthy_life) pause = first_pause;
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, pause, [] { return false; });
    pause = std::min(pause * 2, longest_pause);
  }
}

void Supervisor::watch(EngineProcess process, const std::stop_token& stop) {
  const pid_t pid = process.pid();
  const auto engine = std::make_shared<EngineProcess>(std::move(process));
  publish(engine);
  {
    const std::stop_callback hang_up(stop, [&] { engine->hang_up(); });
    engine->wait_for_end();
  }
  publish(nullptr);
  const std::string how = engine->end();
  if (!stop.stop_requested()) log_.error("the engine died and is started again", {{"pid", pid}, {"ended", how}});
}

void Supervisor::publish(Engine engine) {
  const std::lock_guard lock(mutex_);
  current_ = std::move(engine);
  changed_.notify_all();
}

}  // namespace decant::sandbox
