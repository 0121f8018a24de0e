#include "http/parameters.h"

#include <algorithm>

#include "http/syntax.h"

namespace decant::http {
namespace {

void skip_space(std::string_view& text) { text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size())); }

/// Takes a quoted string off the front, its first quote included.
std::optional<std::string> take_quoted(std::string_view& text) {
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') {
      text.remove_prefix(i + 1);
      return value;
    }
    if (text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
    value += text[i];
  }
  return std::nullopt;
}

}  // namespace

std::optional<std::string_view> ParameterizedValue::find(std::string_view name) const {
  const auto found = std::ranges::find(parameters, name, &std::pair<std::string, std::string>::first);
  if (found == parameters.end()) return std::nullopt;
  return found->second;
}

std::optional<ParameterizedValue> parse_parameterized(std::string_view text) {
  ParameterizedValue result;
  result.value = to_lower(trim(text.substr(0, text.find(';'))));
  if (result.value.empty()) return std::nullopt;
  text.remove_prefix(std::min(text.find(';'), text.size()));
  while (true) {
    skip_space(text);
    if (text.empty()) return result;
    if (text.front() != ';') return std::nullopt;
    text.remove_prefix(1);
    skip_space(text);
    if (text.empty() || text.front() == ';') continue;

    const std::size_t equals = text.find('=');
    if (equals == std::string_view::npos || !is_token(text.substr(0, equals))) return std::nullopt;
    const std::string name = to_lower(text.substr(0, equals));
    text.remove_prefix(equals + 1);
    std::optional<std::string> value;
    if (text.starts_with('"')) {
      value = take_quoted(text);
    } else {
      value = trim(text.substr(0, text.find(';')));
      text.remove_prefix(std::min(text.find(';'), text.size()));
    }
    if (!value || result.find(name)) return std::nullopt;
    result.parameters.emplace_back(name, *std::move(value));
  }
}

std::optional<std::string> decode_extended(std::string_view text) {
  const std::string_view charset = take_until(text, '\'');
  const std::size_t quote = text.find('\'');  // what stands between is a language
  if (quote == std::string_view::npos) return std::nullopt;
  std::optional<std::string> decoded = decode_percent(text.substr(quote + 1));
  if (!decoded) return std::nullopt;
  if (equals_ignoring_case(charset, "UTF-8")) return is_utf8(*decoded) ? decoded : std::nullopt;
  if (!equals_ignoring_case(charset, "ISO-8859-1")) return std::nullopt;
  std::string utf8;
  for (const char character : *decoded) {
    const auto byte = static_cast<unsigned char>(character);
    if (byte < 0x80) {
      utf8 += character;
    } else {
      utf8 += static_cast<char>(0xc0 | (byte >> 6));
      utf8 += static_cast<char>(0x80 | (byte & 0x3f));
    }
  }
  return utf8;
}

}  // namespace decant::http
