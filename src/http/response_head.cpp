#include "http/response_head.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "http/problem.h"
#include "http/request_head.h"
#include "http/syntax.h"

namespace decant::http {
namespace {

constexpr std::string_view security_fields =
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n";

/// Everything from here and nothing inline; blob: is how a page plays and saves what it has fetched.
constexpr std::string_view page_policy =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:; "
    "media-src 'self' blob:; connect-src 'self'; font-src 'self'; manifest-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'\r\n";

bool is_field_value(std::string_view value) {
  return std::ranges::none_of(value, [](char character) {
    return (static_cast<unsigned char>(character) < 0x20 && character != '\t') || character == 0x7f;
  });
}

bool has_no_content(int status) { return status == 204 || status == 304 || status < 200; }

}  // namespace

bool is_stream(const Response& response) {
  return std::holds_alternative<std::unique_ptr<ResponseStream>>(response.body);
}

ByteCount body_length(const Response& response) {
  struct Length {
    ByteCount operator()(const std::string& text) const { return static_cast<ByteCount>(text.size()); }
    ByteCount operator()(std::string_view text) const { return static_cast<ByteCount>(text.size()); }
    ByteCount operator()(const std::shared_ptr<const std::string>& text) const {
      return static_cast<ByteCount>(text->size());
    }
    ByteCount operator()(const ObjectBody& object) const { return object.length; }
    ByteCount operator()(const std::unique_ptr<ResponseStream>&) const { return 0; }
  };
  return has_no_content(response.status) ? 0 : std::visit(Length{}, response.body);
}

void check_fields(const Response& response) {
  for (const auto& [name, value] : response.headers) {
    if (!is_token(name) || !is_field_value(value))
      throw std::logic_error("a response field would break the framing: " + name);
  }
}

void append_head(std::string& out, const Response& response, const ResponseFrame& frame) {
  fmt::format_to(std::back_inserter(out), "HTTP/1.1 {} {}\r\n", response.status, reason_of(response.status));
  for (const auto& [name, value] : response.headers) {
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (is_stream(response)) {
    // The end of the connection is the end of the body where there are no chunks.
    if (frame.minor_version > 0) out.append("Transfer-Encoding: chunked\r\n");
  } else if (!has_no_content(response.status)) {
    fmt::format_to(std::back_inserter(out), "Content-Length: {}\r\n", body_length(response));
  }
  out.append("Date: ").append(frame.date).append("\r\nX-Request-Id: ").append(frame.request_id).append("\r\n");
  if (!frame.keeps_alive) {
    out.append("Connection: close\r\n");
  } else if (frame.minor_version == 0) {
    out.append("Connection: keep-alive\r\n");
  }
  out.append(security_fields);
  if (find_field(response.headers, "Content-Type").starts_with("text/html") &&
      find_field(response.headers, "Content-Security-Policy").empty()) {
    out.append(page_policy);
  }
  out.append("\r\n");
}

}  // namespace decant::http
