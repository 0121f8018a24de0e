#pragma once

#include "sandbox/layer.h"

namespace decant::sandbox {

/// Gives up, for the calling process and its children, all that Landlock can take: opening files, TCP, abstract sockets
/// and signals to others, as far as the kernel's version knows them (landlock(7)). Descriptors that are open stay
/// usable. Needs no_new_privs. The layer is inactive where the kernel has no Landlock.
Layer enter_landlock();

}  // namespace decant::sandbox
