#include "sandbox/isolation.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <linux/capability.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <string_view>
#include <system_error>

#include "base/file.h"

namespace decant::sandbox {
namespace {

constexpr uid_t nobody = 65534;
constexpr int namespaces = CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWNS | CLONE_NEWUTS;

std::string reason(std::string_view step) {
  return fmt::format("{}: {}", step, std::generic_category().message(errno));
}

bool write_file(const char* path, std::string_view text) {
  const Descriptor file{::open(path, O_WRONLY | O_CLOEXEC)};
  return file.is_open() && ::write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size());
}

/// With CAP_SYS_ADMIN plainly, else inside a new user namespace, where every user has it.
Layer enter_namespaces() {
  const std::string name = "namespaces without network";
  if (::unshare(namespaces) == 0) return active_layer(name);
  const uid_t user = ::geteuid();
  const gid_t group = ::getegid();
  if (::unshare(CLONE_NEWUSER | namespaces) != 0) return missing_layer(name, reason("unshare"));
  // An unmapped user works as well, so that a host which forbids this loses nothing.
  (void)write_file("/proc/self/setgroups", "deny");
  (void)write_file("/proc/self/uid_map", fmt::format("{} {} 1", nobody, user));
  (void)write_file("/proc/self/gid_map", fmt::format("{} {} 1", nobody, group));
  return active_layer(name);
}

/// Only inside a mount namespace of our own: the caller checks.
Layer enter_empty_root() {
  const std::string name = "empty root";
  constexpr const char* mount_point = "/proc";
  if (::mount(nullptr, "/", nullptr, MS_REC | MS_PRIVATE, nullptr) != 0) return missing_layer(name, reason("mount /"));
  if (::mount("tmpfs", mount_point, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k,nr_inodes=1,mode=0555") != 0) {
    return missing_layer(name, reason("mount an empty folder"));
  }
  if (::chdir(mount_point) != 0) return missing_layer(name, reason("chdir"));
  // Stacks the old root onto the new one and takes it away: no way leads back, as one might from a chroot.
  if (::syscall(SYS_pivot_root, ".", ".") != 0) return missing_layer(name, reason("pivot_root"));
  if (::umount2(".", MNT_DETACH) != 0) return missing_layer(name, reason("umount the old root"));
  if (::mount(nullptr, "/", nullptr, MS_REMOUNT | MS_RDONLY | MS_NOSUID | MS_NODEV | MS_NOEXEC, "size=4k") != 0) {
    return missing_layer(name, reason("remount read-only"));
  }
  if (::chdir("/") != 0) return missing_layer(name, reason("chdir"));
  return active_layer(name);
}

void drop_bounding_set() {
  for (int capability = 0; ::prctl(PR_CAPBSET_READ, capability) >= 0; ++capability) {
    (void)::prctl(PR_CAPBSET_DROP, capability);
  }
}

Layer become_nobody() {
  const std::string name = "no root user";
  if (::geteuid() != 0) return active_layer(name);
  if (::setgroups(0, nullptr) != 0 || ::setresgid(nobody, nobody, nobody) != 0 ||
      ::setresuid(nobody, nobody, nobody) != 0) {
    return missing_layer(name, reason("setresuid"));
  }
  return active_layer(name);
}

Layer drop_capabilities() {
  const std::string name = "no capabilities";
  (void)::prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
  __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
  std::array<__user_cap_data_struct, _LINUX_CAPABILITY_U32S_3> none{};
  if (::syscall(SYS_capset, &header, none.data()) != 0) return missing_layer(name, reason("capset"));
  return active_layer(name);
}

Layer refuse_new_privileges() {
  const std::string name = "no new privileges";
  if (::prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) return missing_layer(name, reason("prctl"));
  return active_layer(name);
}

/// Neither a core file nor /proc nor ptrace shows what is in memory.
Layer hide_memory() {
  const std::string name = "hidden memory";
  const rlimit none{0, 0};
  if (::setrlimit(RLIMIT_CORE, &none) != 0) return missing_layer(name, reason("setrlimit"));
  if (::prctl(PR_SET_DUMPABLE, 0) != 0) return missing_layer(name, reason("prctl"));
  return active_layer(name);
}

}  // namespace

Layers isolate() {
  Layers layers;
  layers.push_back(enter_namespaces());
  layers.push_back(layers.back().active ? enter_empty_root()
                                        : missing_layer("empty root", "needs a mount namespace of its own"));
  drop_bounding_set();
  layers.push_back(become_nobody());
  layers.push_back(drop_capabilities());
  layers.push_back(refuse_new_privileges());
  layers.push_back(hide_memory());
  return layers;
}

}  // namespace decant::sandbox
