#include "sandbox/landlock.h"

#include <fmt/format.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include "base/file.h"

namespace decant::sandbox {
namespace {

// Debian 12's <linux/landlock.h> knows version 2 only, so the kernel's interface is spelled out here.

struct RulesetAttributes {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;
  std::uint64_t scoped;
};

constexpr std::uint32_t create_ruleset_version = 1;

/// Everything that a version of Landlock handles, and how much of the structure it reads.
struct Version {
  std::uint64_t files;
  std::uint64_t net;
  std::uint64_t scoped;
  std::size_t attribute_bytes;
};

constexpr std::array versions = {
    Version{0x1fff, 0, 0, 8},   // 1: Linux 5.13
    Version{0x3fff, 0, 0, 8},   // 2: + link and rename across folders
    Version{0x7fff, 0, 0, 8},   // 3: + truncate
    Version{0x7fff, 3, 0, 16},  // 4: + TCP bind and connect
    Version{0xffff, 3, 0, 16},  // 5: + ioctl of devices
    Version{0xffff, 3, 3, 24},  // 6: + abstract sockets, signals
};

Layer missing(std::string_view step) {
  return missing_layer("landlock", fmt::format("{}: {}", step, std::generic_category().message(errno)));
}

}  // namespace

Layer enter_landlock() {
  const long version = ::syscall(SYS_landlock_create_ruleset, nullptr, 0, create_ruleset_version);
  if (version < 1) return missing("the kernel has none");
  const Version& known = versions[std::min(static_cast<std::size_t>(version), versions.size()) - 1];
  const RulesetAttributes attributes{known.files, known.net, known.scoped};
  const Descriptor ruleset{
      static_cast<int>(::syscall(SYS_landlock_create_ruleset, &attributes, known.attribute_bytes, 0))};
  if (!ruleset.is_open()) return missing("making a rule set");
  if (::syscall(SYS_landlock_restrict_self, ruleset.get(), 0) != 0) return missing("entering it");
  return active_layer("landlock");
}

}  // namespace decant::sandbox
