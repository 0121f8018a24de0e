#pragma once

#include <string>

#include "base/file.h"

namespace decant::programs {

/// The file at `path`, or what standard input gives when that is "-": a redirected file as it is, a pipe after it was
/// read to its end into a nameless file in the folder for temporary files. Blocks.
Result<Descriptor> open_input(const std::string& path);

/// Copies all of `from`, from its first byte, to `to` at its own offset. Blocks.
Result<void> copy_to_descriptor(int from, int to);

}  // namespace decant::programs
