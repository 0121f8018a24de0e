#include "sandbox/engine_process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <thread>

#include "sandbox/packet.h"

namespace decant::sandbox {
namespace {

constexpr int engine_control_fd = 3;
constexpr int end_grace_ms = 2000;

/// Binding every symbol at the start, for unmap_libraries_but(), is not worth its time for a single job.
bool binds_now(const EngineOptions& options) { return options.slots > 0; }

std::vector<std::string> arguments_of(const EngineOptions& options) {
  const int cores = std::max(1, static_cast<int>(std::thread::hardware_concurrency()));
  return {options.program.string(),
          fmt::format("--control-fd={}", engine_control_fd),
          fmt::format("--slots={}", options.slots),
          fmt::format("--tokens={}", options.tokens > 0 ? options.tokens : cores),
          fmt::format("--memory-limit={}", options.memory_limit),
          fmt::format("--output-limit={}", options.output_limit),
          fmt::format("--symbols-bound={}", binds_now(options) ? 1 : 0),
          fmt::format("--probes-only={}", options.duty == tasks::ConverterDuty::probes ? 1 : 0)};
}

/// posix_spawn's two objects, freed together.
class SpawnPlan {
 public:
  explicit SpawnPlan(int control) {
    ::posix_spawn_file_actions_init(&actions_);
    ::posix_spawn_file_actions_adddup2(&actions_, control, engine_control_fd);
    ::posix_spawn_file_actions_addopen(&actions_, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions_, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    ::posix_spawn_file_actions_addclosefrom_np(&actions_, engine_control_fd + 1);
    ::posix_spawnattr_init(&attributes_);
    sigset_t signals;
    ::sigemptyset(&signals);
    ::posix_spawnattr_setsigmask(&attributes_, &signals);
    ::sigfillset(&signals);
    ::posix_spawnattr_setsigdefault(&attributes_, &signals);
    // A session of its own: Ctrl-C at a terminal is for the server, which then drains with its engine alive.
    ::posix_spawnattr_setflags(&attributes_, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnPlan() {
    ::posix_spawn_file_actions_destroy(&actions_);
    ::posix_spawnattr_destroy(&attributes_);
  }
  SpawnPlan(const SpawnPlan&) = delete;
  SpawnPlan& operator=(const SpawnPlan&) = delete;

  Result<pid_t> run(const EngineOptions& options) const {
    std::vector<std::string> arguments = arguments_of(options);
    std::vector<char*> argv;
    for (std::string& argument : arguments) argv.push_back(argument.data());
    argv.push_back(nullptr);
    // The server's environment holds secrets, and children of the engine are expected to fall.
    std::string bind_now = "LD_BIND_NOW=1";
    std::array<char*, 2> environment{binds_now(options) ? bind_now.data() : nullptr, nullptr};
    pid_t pid = -1;
    const int code =
        ::posix_spawn(&pid, options.program.c_str(), &actions_, &attributes_, argv.data(), environment.data());
    if (code != 0) return system_failure(code, "start the engine", options.program.string());
    return pid;
  }

 private:
  posix_spawn_file_actions_t actions_{};
  posix_spawnattr_t attributes_{};
};

bool wait_readable(int fd, int timeout_ms) {
  pollfd polled{fd, POLLIN, 0};
  int count = 0;
  while ((count = ::poll(&polled, 1, timeout_ms)) < 0 && errno == EINTR) {
  }
  return count > 0;
}

std::string describe(int wait_status) {
  if (WIFEXITED(wait_status)) return fmt::format("exit code {}", WEXITSTATUS(wait_status));
  if (WIFSIGNALED(wait_status)) return fmt::format("signal {}", WTERMSIG(wait_status));
  return fmt::format("wait status {}", wait_status);
}

}  // namespace

Result<EngineProcess> EngineProcess::spawn(const EngineOptions& options) {
  DECANT_TRY(SocketPair control, make_socket_pair());
  DECANT_TRY(const pid_t pid, SpawnPlan(control.theirs.get()).run(options));
  control.theirs.close();
  Descriptor process(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
  if (!process.is_open()) {
    const int error_number = errno;
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
    return system_failure(error_number, "watch the engine");
  }
  EngineProcess engine(pid, std::move(process), std::move(control.ours));
  DECANT_CHECK(engine.greet(options));
  return engine;
}

Result<void> EngineProcess::greet(const EngineOptions& options) {
  if (!wait_readable(control_.get(), static_cast<int>(options.start_time_limit.count()))) {
    return failure(ErrorCode::unavailable, "the engine does not get ready");
  }
  DECANT_TRY(const Packet packet, receive_packet(control_.get(), max_hello_bytes));
  if (packet.bytes.empty()) return failure(ErrorCode::unavailable, "the engine ended at its start", end());
  DECANT_TRY(hello_, parse_hello(packet.bytes));
  if (options.mode == SandboxMode::automatic) return {};
  const auto missing = std::ranges::find(hello_.layers, false, &Layer::active);
  if (missing == hello_.layers.end()) return {};
  return failure(ErrorCode::unavailable,
                 fmt::format("the sandbox is required, and this host does not allow its layer \"{}\" ({})",
                             missing->name, missing->why));
}

EngineProcess::EngineProcess(EngineProcess&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)),
      process_(std::move(other.process_)),
      control_(std::move(other.control_)),
      hello_(std::move(other.hello_)) {}

EngineProcess::~EngineProcess() {
  if (pid_ > 0) end();
}

void EngineProcess::wait_for_end() const { wait_readable(control_.get(), -1); }

void EngineProcess::hang_up() const { ::shutdown(control_.get(), SHUT_RDWR); }

void EngineProcess::kill() const { ::syscall(SYS_pidfd_send_signal, process_.get(), SIGKILL, nullptr, 0); }

std::string EngineProcess::end() {
  hang_up();
  if (!wait_readable(process_.get(), end_grace_ms)) kill();
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return describe(status);
}

}  // namespace decant::sandbox
