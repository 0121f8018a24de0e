#include "sandbox/test_engine/attacks.h"

#include <fcntl.h>
#include <linux/openat2.h>
#include <sched.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdlib>

namespace decant::sandbox {
namespace {

int outcome(long returned) { return returned < 0 ? errno : 0; }

int open_passwd() { return outcome(::open("/etc/passwd", O_RDONLY)); }
int open_proc() { return outcome(::open("/proc/self/mem", O_RDWR)); }
int create_file() { return outcome(::open("/tmp/decant-was-here", O_CREAT | O_WRONLY, 0600)); }

int open_with_openat2() {
  open_how how{};
  return outcome(::syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", &how, sizeof(how)));
}

int make_socket() { return outcome(::socket(AF_INET, SOCK_STREAM, 0)); }
int make_unix_socket() { return outcome(::socket(AF_UNIX, SOCK_STREAM, 0)); }

#ifdef __x86_64__
int make_socket_by_x32() { return outcome(::syscall(0x40000000 | SYS_socket, AF_INET, SOCK_STREAM, 0)); }

int make_socket_by_int80() {
  constexpr int socket_of_i386 = 359;
  long returned = socket_of_i386;
  asm volatile("int $0x80" : "+a"(returned) : "b"(AF_INET), "c"(SOCK_STREAM), "d"(0) : "memory");
  return returned < 0 ? static_cast<int>(-returned) : 0;
}
#endif

int execute() {
  std::array<char*, 1> none{nullptr};
  return outcome(::execve("/bin/sh", none.data(), none.data()));
}

int fork_a_process() { return outcome(::syscall(SYS_fork)); }
int clone_a_process() { return outcome(::syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, 0)); }
int clone_into_a_namespace() {
  return outcome(::syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, nullptr, nullptr, nullptr, 0));
}

int clone3_a_process() {
  struct {
    std::uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls;
  } arguments{.exit_signal = SIGCHLD};
  return outcome(::syscall(SYS_clone3, &arguments, sizeof(arguments)));
}

int trace_parent() { return outcome(::ptrace(PTRACE_ATTACH, attacked_parent, nullptr, nullptr)); }

int read_parent() {
  std::array<char, 16> stolen{};
  const iovec to{stolen.data(), stolen.size()};
  const iovec from{&attacked_parent, sizeof(attacked_parent)};
  return outcome(::process_vm_readv(attacked_parent, &to, 1, &from, 1, 0));
}

int kill_parent() { return outcome(::kill(attacked_parent, SIGKILL)); }
int kill_everybody() { return outcome(::kill(-1, SIGSTOP)); }

int map(int protection, int flags, int file) {
  return ::mmap(nullptr, 4096, protection, flags, file, 0) == MAP_FAILED ? errno : 0;
}

int map_writable_code() { return map(PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1); }
int map_input_as_code() { return map(PROT_READ | PROT_EXEC, MAP_PRIVATE, 0); }
int map_output_shared() { return map(PROT_READ | PROT_WRITE, MAP_SHARED, 1); }

int make_memory_code() {
  void* page = ::mmap(nullptr, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  return outcome(::mprotect(page, 4096, PROT_READ | PROT_EXEC));
}

int set_up_io_uring() {
  std::array<std::uint32_t, 64> parameters{};
  return outcome(::syscall(SYS_io_uring_setup, 8, parameters.data()));
}

int unshare_user() { return outcome(::unshare(CLONE_NEWUSER)); }
int make_memfd() { return outcome(::memfd_create("x", 0)); }

int push_terminal_input() {
  char key = 'x';
  return outcome(::ioctl(0, TIOCSTI, &key));
}

int raise_limits() {
  const rlimit unlimited{RLIM_INFINITY, RLIM_INFINITY};
  return outcome(::setrlimit(RLIMIT_AS, &unlimited));
}

int become_dumpable() { return outcome(::prctl(PR_SET_DUMPABLE, 1)); }

[[maybe_unused]] int allocate_four_gigabytes() {
  constexpr std::size_t size = std::size_t{4} << 30;
  auto* memory = static_cast<volatile char*>(std::malloc(size));
  if (memory == nullptr) return ENOMEM;
  for (std::size_t i = 0; i < size; i += 4096) memory[i] = 1;
  return 0;
}

int write_past_the_limit() {
  constexpr off_t past = (off_t{64} << 20) + 1;  // the tests' output limit
  return outcome(::pwrite(1, "x", 1, past));
}

int write_input() { return outcome(::pwrite(0, "x", 1, 0)); }
int write_extras_without_any() { return outcome(::pwrite(4, "x", 1, 0)); }
int write_cover() { return outcome(::pwrite(5, "x", 1, 0)); }
int truncate_input() { return outcome(::ftruncate(0, 0)); }

int read_inherited_descriptor() {
  char byte = 0;
  constexpr int cover = 5;  // without one, the input again
  for (int fd = 4; fd < 64; ++fd) {
    if (fd == cover) continue;
    if (::pread(fd, &byte, 1, 0) >= 0) return 0;
  }
  return EBADF;
}

int duplicate_descriptor() { return outcome(::dup2(0, 9)); }

int send_descriptor_to_zygote() {
  msghdr message{};
  return outcome(::sendmsg(3, &message, 0));
}

}  // namespace

const std::map<std::string_view, Attack>& attacks() {
  static const std::map<std::string_view, Attack> table = {
      {"open_passwd", open_passwd},
      {"open_proc", open_proc},
      {"create_file", create_file},
      {"open_with_openat2", open_with_openat2},
      {"make_socket", make_socket},
      {"make_unix_socket", make_unix_socket},
#ifdef __x86_64__
      {"make_socket_by_x32", make_socket_by_x32},
      {"make_socket_by_int80", make_socket_by_int80},
#endif
      {"execute", execute},
      {"fork_a_process", fork_a_process},
      {"clone_a_process", clone_a_process},
      {"clone_into_a_namespace", clone_into_a_namespace},
      {"clone3_a_process", clone3_a_process},
      {"trace_parent", trace_parent},
      {"read_parent", read_parent},
      {"kill_parent", kill_parent},
      {"kill_everybody", kill_everybody},
      {"map_writable_code", map_writable_code},
      {"map_input_as_code", map_input_as_code},
      {"map_output_shared", map_output_shared},
      {"make_memory_code", make_memory_code},
      {"set_up_io_uring", set_up_io_uring},
      {"unshare_user", unshare_user},
      {"make_memfd", make_memfd},
      {"write_extras_without_any", write_extras_without_any},
      {"write_cover", write_cover},
      {"push_terminal_input", push_terminal_input},
      {"raise_limits", raise_limits},
      {"become_dumpable", become_dumpable},
#ifndef DECANT_SANITIZED
      {"allocate_four_gigabytes", allocate_four_gigabytes},
#endif
      {"write_past_the_limit", write_past_the_limit},
      {"write_input", write_input},
      {"truncate_input", truncate_input},
      {"read_inherited_descriptor", read_inherited_descriptor},
      {"duplicate_descriptor", duplicate_descriptor},
      {"send_descriptor_to_zygote", send_descriptor_to_zygote},
  };
  return table;
}

}  // namespace decant::sandbox
