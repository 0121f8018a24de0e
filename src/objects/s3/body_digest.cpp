#include "objects/s3/body_digest.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <cerrno>
#include <stdexcept>

#include "base/sha256.h"

namespace decant::objects {
namespace {

constexpr std::size_t piece = 256 * 1024;

/// Calls `take` with the bytes of the body from front to back.
template <class Take>
Result<void> read_file(const FilePart& part, Take take) {
  std::vector<std::byte> buffer(static_cast<std::size_t>(std::min<ByteCount>(part.length, piece)));
  for (ByteCount done = 0; done < part.length;) {
    const auto wanted = static_cast<std::size_t>(std::min<ByteCount>(part.length - done, piece));
    const ssize_t got = ::pread(part.descriptor, buffer.data(), wanted, part.offset + done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_failure(errno, "read the file to be stored");
    if (got == 0) return failure(ErrorCode::internal, "the file to be stored is shorter than it was");
    take(std::span<const std::byte>(buffer).first(static_cast<std::size_t>(got)));
    done += got;
  }
  return {};
}

template <class Take>
Result<void> read_body(const HttpRequest& request, Take take) {
  if (const auto* part = std::get_if<FilePart>(&request.body)) return read_file(*part, take);
  take(std::as_bytes(std::span(std::get<std::string>(request.body))));
  return {};
}

struct FreeDigest {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

}  // namespace

Result<std::string> sha256_of_body(const HttpRequest& request) {
  Sha256 hash;
  DECANT_CHECK(read_body(request, [&](std::span<const std::byte> bytes) { hash.update(bytes); }));
  return hash.finish_hex();
}

Result<std::string> sha256_of_file(const FilePart& part) {
  Sha256 hash;
  DECANT_CHECK(read_file(part, [&](std::span<const std::byte> bytes) { hash.update(bytes); }));
  return hash.finish_hex();
}

Result<std::string> md5_of_body(const HttpRequest& request) {
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> context(EVP_MD_CTX_new());
  if (EVP_DigestInit_ex(context.get(), EVP_md5(), nullptr) != 1) throw std::runtime_error("libcrypto has no MD5");
  DECANT_CHECK(read_body(
      request, [&](std::span<const std::byte> bytes) { EVP_DigestUpdate(context.get(), bytes.data(), bytes.size()); }));
  std::array<unsigned char, 16> digest{};
  EVP_DigestFinal_ex(context.get(), digest.data(), nullptr);
  std::array<unsigned char, 25> text{};
  const int size = EVP_EncodeBlock(text.data(), digest.data(), static_cast<int>(digest.size()));
  return std::string(text.begin(), text.begin() + size);
}

}  // namespace decant::objects
