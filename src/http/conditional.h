#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/message.h"

namespace decant::http {

/// What identifies the bytes behind a path.
struct Representation {
  std::string etag;  ///< strong, with its quotes
  std::optional<std::chrono::sys_seconds> last_modified;
  ByteCount size = 0;
};

/// What of a representation a request gets.
struct Selection {
  int status = 200;  ///< 200 whole, 206 a part, 304 the client has it, 412 a precondition failed, 416 no such part
  ByteCount offset = 0;
  ByteCount length = 0;
};

/// Preconditions in the order of RFC 9110 13.2.2, then Range with If-Range (14.2). One range is served; a request for
/// several, or one that cannot be understood, gets the whole, as the RFC allows.
[[nodiscard]] Selection select(const Request& request, const Representation& representation);

/// The response that `select` asks for, with ETag, Last-Modified, Accept-Ranges and Content-Range. The caller adds the
/// rest: Content-Type, Content-Disposition, Cache-Control.
Response make_object_response(const Request& request, const Representation& representation,
                              std::unique_ptr<tasks::ObjectReader> reader);

/// The same for bytes that are part of the program.
Response make_static_response(const Request& request, std::string_view etag, std::string_view bytes);

}  // namespace decant::http
