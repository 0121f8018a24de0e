#include "objects/s3/http_message.h"

namespace decant::objects {
namespace {

constexpr bool is_unreserved(char character) {
  return (character >= 'A' && character <= 'Z') || (character >= 'a' && character <= 'z') ||
         (character >= '0' && character <= '9') || character == '-' || character == '.' || character == '_' ||
         character == '~';
}

std::string encode(std::string_view text, std::string_view kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string encoded;
  encoded.reserve(text.size());
  for (const char character : text) {
    if (is_unreserved(character) || kept.contains(character)) {
      encoded += character;
      continue;
    }
    const auto byte = static_cast<unsigned char>(character);
    encoded += '%';
    encoded += digits[byte >> 4];
    encoded += digits[byte & 15];
  }
  return encoded;
}

}  // namespace

std::string percent_encode(std::string_view text) { return encode(text, ""); }
std::string percent_encode_path(std::string_view path) { return encode(path, "/"); }

std::string encode_query(const Fields& query) {
  std::string encoded;
  for (const auto& [name, value] : query) {
    if (!encoded.empty()) encoded += '&';
    encoded += percent_encode(name) + '=' + percent_encode(value);
  }
  return encoded;
}

std::string HttpRequest::host() const {
  std::string_view authority = origin;
  const bool is_tls = authority.starts_with("https://");
  authority.remove_prefix(authority.find("://") + 3);
  const std::string_view default_port = is_tls ? ":443" : ":80";
  if (authority.ends_with(default_port)) authority.remove_suffix(default_port.size());
  return std::string(authority);
}

std::string HttpRequest::url() const {
  std::string text = origin + path;
  if (!query.empty()) text += '?' + encode_query(query);
  return text;
}

ByteCount HttpRequest::body_size() const {
  if (const auto* part = std::get_if<FilePart>(&body)) return part->length;
  return static_cast<ByteCount>(std::get<std::string>(body).size());
}

std::string_view HttpResponse::header(std::string_view name) const {
  for (auto field = headers.rbegin(); field != headers.rend(); ++field) {
    if (field->first == name) return field->second;
  }
  return {};
}

}  // namespace decant::objects
