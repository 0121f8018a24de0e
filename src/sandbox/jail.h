#pragma once

#include <chrono>

#include "base/file.h"
#include "sandbox/layer.h"
#include "sandbox/seccomp_filter.h"

namespace decant::sandbox {

/// What one job may use.
struct JailLimits {
  ByteCount address_space = 0;  ///< RLIMIT_AS: what the zygote maps + the job's budget
  ByteCount output_size = 0;    ///< RLIMIT_FSIZE
  int cpu_cores = 1;            ///< CPU time may be this many times the job's time limit
};

/// First half, when a child is forked and waits in reserve: limits on memory and file size, Landlock.
Layers enter_outer_jail(const JailLimits& limits);

/// Second half, when the child has its six descriptors and before it reads the first byte: closes every other
/// descriptor, limits on CPU time and descriptors, seccomp. A child in which a layer fails that worked at the start
/// must not go on.
Layers enter_inner_jail(const SeccompProgram& program, const JailLimits& limits, std::chrono::milliseconds time_limit);

}  // namespace decant::sandbox
