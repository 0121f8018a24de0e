#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace decant::http {

struct RequestTarget {
  std::string path;                               ///< decoded; "*" for the asterisk-form
  std::multimap<std::string, std::string> query;  ///< decoded, "+" read as a space
};

/// The origin-, absolute- or asterisk-form of RFC 9112 3.2. Paths are taken as they are: "." and ".." segments and
/// doubled slashes mean nothing special (and so match no route). invalid_argument for other forms, broken escapes,
/// encoded slashes, control characters and what is not UTF-8.
Result<RequestTarget> parse_target(std::string_view target);

}  // namespace decant::http
