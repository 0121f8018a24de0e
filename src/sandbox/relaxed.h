#pragma once

#include <seccomp.h>

#include <array>

/// What sanitizers cannot live with. This is the only place where a sanitized engine is looser than the one that users
/// run; it tells so at its start.
namespace decant::sandbox::relaxed {

#ifdef DECANT_SANITIZED
/// AddressSanitizer and ThreadSanitizer map terabytes of shadow memory: no limit on the address space.
inline constexpr bool memory_is_limited = false;
/// Their reports ask for these.
inline constexpr std::array calls = {SCMP_SYS(getrlimit), SCMP_SYS(prlimit64)};
#else
inline constexpr bool memory_is_limited = true;
inline constexpr std::array<int, 0> calls{};
#endif

}  // namespace decant::sandbox::relaxed
