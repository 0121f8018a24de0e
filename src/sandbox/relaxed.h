#pragma once

#include <seccomp.h>

#include <array>

/// What sanitizers cannot live with. This is the only place where a sanitized engine is looser than the one that users
/// run; it tells so at its start.
namespace decant::sandbox::relaxed {

#ifdef DECANT_SANITIZED
/// AddressSanitizer and ThreadSanitizer map terabytes of shadow memory: no limit on the address space.
inline constexpr bool memory_is_limited = false;
/// UndefinedBehaviorSanitizer learns whether memory is readable by writing it to a pipe; ThreadSanitizer naps.
inline constexpr std::array calls = {SCMP_SYS(pipe2), SCMP_SYS(write), SCMP_SYS(close), SCMP_SYS(nanosleep)};
inline constexpr int more_descriptors = 2;
/// They look at every library when something is thrown.
inline constexpr bool libraries_are_unmapped = false;
#else
inline constexpr bool memory_is_limited = true;
inline constexpr std::array<int, 0> calls{};
inline constexpr int more_descriptors = 0;
inline constexpr bool libraries_are_unmapped = true;
#endif

}  // namespace decant::sandbox::relaxed
