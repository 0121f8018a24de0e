#pragma once

#include <string>

#include "base/file.h"

namespace decant::objects {

/// Half-written files are named with this prefix where they need a name at all.
inline constexpr char temporary_prefix = '.';

/// Makes the content of `file` durable as `name` in the folder `folder_fd`: linked where both are on one file system,
/// else copied. It appears complete or not at all, and nothing is left behind on failure (after a crash, at most a
/// temporary). conflict when `name` exists; quota_exceeded when there is no room. Blocks until the disk has it.
Result<void> place_file(const SpoolFile& file, int folder_fd, const std::string& name);

}  // namespace decant::objects
