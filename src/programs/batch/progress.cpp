#include "programs/batch/progress.h"

#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <cmath>
#include <cstdio>
#include <filesystem>

#include "programs/terminal.h"
#include "tasks/display_name.h"

namespace decant::programs::batch {
namespace {

constexpr std::size_t bar_width = 20;
constexpr std::size_t usual_width = 80;
constexpr std::chrono::milliseconds draw_interval{100};
/// Earlier ones would promise anything.
constexpr std::chrono::duration<double> first_estimate{0.5};

std::size_t terminal_width() {
  winsize size{};
  return ::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0 ? size.ws_col : usual_width;
}

/// The first `width` code points of UTF-8.
std::string cut(std::string text, std::size_t width) {
  std::size_t code_points = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool is_start = (static_cast<unsigned char>(text[i]) & 0xC0) != 0x80;
    if (is_start && code_points++ == width) return text.substr(0, i);
  }
  return text;
}

}  // namespace

std::string render(const ProgressState& state, std::size_t width) {
  const double part = state.guess.count() > 0 ? std::clamp(state.guess_done / state.guess, 0.0, 1.0) : 0;
  const auto filled = static_cast<std::size_t>(std::lround(part * bar_width));
  std::string line =
      fmt::format("[{:=<{}}{:<{}}] {}/{}", "", filled, "", bar_width - filled, state.files_done, state.files);
  if (state.elapsed > first_estimate) {
    if (state.audio.count() > 0) line += fmt::format("  {:.0f}x", state.audio / state.elapsed);
    if (part > 0) {
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(state.elapsed * (1 - part) / part);
      line += fmt::format("  {} left", format_clock(left));
    }
  }
  return cut(fmt::format("{}  {}", line, fmt::join(state.names, ", ")), width);
}

Progress::Progress(const std::vector<PlannedFile>& work) {
  done_.files = static_cast<int>(work.size());
  for (const PlannedFile& file : work) done_.guess += file.length;
}

Progress::~Progress() { fmt::print(stderr, "\r\033[K"); }

void Progress::start(const PlannedFile& file) {
  const std::lock_guard lock(mutex_);
  in_work_[&file] = 0;
  draw();
}

void Progress::show(const PlannedFile& file, double part) {
  const std::lock_guard lock(mutex_);
  in_work_[&file] = std::clamp(part, 0.0, 1.0);
  draw();
}

void Progress::finish(const PlannedFile& file, std::chrono::duration<double> audio) {
  const std::lock_guard lock(mutex_);
  done_.guess_done += file.length;
  done_.audio += audio;
  ++done_.files_done;
  in_work_.erase(&file);
  draw();
}

ProgressState Progress::state() const {
  ProgressState now = done_;
  for (const auto& [file, part] : in_work_) {
    now.guess_done += part * file->length;
    now.names.push_back(printable(tasks::to_utf8(std::filesystem::path(file->input.path).filename().string())));
  }
  now.elapsed = std::chrono::steady_clock::now() - started_;
  return now;
}

void Progress::draw() {
  const SteadyTime now = std::chrono::steady_clock::now();
  if (now < next_draw_) return;
  next_draw_ = now + draw_interval;
  // One column less: a full line would make some terminals wrap.
  fmt::print(stderr, "\r{}\033[K", render(state(), terminal_width() - 1));
  std::fflush(stderr);
}

}  // namespace decant::programs::batch
