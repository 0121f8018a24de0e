#pragma once

#include <linux/filter.h>

#include <vector>

#include "base/result.h"

namespace decant::sandbox {

/// The descriptors of a child, all that it has.
inline constexpr int input_fd = 0;  ///< read-only
inline constexpr int output_fd = 1;
inline constexpr int control_fd = 2;  ///< to the server; also what libraries take for standard error
inline constexpr int channel_fd = 3;  ///< to the zygote
inline constexpr int extras_fd = 4;   ///< what is made beside the output
inline constexpr int cover_fd = 5;    ///< read-only
inline constexpr int child_descriptor_count = 6;

using SeccompProgram = std::vector<sock_filter>;

/// The allow-list of a child as a BPF program (seccomp(2)): reading and writing its own six descriptors by position,
/// private anonymous memory that is never executable, threads of its own process. Opening fails with EACCES, so that
/// libraries that look for optional files go on; clone3 with ENOSYS, so that glibc falls back to clone, whose flags can
/// be checked; everything else kills the process.
Result<SeccompProgram> make_seccomp_program();

/// Installs it for the calling process, which must be single-threaded and have no_new_privs set. From then on it holds
/// for ever. False: errno.
[[nodiscard]] bool install(const SeccompProgram& program);

}  // namespace decant::sandbox
