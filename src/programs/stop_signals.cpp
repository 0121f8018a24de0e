#include "programs/stop_signals.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include "programs/exit_status.h"

namespace decant::programs {
namespace {

sigset_t stop_signals() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  return signals;
}

Descriptor checked(int fd, const char* what) {
  if (fd < 0) throw std::system_error(errno, std::generic_category(), what);
  return Descriptor(fd);
}

}  // namespace

void StopSignals::block() {
  const sigset_t signals = stop_signals();
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
}

StopSignals::StopSignals(std::function<void(int)> on_stop) : on_stop_(std::move(on_stop)) {
  const sigset_t signals = stop_signals();
  signals_ = checked(::signalfd(-1, &signals, SFD_CLOEXEC), "signalfd");
  done_ = checked(::eventfd(0, EFD_CLOEXEC), "eventfd");
  thread_ = std::thread([this] { watch(); });
}

StopSignals::~StopSignals() {
  ::eventfd_write(done_.get(), 1);
  thread_.join();
}

void StopSignals::watch() {
  bool asked = false;
  std::array<pollfd, 2> sources{pollfd{signals_.get(), POLLIN, 0}, pollfd{done_.get(), POLLIN, 0}};
  while (true) {
    if (::poll(sources.data(), sources.size(), -1) < 0) continue;
    if (sources[1].revents != 0) return;
    signalfd_siginfo signal{};
    if (::read(signals_.get(), &signal, sizeof signal) != sizeof signal) continue;
    const int number = static_cast<int>(signal.ssi_signo);
    if (asked) ::_exit(exit_by_signal + number);
    asked = true;
    on_stop_(number);
  }
}

}  // namespace decant::programs
