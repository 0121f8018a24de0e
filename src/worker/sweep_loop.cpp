#include "worker/sweep_loop.h"

#include <condition_variable>
#include <exception>
#include <mutex>

#include "tasks/retry.h"

namespace decant::worker {

SweepLoop::SweepLoop(SweepLoopOptions options, tasks::Sweeper& sweeper, Logger& logger)
    : options_(std::move(options)),
      sweeper_(sweeper),
      logger_(logger),
      thread_([this](const std::stop_token& stop) { run(stop); }) {}

void SweepLoop::stop() {
  thread_.request_stop();
  if (thread_.joinable()) thread_.join();
}

void SweepLoop::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  while (!stop.stop_requested()) {
    try {
      options_.observe(sweeper_.sweep_once());
    } catch (const std::exception& exception) {
      logger_.error("a sweep failed", {{"error", exception.what()}});
    }
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, options_.interval + tasks::draw_up_to(options_.jitter), [] { return false; });
  }
}

}  // namespace decant::worker
