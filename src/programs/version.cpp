#include <fmt/format.h>

#include "programs/commands.h"
#include "programs/exit_status.h"

namespace decant::programs {

int run(const VersionCommand&, const LoadedSettings&) {
  fmt::print("decant {}\n", DECANT_VERSION);
  return exit_ok;
}

}  // namespace decant::programs
