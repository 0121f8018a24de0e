#include "programs/signing_keys.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/file.h"
#include "base/ids.h"

namespace decant::programs {
namespace {

constexpr std::size_t shortest_secret = 32;
constexpr std::size_t random_bytes = 32;

Failure key_failure(const std::string& path, std::string_view what) {
  return failure(ErrorCode::unavailable, fmt::format("the signing key file {} {}", path, what));
}

/// Complete or not at all, by a link to a temporary file; keeps a file that is already there.
Result<void> make_key_file(const std::string& path) {
  std::string temporary = path + ".XXXXXX";
  const Descriptor file{::mkostemp(temporary.data(), O_CLOEXEC)};
  if (!file.is_open()) return key_failure(path, "cannot be made: " + std::generic_category().message(errno));
  const std::string line = random_hex(random_bytes) + "\n";
  Result<void> done = write_all(file.get(), std::as_bytes(std::span(line)));
  if (done && ::fsync(file.get()) != 0) done = system_failure(errno, "write the signing key");
  if (done && ::link(temporary.c_str(), path.c_str()) != 0 && errno != EEXIST) {
    done = key_failure(path, "cannot be made: " + std::generic_category().message(errno));
  }
  ::unlink(temporary.c_str());
  return done;
}

std::string take_line(std::string_view& text) {
  const std::size_t end = std::min(text.find('\n'), text.size());
  std::string line(text.substr(0, end));
  if (line.ends_with('\r')) line.pop_back();
  text.remove_prefix(std::min(end + 1, text.size()));
  return line;
}

}  // namespace

Result<http::TokenKeys> load_signing_keys(const std::string& path) {
  if (::access(path.c_str(), F_OK) != 0 && errno == ENOENT) DECANT_CHECK(make_key_file(path));
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  struct stat status{};
  if (!file.is_open() || ::fstat(file.get(), &status) != 0) {
    return key_failure(path, "cannot be read: " + std::generic_category().message(errno));
  }
  if ((status.st_mode & 077) != 0) {
    return key_failure(
        path, fmt::format("may be read by others (mode {:o}); run chmod 600, and put a new secret in its first line if "
                          "somebody may have read it",
                          status.st_mode & 0777));
  }
  std::array<char, 4096> buffer{};
  const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
  if (size < 0) return key_failure(path, "cannot be read: " + std::generic_category().message(errno));
  std::string_view text(buffer.data(), static_cast<std::size_t>(size));
  http::TokenKeys keys{take_line(text), std::nullopt};
  if (std::string previous = take_line(text); !previous.empty()) keys.previous = std::move(previous);
  if (keys.current.size() < shortest_secret || (keys.previous && keys.previous->size() < shortest_secret)) {
    return key_failure(path, fmt::format("has a secret of less than {} characters; remove the file to have one made",
                                         shortest_secret));
  }
  return keys;
}

}  // namespace decant::programs
