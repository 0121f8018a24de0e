#include "http/request_target.h"

#include <algorithm>
#include <array>
#include <optional>

#include "http/syntax.h"

namespace decant::http {
namespace {

Failure bad_target(std::string message) { return failure(ErrorCode::invalid_argument, std::move(message)); }

bool has_control_character(std::string_view text) {
  return std::ranges::any_of(
      text, [](char character) { return static_cast<unsigned char>(character) < 0x20 || character == 0x7f; });
}

/// Without scheme and authority; nothing when it is neither origin- nor absolute-form.
std::optional<std::string_view> to_origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (!equals_ignoring_case(target.substr(0, scheme.size()), scheme)) continue;
    target.remove_prefix(scheme.size());
    const std::size_t end = std::min(target.find_first_of("/?"), target.size());
    const std::string_view authority = target.substr(0, end);
    if (authority.empty() || authority.contains('@')) return std::nullopt;
    return target.substr(end);
  }
  return std::nullopt;
}

Result<std::string> decode_path(std::string_view path) {
  std::optional<std::string> decoded = decode_percent(path);
  if (!decoded) return bad_target("the path holds an incomplete percent-escape");
  // A slash that was no separator when it was sent must not become one.
  if (std::ranges::count(*decoded, '/') != std::ranges::count(path, '/')) {
    return bad_target("the path holds an encoded slash");
  }
  if (has_control_character(*decoded) || !is_utf8(*decoded)) {
    return bad_target("the path holds a control character or is not UTF-8");
  }
  return *std::move(decoded);
}

Result<std::string> decode_form_text(std::string_view text) {
  std::string spaced(text);
  std::ranges::replace(spaced, '+', ' ');
  std::optional<std::string> decoded = decode_percent(spaced);
  if (!decoded) return bad_target("the query holds an incomplete percent-escape");
  if (decoded->contains('\0') || !is_utf8(*decoded)) return bad_target("the query holds a NUL or is not UTF-8");
  return *std::move(decoded);
}

}  // namespace

Result<RequestTarget> parse_target(std::string_view target) {
  if (target == "*") return RequestTarget{.path = "*", .query = {}};
  const std::optional<std::string_view> origin = to_origin_form(target);
  if (!origin) return bad_target("the request target is neither a path nor an http URL");
  std::string_view query = *origin;
  if (query.contains('#')) return bad_target("the request target holds a fragment");
  const std::string_view path = take_until(query, '?');

  RequestTarget result;
  DECANT_TRY(result.path, decode_path(path.empty() ? "/" : path));
  while (!query.empty()) {
    std::string_view value = take_until(query, '&');
    const std::string_view name = take_until(value, '=');
    if (name.empty() && value.empty()) continue;
    DECANT_TRY(std::string decoded_name, decode_form_text(name));
    DECANT_TRY(std::string decoded_value, decode_form_text(value));
    result.query.emplace(std::move(decoded_name), std::move(decoded_value));
  }
  return result;
}

}  // namespace decant::http
