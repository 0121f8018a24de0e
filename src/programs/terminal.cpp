#include "programs/terminal.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <termios.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <cstdio>

#include "base/file.h"

namespace decant::programs {
namespace {

constexpr std::size_t longest_line = 1024;

Result<std::string> read_line(int fd) {
  std::string line;
  char character = 0;
  while (true) {
    const ssize_t got = ::read(fd, &character, 1);
    if (got < 0) {
      if (errno == EINTR) continue;
      return system_failure(errno, "read the password");
    }
    if (got == 0 || character == '\n') return line;
    if (line.size() == longest_line) return failure(ErrorCode::invalid_argument, "the password is too long");
    line += character;
  }
}

/// No echo on a terminal for a scope.
class HiddenInput {
 public:
  explicit HiddenInput(int fd) : fd_(fd) {
    ::tcgetattr(fd_, &before_);
    termios hidden = before_;
    hidden.c_lflag &= ~static_cast<tcflag_t>(ECHO);
    ::tcsetattr(fd_, TCSAFLUSH, &hidden);
  }
  ~HiddenInput() { ::tcsetattr(fd_, TCSAFLUSH, &before_); }
  HiddenInput(const HiddenInput&) = delete;
  HiddenInput& operator=(const HiddenInput&) = delete;

 private:
  int fd_;
  termios before_{};
};

}  // namespace

bool is_terminal(int fd) { return ::isatty(fd) == 1; }

Result<std::string> ask_password(const std::string& prompt) {
  // The terminal itself, so that standard input and output may be redirected.
  const Descriptor terminal{::open("/dev/tty", O_RDWR | O_CLOEXEC)};
  if (!terminal.is_open()) {
    return failure(ErrorCode::unavailable, "there is no terminal to ask for the password; use --password-stdin");
  }
  DECANT_CHECK(write_all(terminal.get(), std::as_bytes(std::span(prompt))));
  const HiddenInput hidden(terminal.get());
  auto line = read_line(terminal.get());
  DECANT_CHECK(write_all(terminal.get(), std::as_bytes(std::span("\n", 1))));
  return line;
}

Result<std::string> read_password_line() { return read_line(STDIN_FILENO); }

std::string printable(std::string_view text) {
  std::string shown(text);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const auto byte = static_cast<unsigned char>(shown[i]);
    // U+0080 to U+009F, the controls of ISO 6429, are C2 80 to C2 9F in UTF-8.
    const bool is_c1 = i > 0 && static_cast<unsigned char>(shown[i - 1]) == 0xc2 && byte >= 0x80 && byte < 0xa0;
    if (is_c1) shown[i - 1] = '?';
    if (byte < 0x20 || byte == 0x7f || is_c1) shown[i] = '?';
  }
  return shown;
}

std::string format_clock(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::round<std::chrono::seconds>(time).count();
  if (seconds >= 3600) return fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

ProgressLine::ProgressLine(FindLength find_length) : find_length_(std::move(find_length)) { show(0); }

ProgressLine::~ProgressLine() { fmt::print(stderr, "\r\033[K"); }

void ProgressLine::show(double part) {
  constexpr int width = 30;
  part = std::clamp(part, 0.0, 1.0);
  const int filled = static_cast<int>(std::lround(part * width));
  std::string line = fmt::format("\r[{:=<{}}{:<{}}] {:3.0f} %", "", filled, "", width - filled, part * 100);
  const std::chrono::duration<double> elapsed = std::chrono::steady_clock::now() - started_;
  // The first moments would promise anything.
  if (elapsed.count() > 0.5 && part > 0) {
    if (const auto find_length = std::exchange(find_length_, nullptr)) length_ = find_length();
    if (length_)
      line += fmt::format("  {:.1f}x", part * std::chrono::duration<double>(*length_).count() / elapsed.count());
    const std::chrono::duration<double> left = elapsed * (1 - part) / part;
    line += fmt::format("  {} left", format_clock(std::chrono::duration_cast<std::chrono::milliseconds>(left)));
  }
  fmt::print(stderr, "{}\033[K", line);
  std::fflush(stderr);
}

}  // namespace decant::programs
