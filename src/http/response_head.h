#pragma once

#include <string>

#include "http/message.h"

namespace decant::http {

/// What the server adds to a response.
struct ResponseFrame {
  std::string_view request_id;
  std::string_view date;  ///< IMF-fixdate
  bool keeps_alive = true;
  int minor_version = 1;  ///< of the request
};

/// Whether the body is a ResponseStream.
[[nodiscard]] bool is_stream(const Response& response);

/// The length of the body that the response has, or would have for GET; 0 for a stream, of which nobody knows it.
[[nodiscard]] ByteCount body_length(const Response& response);

/// Throws std::logic_error for a field that would break the framing: handlers never put raw input there.
void check_fields(const Response& response);

/// Appends status line, the response's fields (which passed check_fields), those of the frame, the security fields that
/// every answer has, and the empty line.
void append_head(std::string& out, const Response& response, const ResponseFrame& frame);

}  // namespace decant::http
