#include "sandbox/jail.h"

#include <fmt/format.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "sandbox/landlock.h"
#include "sandbox/relaxed.h"

namespace decant::sandbox {
namespace {

std::string reason(std::string_view step) {
  return fmt::format("{}: {}", step, std::generic_category().message(errno));
}

bool limit(__rlimit_resource resource, ByteCount soft, ByteCount hard) {
  const rlimit both{static_cast<rlim_t>(soft), static_cast<rlim_t>(hard)};
  return ::setrlimit(resource, &both) == 0;
}

bool limit(__rlimit_resource resource, ByteCount value) { return limit(resource, value, value); }

}  // namespace

Layers enter_outer_jail(const JailLimits& limits) {
  Layers layers;
  const std::string memory = "memory limit";
  if (!relaxed::memory_is_limited) {
    layers.push_back(missing_layer(memory, "this is a sanitized build, which maps terabytes"));
  } else if (!limit(RLIMIT_AS, limits.address_space)) {
    layers.push_back(missing_layer(memory, reason("setrlimit")));
  } else {
    layers.push_back(active_layer(memory));
  }
  const std::string output = "output size limit";
  layers.push_back(limit(RLIMIT_FSIZE, limits.output_size) ? active_layer(output)
                                                           : missing_layer(output, reason("setrlimit")));
  // So that a write past the limit is an error that the engine reports, not the end of the process.
  ::signal(SIGXFSZ, SIG_IGN);
  layers.push_back(enter_landlock());
  return layers;
}

Layers enter_inner_jail(const SeccompProgram& program, const JailLimits& limits, std::chrono::milliseconds time_limit) {
  Layers layers;
  const std::string descriptors = "only its own descriptors";
  layers.push_back(::close_range(child_descriptor_count, ~0U, 0) == 0 &&
                           limit(RLIMIT_NOFILE, child_descriptor_count + relaxed::more_descriptors)
                       ? active_layer(descriptors)
                       : missing_layer(descriptors, reason("close_range")));
  const std::string cpu = "CPU time limit";
  const auto seconds =
      std::max<ByteCount>(std::chrono::ceil<std::chrono::seconds>(time_limit * limits.cpu_cores).count(), 1);
  // The soft limit first, whose signal tells it from being killed for another reason.
  layers.push_back(limit(RLIMIT_CPU, seconds, seconds + 1) ? active_layer(cpu)
                                                           : missing_layer(cpu, reason("setrlimit")));
  const std::string seccomp = "seccomp";
  layers.push_back(install(program) ? active_layer(seccomp) : missing_layer(seccomp, reason("prctl")));
  return layers;
}

}  // namespace decant::sandbox
