#include "sandbox/zygote.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>

#include "sandbox/isolation.h"
#include "sandbox/packet.h"
#include "sandbox/protocol.h"
#include "sandbox/unmap_libraries.h"

namespace decant::sandbox {
namespace {

using Steady = std::chrono::steady_clock;

/// So many children in a row that end before they got a job: something is wrong with all of them.
constexpr int max_stillbirths = 10;
/// After a fork that the system refused, which is its way to say that it is short of memory or processes.
constexpr auto fork_pause = std::chrono::milliseconds(100);

struct Child {
  pid_t pid = -1;
  Descriptor channel;
  Descriptor lifeline;  ///< open: it has a job
  Steady::time_point deadline{};
  JobStatus::Cause cause = JobStatus::Cause::exited;

  [[nodiscard]] bool has_job() const { return lifeline.is_open(); }
  /// Waits for a job.
  [[nodiscard]] bool is_spare() const { return !has_job() && !is_killed() && channel.is_open(); }
  [[nodiscard]] bool is_killed() const { return cause != JobStatus::Cause::exited; }
  /// The first reason counts: a child that is dying answers nothing, which is no fault of its own.
  void kill_for(JobStatus::Cause why) {
    if (!is_killed()) cause = why;
    ::kill(-pid, SIGKILL);
  }
};

class Zygote {
 public:
  Zygote(Descriptor control, Descriptor signals, const ZygoteOptions& options, ChildSetup setup)
      : control_(std::move(control)),
        signals_(std::move(signals)),
        slots_(options.slots),
        tokens_(options.tokens),
        setup_(std::move(setup)) {}

  Result<Layers> test_jail();
  Result<void> run();

 private:
  template <class Body>
  Result<Child> fork_child(Body body);
  Result<void> make_spare();
  [[nodiscard]] int spares() const;
  [[nodiscard]] int time_to_next_event() const;
  Result<bool> step();
  Result<bool> accept_job();
  void start_job(Packet packet);
  Result<void> hand_over(Packet& packet);
  void reap();
  void bury(Child& child, int wait_status);
  void answer_tokens(Child& child);
  void grant_waiting();

