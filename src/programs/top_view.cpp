#include "programs/top_view.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <map>

#include "programs/terminal.h"

namespace decant::programs {
namespace {

constexpr std::chrono::minutes rate_window{1};

bool continues_character(char byte) { return (static_cast<unsigned char>(byte) & 0xc0) == 0x80; }

double seconds(std::chrono::milliseconds time) { return std::chrono::duration<double>(time).count(); }

void show_queue(std::vector<std::string>& lines, const WorkSample& sample,
                const std::optional<WorkRates::Rates>& rates) {
  const tasks::QueueStats& queue = sample.queue;
  lines.push_back(fmt::format("queue    {} ready, {} delayed, {} running; the oldest waits {}", queue.ready,
                              queue.delayed, queue.leased, format_clock(queue.oldest_ready_age)));
  lines.push_back(fmt::format("ended    {} processed, {} failed", queue.processed, queue.failed));
  if (rates) {
    lines.push_back(
        fmt::format("rates    {:.1f} processed a minute, {:.1f} failed a minute", rates->processed, rates->failed));
  }
  if (sample.outbox) {
    lines.push_back(fmt::format("broker   {} rings wait, the oldest {}", sample.outbox->waiting,
                                format_clock(sample.outbox->oldest_age)));
  }
}

void show_running(std::vector<std::string>& lines, const std::vector<tasks::RunningTask>& running) {
  std::map<std::string, int> workers;
  for (const tasks::RunningTask& task : running) ++workers[task.worker];
  lines.emplace_back();
  lines.push_back(fmt::format("{:<40} {:>5}", "WORKER", "TASKS"));
  for (const auto& [worker, count] : workers) lines.push_back(fmt::format("{:<40} {:>5}", worker, count));
  lines.emplace_back();
  lines.push_back(fmt::format("{:<36} {:<6} {:>3} {:>6}  {}", "RUNNING", "TARGET", "TRY", "DONE", "WORKER"));
  for (const tasks::RunningTask& task : running) {
    lines.push_back(fmt::format("{:<36} {:<6} {:>3} {:>4.0f} %  {}", task.task.text(), task.target, task.attempt,
                                task.progress * 100, task.worker));
  }
}

void show_failed(std::vector<std::string>& lines, const std::vector<tasks::FailedTask>& failed) {
  lines.emplace_back();
  lines.push_back(fmt::format("{:<36} {:<6} {:>9}  {}", "FAILED LAST", "TARGET", "AGO", "WHY"));
  for (const tasks::FailedTask& task : failed) {
    lines.push_back(fmt::format("{:<36} {:<6} {:>9}  {}: {}", task.task.text(), task.target, format_clock(task.age),
                                to_string(task.error.code), task.error.message));
  }
}

}  // namespace

void WorkRates::add(const WorkSample& sample) {
  counts_.push_back({sample.at, sample.queue.processed, sample.queue.failed});
  while (counts_.size() > 2 && sample.at - counts_[1].at >= rate_window) counts_.pop_front();
}

std::optional<WorkRates::Rates> WorkRates::a_minute() const {
  if (counts_.size() < 2 || counts_.back().at <= counts_.front().at) return std::nullopt;
  const std::chrono::duration<double, std::ratio<60>> minutes = counts_.back().at - counts_.front().at;
  const auto rate = [&](std::int64_t Counts::* count) {
    return static_cast<double>(std::max<std::int64_t>(counts_.back().*count - counts_.front().*count, 0)) /
           minutes.count();
  };
  return Rates{rate(&Counts::processed), rate(&Counts::failed)};
}

std::vector<std::string> show_work(const WorkSample& sample, const std::optional<WorkRates::Rates>& rates) {
  std::vector<std::string> lines;
  show_queue(lines, sample, rates);
  show_running(lines, sample.running);
  show_failed(lines, sample.failed);
  for (std::string& line : lines) line = printable(line);
  return lines;
}

std::string clip(std::string line, std::size_t columns) {
  std::size_t characters = 0;
  for (std::size_t i = 0; i < line.size(); ++i) {
    if (continues_character(line[i])) continue;
    if (characters++ == columns) {
      line.resize(i);
      break;
    }
  }
  return line;
}

std::string work_json(const WorkSample& sample) {
  const tasks::QueueStats& queue = sample.queue;
  boost::json::object work;
  work["queue"] = {{"ready", queue.ready},   {"delayed", queue.delayed},
                   {"leased", queue.leased}, {"processed", queue.processed},
                   {"failed", queue.failed}, {"oldestReadyAgeSeconds", seconds(queue.oldest_ready_age)}};
  if (sample.outbox) {
    work["outbox"] = {{"waiting", sample.outbox->waiting}, {"oldestAgeSeconds", seconds(sample.outbox->oldest_age)}};
  }
  boost::json::array& running = work["running"].emplace_array();
  for (const tasks::RunningTask& task : sample.running) {
    running.push_back({{"task", task.task.text()},
                       {"worker", task.worker},
                       {"target", task.target},
                       {"attempt", task.attempt},
                       {"progress", task.progress}});
  }
  boost::json::array& failed = work["failed"].emplace_array();
  for (const tasks::FailedTask& task : sample.failed) {
    failed.push_back({{"task", task.task.text()},
                      {"target", task.target},
                      {"code", to_string(task.error.code)},
                      {"message", task.error.message},
                      {"ageSeconds", seconds(task.age)}});
  }
  return boost::json::serialize(work);
}

}  // namespace decant::programs
