#include "base/result.h"

#include <array>

namespace decant {
namespace {

struct Name {
  ErrorCode code;
  std::string_view text;
};

constexpr std::array names = {
    Name{ErrorCode::invalid_argument, "invalid_argument"},
    Name{ErrorCode::unauthenticated, "unauthenticated"},
    Name{ErrorCode::forbidden, "forbidden"},
    Name{ErrorCode::not_found, "not_found"},
    Name{ErrorCode::conflict, "conflict"},
    Name{ErrorCode::too_large, "too_large"},
    Name{ErrorCode::unsupported_media, "unsupported_media"},
    Name{ErrorCode::unprocessable, "unprocessable"},
    Name{ErrorCode::rate_limited, "rate_limited"},
    Name{ErrorCode::quota_exceeded, "quota_exceeded"},
    Name{ErrorCode::timed_out, "timed_out"},
    Name{ErrorCode::unavailable, "unavailable"},
    Name{ErrorCode::lost_lease, "lost_lease"},
    Name{ErrorCode::canceled, "canceled"},
    Name{ErrorCode::crashed, "crashed"},
    Name{ErrorCode::internal, "internal"},
};

}  // namespace

std::string_view to_string(ErrorCode code) {
  for (const Name& name : names) {
    if (name.code == code) return name.text;
  }
  return "internal";
}

std::optional<ErrorCode> find_error_code(std::string_view text) {
  for (const Name& name : names) {
    if (name.text == text) return name.code;
  }
  return std::nullopt;
}

std::string Error::describe() const {
  std::string text{to_string(code)};
  text += ": ";
  text += message;
  for (const FieldError& field : fields) text += "; " + field.field + ": " + field.message;
  if (!detail.empty()) text += " (" + detail + ")";
  return text;
}

}  // namespace decant
