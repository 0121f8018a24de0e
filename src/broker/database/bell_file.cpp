#include "broker/database/bell_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>

namespace decant::broker {
namespace {

using Steady = std::chrono::steady_clock;

Result<void> touch(const std::filesystem::path& path) {
  const Descriptor bell{::open(path.c_str(), O_CREAT | O_WRONLY | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!bell.is_open()) return system_failure(errno, "ring the bell", path.string());
  return {};
}

int milliseconds_left(Steady::time_point deadline) {
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
  return static_cast<int>(std::clamp<std::int64_t>(left.count(), 0, std::numeric_limits<int>::max()));
}

}  // namespace

Result<std::unique_ptr<tasks::Broker>> BellFile::open(const std::filesystem::path& path, Logger& logger) {
  Descriptor rings{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  if (!rings.is_open())
    return system_failure(errno, "listen to the bell (fs.inotify.max_user_instances)", path.string());
  Descriptor interruption{::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)};
  if (!interruption.is_open()) return system_failure(errno, "listen to the bell", path.string());
  std::unique_ptr<BellFile> bell(new BellFile(path, std::move(rings), std::move(interruption), logger));
  DECANT_CHECK(bell->watch());
  return bell;
}

Result<void> BellFile::watch() {
  DECANT_CHECK(touch(path_));  // makes the file
  if (::inotify_add_watch(rings_.get(), path_.c_str(), IN_CLOSE_WRITE) < 0) {
    return system_failure(errno, "listen to the bell", path_.string());
  }
  return {};
}

Result<void> BellFile::publish(std::span<const tasks::TaskRef> tasks) {
  if (tasks.empty()) return {};
  return touch(path_);
}

Result<bool> BellFile::take_rings() {
  alignas(inotify_event) std::array<char, 4096> events;
  bool rung = false;
  for (;;) {
    const ssize_t got = ::read(rings_.get(), events.data(), events.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return rung;
    if (got <= 0) return system_failure(errno, "listen to the bell");
    rung = true;
    for (std::size_t at = 0; at < static_cast<std::size_t>(got);) {
      inotify_event event{};
      std::memcpy(&event, events.data() + at, sizeof event);
      at += sizeof event + event.len;
      if ((event.mask & IN_IGNORED) == 0) continue;
      logger_.warning("the bell file was removed and is made again", {{"path", path_.string()}});
      DECANT_CHECK(watch());
    }
  }
}

Result<std::optional<tasks::Delivery>> BellFile::receive(std::chrono::milliseconds timeout) {
  const Steady::time_point deadline = Steady::now() + timeout;
  for (;;) {
    std::array<pollfd, 2> waiting{{{interruption_.get(), POLLIN, 0}, {rings_.get(), POLLIN, 0}}};
    const int ready = ::poll(waiting.data(), waiting.size(), milliseconds_left(deadline));
    if (ready < 0 && errno != EINTR) return system_failure(errno, "listen to the bell");
    if (ready == 0 || (ready > 0 && waiting[0].revents != 0)) return std::nullopt;
    // Another thread may have taken the ring first: go on waiting.
    DECANT_TRY(const bool rung, take_rings());
    if (rung) return tasks::Delivery{};
  }
}

void BellFile::interrupt() { ::eventfd_write(interruption_.get(), 1); }

}  // namespace decant::broker
