#pragma once

#include <span>

#include "base/file.h"
#include "sandbox/child.h"

namespace decant::sandbox {

struct ZygoteOptions {
  int control = -1;            ///< the SOCK_SEQPACKET socket to the server; owned
  int slots = 1;               ///< children kept ready for a job
  int tokens = 1;              ///< job tokens in all
  ByteCount memory_limit = 0;  ///< a job's, above what the zygote itself maps
  ByteCount output_limit = 0;
  int symbols_bound = 0;  ///< 1: it was started with LD_BIND_NOW, so that libraries can be unmapped
  int probes_only = 0;    ///< 1: no conversion is asked for
};

/// From the command line that the server starts an engine with: --control-fd=3 --slots=2 … (engine_process.cpp).
Result<ZygoteOptions> parse_zygote_options(std::span<char* const> arguments);

/// The life of the zygote (protocol.h): isolates itself, tests the jail, says hello, then gives every job to a child
/// that waits for it, until the server closes the control socket. `arguments` are main's. To be called with the
/// libraries loaded and no thread started. Returns the exit code, for _exit: nothing is left that wants a destructor.
int run_zygote(std::span<char* const> arguments, const Workload& workload);

}  // namespace decant::sandbox
