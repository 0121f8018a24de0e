#pragma once

#include <string_view>

#include "http/message.h"

namespace decant::http {

/// make_problem with another status than the code's own, for what only HTTP knows: 405, 414, 416, 417, 431, 501, 505.
Response make_problem(int status, const Error& error, const Request& request);

/// The reason phrase (RFC 9110 15); empty for a status that decant never sends.
[[nodiscard]] std::string_view reason_of(int status);

}  // namespace decant::http
