#pragma once

#include "sandbox/layer.h"

namespace decant::sandbox {

/// What the zygote gives up once for itself and all its children: namespaces without network, an empty root, every
/// capability, root's user id, new privileges, core dumps and being looked at. To be called single-threaded, after
/// everything that files are needed for. Each is done as far as the host allows.
Layers isolate();

}  // namespace decant::sandbox
