#pragma once

#include <span>
#include <string_view>

namespace decant::sandbox {

/// Takes every library but `needed` (beginnings of file names) and those that the program itself names out of the
/// memory of this process; none where nothing is needed. libav brings a hundred libraries for video and networks along:
/// a fork copies what describes their memory and an end frees it again, which is most of what a short job costs, and
/// what is not there serves no attacker. The dynamic linker is not told: every symbol must have been bound at the start
/// (LD_BIND_NOW), as a later search looks into all of them, and the process must end by _exit() and fork by _Fork(), as
/// exit() and fork() call what libraries registered for it.
void unmap_libraries_but(std::span<const std::string_view> needed);

}  // namespace decant::sandbox
