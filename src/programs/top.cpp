#include <fmt/format.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <termios.h>
#include <unistd.h>

#include <array>
#include <csignal>

#include "programs/backends.h"
#include "programs/commands.h"
#include "programs/exit_status.h"
#include "programs/logging.h"
#include "programs/terminal.h"
#include "programs/top_view.h"

namespace decant::programs {
namespace {

/// More than any screen has lines.
constexpr int most_running = 200;
constexpr int most_failed = 20;

constexpr char control_c = 3;
constexpr char control_d = 4;

Result<WorkSample> take_sample(database::Database& database, const Settings& settings) {
  WorkSample sample;
  DECANT_TRY(sample.queue, database.stats().queue_stats());
  if (has_outbox(settings)) {
    DECANT_TRY(sample.outbox, database.outbox().outbox_stats());
  }
  DECANT_TRY(sample.running, database.work().running_tasks(most_running));
  DECANT_TRY(sample.failed, database.work().failed_tasks(most_failed));
  sample.at = std::chrono::steady_clock::now();
  return sample;
}

/// The terminal as a screen of its own that hears single keys; as it was before when this goes.
class Screen {
 public:
  Screen() {
    ::tcgetattr(STDIN_FILENO, &before_);
    termios keys = before_;
    // Ctrl+C comes as a key, so that nothing ends this program before the terminal is as it was.
    keys.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO | ISIG);
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &keys);
    print("\033[?1049h\033[?25l");
  }
  ~Screen() {
    print("\033[?25h\033[?1049l");
    ::tcsetattr(STDIN_FILENO, TCSAFLUSH, &before_);
  }
  Screen(const Screen&) = delete;
  Screen& operator=(const Screen&) = delete;

  struct Size {
    std::size_t rows = 24;
    std::size_t columns = 80;
  };
  [[nodiscard]] static Size size() {
    winsize window{};
    if (::ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) != 0 || window.ws_row == 0 || window.ws_col == 0) return {};
    return {window.ws_row, window.ws_col};
  }

  static void show(const std::vector<std::string>& lines) {
    std::string text = "\033[H";
    const Size window = size();
    for (std::size_t i = 0; i < std::min(lines.size(), window.rows); ++i) {
      text += (i == 0 ? "" : "\r\n") + clip(lines[i], window.columns) + "\033[K";
    }
    print(text + "\033[J");
  }

 private:
  static void print(std::string_view text) { (void)write_all(STDOUT_FILENO, std::as_bytes(std::span(text))); }

  termios before_{};
};

/// SIGTERM and a new size of the window as something to wait for.
Descriptor watch_signals() {
  sigset_t watched;
  sigemptyset(&watched);
  for (const int signal : {SIGINT, SIGTERM, SIGHUP, SIGWINCH}) sigaddset(&watched, signal);
  ::pthread_sigmask(SIG_BLOCK, &watched, nullptr);
  return Descriptor{::signalfd(-1, &watched, SFD_CLOEXEC | SFD_NONBLOCK)};
}

enum class Wish { look_again, quit };

/// Waits for a key, a signal or the end of the interval.
Wish wait_for_wish(const Descriptor& signals, std::chrono::milliseconds interval) {
  std::array<pollfd, 2> sources = {pollfd{STDIN_FILENO, POLLIN, 0}, pollfd{signals.get(), POLLIN, 0}};
  if (::poll(sources.data(), sources.size(), static_cast<int>(interval.count())) <= 0) return Wish::look_again;
  signalfd_siginfo signal{};
  if (::read(signals.get(), &signal, sizeof signal) > 0 && signal.ssi_signo != SIGWINCH) return Wish::quit;
  if (sources[0].revents == 0) return Wish::look_again;
  char key = 0;
  if (::read(STDIN_FILENO, &key, 1) <= 0) return Wish::quit;
  return key == 'q' || key == control_c || key == control_d ? Wish::quit : Wish::look_again;
}

void watch(database::Database& database, const Settings& settings, std::chrono::milliseconds interval) {
  const Descriptor signals = watch_signals();
  const Screen screen;
  WorkRates rates;
  do {
    std::vector<std::string> lines = {fmt::format("decant top    {}    q quits", to_iso8601(SystemClock().wall_now())),
                                      ""};
    if (const Result<WorkSample> sample = take_sample(database, settings)) {
      rates.add(*sample);
      std::ranges::move(show_work(*sample, rates.a_minute()), std::back_inserter(lines));
    } else {
      lines.push_back(printable(sample.error().message));
    }
    Screen::show(lines);
  } while (wait_for_wish(signals, interval) != Wish::quit);
}

Result<void> tell_once(database::Database& database, const Settings& settings, TopCommand::Output told) {
  DECANT_TRY(const WorkSample sample, take_sample(database, settings));
  if (told == TopCommand::Output::json) {
    fmt::print("{}\n", work_json(sample));
    return {};
  }
  for (const std::string& line : show_work(sample, std::nullopt)) fmt::print("{}\n", line);
  return {};
}

}  // namespace

int run(const TopCommand& command, const LoadedSettings& settings) {
  Logger logger = make_quiet_logger(settings);
  const SystemClock clock;
  const auto database =
      database::open_database(settings.values.database, database_options(settings.values), clock, logger);
  if (!database) return report_failure(database.error());
  const bool is_live =
      command.told == TopCommand::Output::screen && is_terminal(STDIN_FILENO) && is_terminal(STDOUT_FILENO);
  if (is_live) {
    watch(**database, settings.values, command.interval);
    return exit_ok;
  }
  const auto done = tell_once(**database, settings.values, command.told);
  return done ? exit_ok : report_failure(done.error());
}

}  // namespace decant::programs
