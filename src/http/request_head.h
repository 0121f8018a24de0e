#pragma once

#include <expected>
#include <string>
#include <utility>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace decant::http {

/// Why the server itself does not serve a request. The status may be one that no ErrorCode has.
struct Refusal {
  int status = 400;
  Error error;
};

[[nodiscard]] std::unexpected<Refusal> refuse(int status, std::string message);

/// What stands before the body, split but not interpreted.
struct RequestHead {
  std::string method;
  std::string target;
  int minor_version = 1;                                    ///< of HTTP/1
  std::vector<std::pair<std::string, std::string>> fields;  ///< values trimmed; repeated fields joined with ", "
};

struct Framing {
  enum class Kind { none, sized, chunked };
  Kind kind = Kind::none;
  ByteCount length = 0;  ///< of a sized body
};

/// How the connection goes on, as the head says.
struct Conduct {
  Framing framing;
  bool keeps_alive = true;
  bool expects_continue = false;
};

/// The rules of RFC 9112 sections 3.2, 6 and 9 that make one message mean the same to everybody on its way; every form
/// known from request smuggling is refused rather than repaired.
[[nodiscard]] std::expected<Conduct, Refusal> check_head(const RequestHead& head);

/// The value; empty when there is no such field.
[[nodiscard]] std::string_view find_field(const std::vector<std::pair<std::string, std::string>>& fields,
                                          std::string_view name);

}  // namespace decant::http
