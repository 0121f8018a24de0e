#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "base/file.h"

namespace decant::objects {

/// Names and values in order, neither encoded.
using Fields = std::vector<std::pair<std::string, std::string>>;

/// A part of a local file as the body of a request. The descriptor is the caller's.
struct FilePart {
  int descriptor = -1;
  ByteCount offset = 0;
  ByteCount length = 0;
};

struct HttpRequest {
  std::string method = "GET";
  std::string origin;      ///< "https://host" or "http://host:9000": scheme and authority
  std::string path = "/";  ///< percent-encoded, as it is sent and signed
  Fields query;            ///< names without a value have an empty one
  Fields headers;          ///< without Host, which is of the origin
  std::variant<std::string, FilePart> body;
  ByteCount response_limit = 1 << 20;  ///< bytes of the answer's body

  /// Host, with the port when it is not the scheme's own.
  [[nodiscard]] std::string host() const;
  [[nodiscard]] std::string url() const;
  [[nodiscard]] ByteCount body_size() const;
};

struct HttpResponse {
  int status = 0;
  Fields headers;    ///< names in lower case; bounded
  std::string body;  ///< bounded by the request

  /// The value of the last field of that name in lower case; empty when there is none.
  [[nodiscard]] std::string_view header(std::string_view name) const;
};

/// All but the unreserved characters of RFC 3986 as %XX, upper case, as AWS prescribes for query names and values.
[[nodiscard]] std::string percent_encode(std::string_view text);
/// The same with '/' left as it is: for the path of an object.
[[nodiscard]] std::string percent_encode_path(std::string_view path);
/// "a=1&b=", encoded, in the order given.
[[nodiscard]] std::string encode_query(const Fields& query);

}  // namespace decant::objects