  Descriptor control_;
  Descriptor signals_;
  int slots_;
  TokenPool tokens_;
  ChildSetup setup_;
  std::vector<Child> children_;
  int stillbirths_ = 0;
  Steady::time_point next_fork_{};
};

template <class Body>
Result<Child> Zygote::fork_child(Body body) {
  DECANT_TRY(SocketPair channel, make_socket_pair());
  const pid_t zygote = ::getpid();
  const pid_t pid = ::_Fork();
  if (pid < 0) return system_failure(errno, "fork a child");
  if (pid == 0) body(channel.theirs.get(), zygote);
  ::setpgid(pid, pid);
  Child child;
  child.pid = pid;
  child.channel = std::move(channel.ours);
  return child;
}

Result<Layers> Zygote::test_jail() {
  DECANT_TRY(const Child child,
             fork_child([this](int channel, pid_t zygote) { run_self_test(channel, zygote, setup_); }));
  auto answer = receive_packet(child.channel.get(), max_hello_bytes);
  int status = 0;
  while (::waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!answer || answer->bytes.empty()) {
    return failure(ErrorCode::internal, "the engine's test of its own jail failed",
                   fmt::format("wait status {}", status));
  }
  DECANT_TRY(Hello hello, parse_hello(answer->bytes));
  setup_.expected = hello.layers;
  return hello.layers;
}

Result<void> Zygote::make_spare() {
  DECANT_TRY(Child child, fork_child([this](int channel, pid_t zygote) { run_child(channel, zygote, setup_); }));
  children_.push_back(std::move(child));
  return {};
}

int Zygote::spares() const { return static_cast<int>(std::ranges::count_if(children_, &Child::is_spare)); }

/// In milliseconds, for poll: 0 when a spare is to be forked, -1 when nothing is due at any time.
int Zygote::time_to_next_event() const {
  std::optional<Steady::time_point> next;
  if (spares() < slots_) next = next_fork_;
  for (const Child& child : children_) {
    if (child.has_job() && !child.is_killed()) next = std::min(next.value_or(child.deadline), child.deadline);
  }
  if (!next) return -1;
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(*next - Steady::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

Result<void> Zygote::run() {
  for (;;) {
    DECANT_TRY(const bool goes_on, step());
    if (!goes_on) break;
  }
  for (Child& child : children_) child.kill_for(JobStatus::Cause::canceled);
  return {};
}

/// One round of events. A new spare is forked only in a round in which nobody wants anything.
Result<bool> Zygote::step() {
  std::vector<pollfd> polled{{control_.get(), POLLIN, 0}, {signals_.get(), POLLIN, 0}};
  for (const Child& child : children_) {
    polled.push_back({child.channel.is_open() ? child.channel.get() : -1, POLLIN, 0});
    polled.push_back({child.has_job() && !child.is_killed() ? child.lifeline.get() : -1, POLLRDHUP, 0});
  }
  const int count = ::poll(polled.data(), polled.size(), time_to_next_event());
  if (count < 0 && errno != EINTR) return system_failure(errno, "wait for events");
  if (count <= 0) {
    if (spares() < slots_ && next_fork_ <= Steady::now() && !make_spare()) next_fork_ = Steady::now() + fork_pause;
  } else {
    for (std::size_t i = 0; i < children_.size(); ++i) {
      if (polled[2 + 2 * i].revents != 0) answer_tokens(children_[i]);
      if (polled[3 + 2 * i].revents != 0) children_[i].kill_for(JobStatus::Cause::canceled);
    }
    if (polled[1].revents != 0) reap();
    if (polled[0].revents != 0) {
      DECANT_TRY(const bool goes_on, accept_job());
      if (!goes_on) return false;
    }
  }
  for (Child& child : children_) {
    if (child.has_job() && !child.is_killed() && child.deadline <= Steady::now())
      child.kill_for(JobStatus::Cause::deadline);
  }
  grant_waiting();
  if (stillbirths_ >= max_stillbirths) return failure(ErrorCode::internal, "the children of the engine die at birth");
  return true;
}

/// False when the server is gone.
Result<bool> Zygote::accept_job() {
  DECANT_TRY(Packet packet, receive_packet(control_.get(), max_job_bytes));
  if (packet.bytes.empty()) return false;
  start_job(std::move(packet));
  return true;
}

void Zygote::start_job(Packet packet) {
  if (hand_over(packet) || packet.descriptors.empty()) return;
  const JobStatus refused{JobStatus::Cause::refused, 0};
  (void)send_packet(packet.descriptors.back().get(), encode(refused), {}, Blocking::never);
}

/// Takes the lifeline out of the packet when a child has the job.
Result<void> Zygote::hand_over(Packet& packet) {
  DECANT_TRY(const JobSpec job, parse_job(packet.bytes));
  auto& given = packet.descriptors;
  if (given.size() != max_packet_descriptors) return failure(ErrorCode::internal, "a job without its descriptors");
  if (spares() == 0) DECANT_CHECK(make_spare());
  Child& child = *std::ranges::find_if(children_, &Child::is_spare);
  if (auto sent = send_packet(
          child.channel.get(), packet.bytes,
          std::array{given[0].get(), given[1].get(), given[2].get(), given[3].get(), given[4].get()}, Blocking::never);
      !sent) {
    child.kill_for(JobStatus::Cause::rejected);
    return sent;
  }
  child.deadline = Steady::now() + job.time_limit;
  child.lifeline = std::move(given[5]);
  stillbirths_ = 0;
  return {};
}

void Zygote::reap() {
  signalfd_siginfo info{};
  while (::read(signals_.get(), &info, sizeof(info)) > 0) {
  }
  int wait_status = 0;
  pid_t pid = 0;
  while ((pid = ::waitpid(-1, &wait_status, WNOHANG)) > 0) {
    const auto child = std::ranges::find(children_, pid, &Child::pid);
    if (child == children_.end()) continue;
    bury(*child, wait_status);
    children_.erase(child);
  }
}

void Zygote::bury(Child& child, int wait_status) {
  tokens_.forget(child.pid);
  if (!child.has_job()) {
    ++stillbirths_;
    return;
  }
  const JobStatus status{child.cause, wait_status};
  (void)send_packet(child.lifeline.get(), encode(status), {}, Blocking::never);
}

void Zygote::answer_tokens(Child& child) {
  const auto packet = receive_packet(child.channel.get(), 1, Blocking::never);
  if (packet && packet->bytes.empty()) return child.channel.close();  // it ends; reap() will hear of it
  if (!packet) return child.kill_for(JobStatus::Cause::rejected);
  const auto answer = tokens_.ask(child.pid, static_cast<TokenMessage>(packet->bytes.front()));
  if (answer == TokenPool::Answer::violation) return child.kill_for(JobStatus::Cause::rejected);
  if (answer == TokenPool::Answer::wait || answer == TokenPool::Answer::none) return;
  const auto reply =
      static_cast<char>(answer == TokenPool::Answer::granted ? TokenMessage::granted : TokenMessage::denied);
  if (!send_packet(child.channel.get(), {&reply, 1}, {}, Blocking::never)) child.kill_for(JobStatus::Cause::rejected);
}

void Zygote::grant_waiting() {
  constexpr auto granted = static_cast<char>(TokenMessage::granted);
  for (const pid_t pid : tokens_.grant_waiting()) {
    Child& child = *std::ranges::find(children_, pid, &Child::pid);
    if (!child.channel.is_open()) continue;  // it ends, and bury() takes the token back
    if (!send_packet(child.channel.get(), {&granted, 1}, {}, Blocking::never))
      child.kill_for(JobStatus::Cause::rejected);
  }
}

/// What the process maps by now.
Result<ByteCount> mapped_bytes() {
  const Descriptor file{::open("/proc/self/statm", O_RDONLY | O_CLOEXEC)};
  std::array<char, 128> text{};
  long long pages = 0;
  if (!file.is_open() || ::read(file.get(), text.data(), text.size() - 1) <= 0 ||
      std::sscanf(text.data(), "%lld", &pages) != 1) {
    return system_failure(errno, "learn how much memory the engine maps", "/proc/self/statm");
  }
  return ByteCount{pages} * ::sysconf(_SC_PAGESIZE);
}

Result<Descriptor> watch_children() {
  sigset_t children;
  ::sigemptyset(&children);
  ::sigaddset(&children, SIGCHLD);
  ::sigprocmask(SIG_SETMASK, &children, nullptr);
  Descriptor signals{::signalfd(-1, &children, SFD_CLOEXEC | SFD_NONBLOCK)};
  if (!signals.is_open()) return system_failure(errno, "watch children");
  return signals;
}

Result<void> serve(std::span<char* const> arguments, const Workload& workload) {
  DECANT_TRY(const ZygoteOptions options, parse_zygote_options(arguments));
  Descriptor control(options.control);
  const auto duty = options.probes_only != 0 ? tasks::ConverterDuty::probes : tasks::ConverterDuty::everything;
  if (options.slots > 0) workload.preload(duty);
  DECANT_TRY(SeccompProgram seccomp, make_seccomp_program());
  // A server from before an upgrade does not have symbols bound.
  if (options.symbols_bound != 0) unmap_libraries_but(workload.libraries(duty));
  // Memory that was freed would be copied at each fork, too.
  ::malloc_trim(0);
  DECANT_TRY(const ByteCount mapped, mapped_bytes());
  DECANT_TRY(Descriptor signals, watch_children());
  Layers layers = isolate();
  // Not before: changing the user clears it. A server that is gone by now has closed the control socket.
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int server = control.get();
  Zygote zygote(std::move(control), std::move(signals), options,
                ChildSetup{workload,
                           std::move(seccomp),
                           JailLimits{mapped + options.memory_limit, options.output_limit, options.tokens},
                           options.tokens,
                           {}});
  DECANT_TRY(const Layers jail, zygote.test_jail());
  layers.insert(layers.end(), jail.begin(), jail.end());
  DECANT_CHECK(send_packet(server, encode(Hello{workload.catalog, layers})));
  return zygote.run();
}

}  // namespace

int run_zygote(std::span<char* const> arguments, const Workload& workload) {
  const auto served = serve(arguments, workload);
  if (served) return 0;
  fmt::print(stderr, "decant-engine: {}\n", served.error().describe());
  return 1;
}

}  // namespace decant::sandbox
