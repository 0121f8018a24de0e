#pragma once

#include <optional>
#include <string_view>

#include "http/message.h"

namespace decant::http {

/// As on the wire: "DELETE" for Method::remove.
[[nodiscard]] std::string_view to_string(Method method);
/// Case-sensitive, as RFC 9110 9.1 has it; nothing for a method that no route can have.
[[nodiscard]] std::optional<Method> find_method(std::string_view name);

}  // namespace decant::http
