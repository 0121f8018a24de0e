#include "sandbox/seccomp_filter.h"

#include <sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>

#include "base/file.h"
#include "sandbox/relaxed.h"

namespace decant::sandbox {
namespace {

/// Calls that touch nothing but the process itself.
constexpr std::array plain_calls = {
    SCMP_SYS(brk),
    SCMP_SYS(munmap),
    SCMP_SYS(mremap),
    SCMP_SYS(madvise),
    SCMP_SYS(futex),
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(set_robust_list),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_yield),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(gettid),
    SCMP_SYS(getpid),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(getrandom),
    SCMP_SYS(restart_syscall),
};

/// What libraries try and do well without.
constexpr std::array refused_calls = {
    SCMP_SYS(open),   SCMP_SYS(openat),    SCMP_SYS(openat2),  SCMP_SYS(stat),
    SCMP_SYS(lstat),  SCMP_SYS(fstat),     SCMP_SYS(statx),    SCMP_SYS(newfstatat),
    SCMP_SYS(access), SCMP_SYS(faccessat), SCMP_SYS(readlink), SCMP_SYS(readlinkat),
    SCMP_SYS(ioctl),  SCMP_SYS(fcntl),     SCMP_SYS(prctl),    SCMP_SYS(sysinfo),
};

/// What pthread_create asks of clone. Flags beyond these (namespaces, a process of its own, ptrace) must be absent.
constexpr scmp_datum_t thread_flags = CLONE_VM | CLONE_FS | CLONE_FILES | CLONE_SIGHAND | CLONE_THREAD | CLONE_SYSVSEM;
constexpr scmp_datum_t thread_bookkeeping_flags =
    CLONE_SETTLS | CLONE_PARENT_SETTID | CLONE_CHILD_CLEARTID | CLONE_CHILD_SETTID | CLONE_DETACHED;

/// The conditions of libseccomp's SCMP_A… macros, which need C's compound literals.
constexpr scmp_arg_cmp bits_equal(unsigned argument, scmp_datum_t mask, scmp_datum_t value) {
  return {argument, SCMP_CMP_MASKED_EQ, mask, value};
}

/// The kernel looks at 32 bits of a descriptor.
constexpr scmp_arg_cmp first_is_descriptor(int fd) { return bits_equal(0, 0xffffffff, static_cast<scmp_datum_t>(fd)); }

/// The protection is the third argument of mmap and of mprotect.
constexpr scmp_arg_cmp is_not_executable = bits_equal(2, PROT_EXEC, 0);

/// Collects rules; remembers the first that the library refused.
class Rules {
 public:
  Rules() : context_(::seccomp_init(SCMP_ACT_KILL_PROCESS)) {}
  ~Rules() { ::seccomp_release(context_); }
  Rules(const Rules&) = delete;
  Rules& operator=(const Rules&) = delete;

  template <class... Conditions>
  void add(std::uint32_t action, int call, Conditions... conditions) {
    const std::array<scmp_arg_cmp, sizeof...(conditions)> checks{conditions...};
    const int code = ::seccomp_rule_add_array(context_, action, call, checks.size(), checks.data());
    if (code != 0 && error_ == 0) error_ = -code;
  }
  void allow_on(int fd, std::initializer_list<int> calls) {
    for (const int call : calls) add(SCMP_ACT_ALLOW, call, first_is_descriptor(fd));
  }
  [[nodiscard]] int error() const { return error_; }
  [[nodiscard]] scmp_filter_ctx context() const { return context_; }

 private:
  scmp_filter_ctx context_;
  int error_ = 0;
};

void add_rules(Rules& rules) {
  for (const int call : plain_calls) rules.add(SCMP_ACT_ALLOW, call);
  for (const int call : refused_calls) rules.add(SCMP_ACT_ERRNO(EACCES), call);
  rules.allow_on(input_fd, {SCMP_SYS(pread64), SCMP_SYS(lseek)});
  rules.allow_on(output_fd, {SCMP_SYS(pread64), SCMP_SYS(pwrite64), SCMP_SYS(lseek), SCMP_SYS(ftruncate)});
  rules.allow_on(control_fd, {SCMP_SYS(write)});
  rules.allow_on(channel_fd, {SCMP_SYS(read), SCMP_SYS(write)});
  rules.allow_on(extras_fd, {SCMP_SYS(pwrite64)});
  rules.allow_on(cover_fd, {SCMP_SYS(pread64), SCMP_SYS(lseek)});
  // Never a file: a private mapping of the input could become code, a shared one could change it.
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(mmap), is_not_executable, bits_equal(3, MAP_ANONYMOUS, MAP_ANONYMOUS));
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(mprotect), is_not_executable);
  rules.add(SCMP_ACT_ALLOW, SCMP_SYS(clone), bits_equal(0, ~thread_bookkeeping_flags, thread_flags));
  rules.add(SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3));
  for (const int call : relaxed::calls) rules.add(SCMP_ACT_ALLOW, call);
}

Result<SeccompProgram> export_program(const Rules& rules) {
  const Descriptor file{::memfd_create("seccomp", MFD_CLOEXEC)};
  if (!file.is_open()) return system_failure(errno, "make the seccomp filter");
  if (const int code = ::seccomp_export_bpf(rules.context(), file.get()); code != 0) {
    return system_failure(-code, "make the seccomp filter");
  }
  DECANT_TRY(const ByteCount size, file_size(file.get()));
  SeccompProgram program(static_cast<std::size_t>(size) / sizeof(sock_filter));
  if (::pread(file.get(), program.data(), static_cast<std::size_t>(size), 0) != size) {
    return system_failure(errno, "make the seccomp filter");
  }
  return program;
}

}  // namespace

Result<SeccompProgram> make_seccomp_program() {
  Rules rules;
  if (rules.context() == nullptr) return failure(ErrorCode::internal, "libseccomp does not start");
  // A call by another table (int 0x80, x32) would be checked under the wrong numbers.
  (void)::seccomp_attr_set(rules.context(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  (void)::seccomp_attr_set(rules.context(), SCMP_FLTATR_CTL_OPTIMIZE, 2);
  add_rules(rules);
  if (rules.error() != 0) return system_failure(rules.error(), "make the seccomp filter");
  return export_program(rules);
}

bool install(const SeccompProgram& program) {
  const sock_fprog filter{static_cast<unsigned short>(program.size()), const_cast<sock_filter*>(program.data())};
  return ::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

}  // namespace decant::sandbox
