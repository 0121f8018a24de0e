#include "tasks/artifact.h"

#include <unistd.h>

#include <cerrno>
#include <span>

namespace decant::tasks {

Result<std::vector<std::byte>> read_artifact(int extras, const Artifact& artifact) {
  std::vector<std::byte> bytes(static_cast<std::size_t>(artifact.size));
  for (std::span<std::byte> left(bytes); !left.empty();) {
    const auto done = static_cast<off_t>(bytes.size() - left.size());
    const ssize_t got = ::pread(extras, left.data(), left.size(), artifact.offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read what an analysis made");
    if (got == 0) return failure(ErrorCode::internal, "what an analysis made is cut off");
    left = left.subspan(static_cast<std::size_t>(got));
  }
  return bytes;
}

}  // namespace decant::tasks
