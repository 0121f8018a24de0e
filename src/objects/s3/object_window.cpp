#include "objects/s3/object_window.h"

#include <charconv>

namespace decant::objects {
namespace {

constexpr std::string_view action = "read the object";

Failure odd_answer(std::string detail) {
  return failure(ErrorCode::unavailable, "the object store gave an answer that makes no sense", std::move(detail));
}

/// "bytes 0-9/100": what is behind the slash; nothing when the field is no such thing or begins elsewhere.
std::optional<ByteCount> parse_content_range(std::string_view field, ByteCount offset) {
  const std::string start = fmt::format("bytes {}-", offset);
  const std::size_t slash = field.find('/');
  if (!field.starts_with(start) || slash == std::string_view::npos) return std::nullopt;
  ByteCount size = 0;
  const auto [end, error] = std::from_chars(field.data() + slash + 1, field.data() + field.size(), size);
  if (error != std::errc() || end != field.data() + field.size()) return std::nullopt;
  return size;
}

/// Only an empty object, or a look behind the end, has nothing to give.
Result<ObjectWindow> read_nothing(S3Client& client, const std::string& key, ByteCount offset) {
  DECANT_TRY(const HttpResponse reply, client.call({.method = "HEAD", .key = key}));
  if (!is_success(reply)) return refused(reply, action);
  ObjectWindow window{.offset = offset, .etag = std::string(reply.header("etag"))};
  const std::string_view length = reply.header("content-length");
  std::from_chars(length.data(), length.data() + length.size(), window.object_size);
  if (window.object_size > offset) return odd_answer("416 for bytes that are there");
  return window;
}

}  // namespace

Result<ObjectWindow> read_window(S3Client& client, const std::string& key, ByteCount offset, ByteCount length,
                                 const std::string& etag) {
  StoreCall call{.key = key,
                 .headers = {{"Range", fmt::format("bytes={}-{}", offset, offset + length - 1)}},
                 .response_limit = std::max<ByteCount>(length, 64 * 1024)};
  if (!etag.empty()) call.headers.emplace_back("If-Match", etag);
  DECANT_TRY(HttpResponse response, client.call(call));
  if (response.status == 416) return read_nothing(client, key, offset);
  if (response.status == 412) return failure(ErrorCode::not_found, "the object is not there any more", key);
  if (response.status != 206 && response.status != 200) return refused(response, action);

  const auto size = static_cast<ByteCount>(response.body.size());
  std::optional<ByteCount> object_size = size;
  if (response.status == 206) object_size = parse_content_range(response.header("content-range"), offset);
  const bool is_whole = object_size && size == std::min(length, *object_size - offset);
  // 200: a store that knows no ranges. Right only where the window is all there is.
  if (!is_whole || (response.status == 200 && offset != 0)) return odd_answer("not the range that was asked for");
  ObjectWindow window{.offset = offset,
                      .bytes = std::move(response.body),
                      .object_size = *object_size,
                      .etag = std::string(response.header("etag"))};
  window.sha256 = response.header(std::string(client.address().dialect().metadata_prefix) + "sha256");
  return window;
}

}  // namespace decant::objects
