#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/file.h"

namespace decant::sandbox {

/// The most descriptors that one packet carries.
inline constexpr std::size_t max_packet_descriptors = 6;

/// One message of a SOCK_SEQPACKET socket, with the descriptors that came with it (SCM_RIGHTS, close-on-exec).
struct Packet {
  std::string bytes;  ///< empty: the other end is closed
  std::vector<Descriptor> descriptors;
};

struct SocketPair {
  Descriptor ours;
  Descriptor theirs;
};

/// Two connected SOCK_SEQPACKET sockets, both close-on-exec.
Result<SocketPair> make_socket_pair();

enum class Blocking { wait, never };

/// Sends one packet whole. `unavailable` when the other end is closed, or when it would block and must not.
Result<void> send_packet(int socket, std::string_view bytes, std::span<const int> descriptors = {},
                         Blocking blocking = Blocking::wait);

/// Receives one packet of 1 to `max_bytes` bytes; empty bytes when the other end is closed (and for an empty packet,
/// which nobody sends). A longer one, or one with more descriptors than fit, is `internal`; `unavailable` when there is
/// none and it must not block.
Result<Packet> receive_packet(int socket, std::size_t max_bytes, Blocking blocking = Blocking::wait);

}  // namespace decant::sandbox
