#pragma once

#include <string_view>

namespace decant::http {

/// docs/api/openapi.json as it was when this was built.
[[nodiscard]] std::string_view openapi_json();

}  // namespace decant::http
