#include "sandbox/packet.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace decant::sandbox {
namespace {

constexpr std::size_t control_size = CMSG_SPACE(sizeof(int) * max_packet_descriptors);

Failure socket_failure(std::string_view action) {
  const int error_number = errno;
  switch (error_number) {
    case EAGAIN:
    case EPIPE:
    case ECONNRESET:
    case ENOTCONN:
    case ECONNREFUSED: return failure(ErrorCode::unavailable, "the engine does not answer", std::string(action));
    default: return system_failure(error_number, action);
  }
}

int flags_of(Blocking blocking) { return blocking == Blocking::never ? MSG_DONTWAIT : 0; }

}  // namespace

Result<SocketPair> make_socket_pair() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends.data()) != 0) {
    return system_failure(errno, "make a socket pair");
  }
  return SocketPair{Descriptor(ends[0]), Descriptor(ends[1])};
}

Result<void> send_packet(int socket, std::string_view bytes, std::span<const int> descriptors, Blocking blocking) {
  iovec part{const_cast<char*>(bytes.data()), bytes.size()};
  alignas(cmsghdr) std::array<std::byte, control_size> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  if (!descriptors.empty()) {
    message.msg_control = control.data();
    message.msg_controllen = CMSG_SPACE(descriptors.size_bytes());
    cmsghdr* header = CMSG_FIRSTHDR(&message);
    header->cmsg_level = SOL_SOCKET;
    header->cmsg_type = SCM_RIGHTS;
    header->cmsg_len = CMSG_LEN(descriptors.size_bytes());
    std::memcpy(CMSG_DATA(header), descriptors.data(), descriptors.size_bytes());
  }
  while (::sendmsg(socket, &message, MSG_NOSIGNAL | flags_of(blocking)) < 0) {
    if (errno != EINTR) return socket_failure("send a packet");
  }
  return {};
}

Result<Packet> receive_packet(int socket, std::size_t max_bytes, Blocking blocking) {
  Packet packet;
  iovec part{nullptr, max_bytes};
  alignas(cmsghdr) std::array<std::byte, control_size> control{};
  msghdr message{};
  message.msg_iov = &part;
  message.msg_iovlen = 1;
  message.msg_control = control.data();
  message.msg_controllen = control.size();
  ssize_t size = 0;
  // Room for the longest packet is never written to as a whole: a child would pay for each of its pages.
  packet.bytes.resize_and_overwrite(max_bytes, [&](char* bytes, std::size_t) {
    part.iov_base = bytes;
    while ((size = ::recvmsg(socket, &message, MSG_CMSG_CLOEXEC | flags_of(blocking))) < 0 && errno == EINTR) {
    }
    return static_cast<std::size_t>(std::max<ssize_t>(size, 0));
  });
  if (size < 0 && errno != ECONNRESET) return socket_failure("receive a packet");
  for (cmsghdr* header = CMSG_FIRSTHDR(&message); header != nullptr; header = CMSG_NXTHDR(&message, header)) {
    if (header->cmsg_level != SOL_SOCKET || header->cmsg_type != SCM_RIGHTS) continue;
    const std::size_t count = (header->cmsg_len - CMSG_LEN(0)) / sizeof(int);
    std::array<int, max_packet_descriptors> received{};
    std::memcpy(received.data(), CMSG_DATA(header), count * sizeof(int));
    for (std::size_t i = 0; i < count; ++i) packet.descriptors.emplace_back(received[i]);
  }
  if ((message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0) {
    return failure(ErrorCode::internal, "a packet is larger than agreed");
  }
  return packet;
}

}  // namespace decant::sandbox
