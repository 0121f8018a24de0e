#pragma once

#include <span>
#include <string_view>

#include "base/file.h"

namespace decant::sandbox {

/// Keeps every library but `needed` (beginnings of file names) and those that the program itself names out of the
/// processes that are forked from now on, and returns how many bytes were mapped for them; nothing happens where
/// nothing is needed. libav brings a hundred libraries for video and networks along: a fork copies what describes them
/// and an end frees it again, which is most of what a short job costs, and what is not there serves no attacker. Every
/// symbol must have been bound at the start (LD_BIND_NOW), as a later search looks into all of them. And children come
/// by _Fork(): fork() would have them call what libraries registered for it.
ByteCount leave_out_libraries(std::span<const std::string_view> needed);

}  // namespace decant::sandbox
