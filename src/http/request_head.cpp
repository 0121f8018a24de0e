#include "http/request_head.h"

#include <algorithm>

#include "http/syntax.h"

namespace decant::http {
namespace {

bool has_list_member(std::string_view list, std::string_view wanted) {
  while (!list.empty()) {
    if (equals_ignoring_case(trim(take_until(list, ',')), wanted)) return true;
  }
  return false;
}

/// uri-host [":" port] without what could make it look like more than that.
bool is_host(std::string_view host) {
  return !host.empty() && std::ranges::all_of(host, [](char character) {
    return static_cast<unsigned char>(character) > 0x20 && character != 0x7f &&
           !std::string_view("/\\?#@,\"<>").contains(character);
  });
}

std::expected<Framing, Refusal> find_framing(const RequestHead& head) {
  const auto& fields = head.fields;
  const auto has = [&](std::string_view name) {
    return std::ranges::any_of(fields, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
  };
  if (has("Transfer-Encoding")) {
    if (has("Content-Length")) return refuse(400, "Content-Length and Transfer-Encoding exclude each other");
    if (head.minor_version == 0) return refuse(400, "HTTP/1.0 has no Transfer-Encoding");
    if (!equals_ignoring_case(find_field(fields, "Transfer-Encoding"), "chunked")) {
      return refuse(501, "the only Transfer-Encoding known here is chunked");
    }
    return Framing{.kind = Framing::Kind::chunked};
  }
  if (!has("Content-Length")) return Framing{};
  const auto length = parse_decimal(find_field(fields, "Content-Length"));
  if (!length) return refuse(400, "Content-Length is not one decimal number");
  return Framing{.kind = *length == 0 ? Framing::Kind::none : Framing::Kind::sized, .length = *length};
}

}  // namespace

std::unexpected<Refusal> refuse(int status, std::string message) {
  return std::unexpected(Refusal{status, Error{ErrorCode::invalid_argument, std::move(message)}});
}

std::string_view find_field(const std::vector<std::pair<std::string, std::string>>& fields, std::string_view name) {
  const auto found =
      std::ranges::find_if(fields, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
  return found == fields.end() ? std::string_view() : std::string_view(found->second);
}

std::expected<Conduct, Refusal> check_head(const RequestHead& head) {
  const std::string_view host = find_field(head.fields, "Host");
  if (!is_host(host) && (head.minor_version > 0 || !host.empty()))
    return refuse(400, "the Host field is missing or wrong");

  Conduct conduct;
  const auto framing = find_framing(head);
  if (!framing) return std::unexpected(framing.error());
  conduct.framing = *framing;

  const std::string_view connection = find_field(head.fields, "Connection");
  conduct.keeps_alive =
      head.minor_version > 0 ? !has_list_member(connection, "close") : has_list_member(connection, "keep-alive");

  const std::string_view expect = find_field(head.fields, "Expect");
  if (!expect.empty() && head.minor_version > 0) {
    if (!equals_ignoring_case(expect, "100-continue"))
      return refuse(417, "the only expectation known here is 100-continue");
    conduct.expects_continue = conduct.framing.kind != Framing::Kind::none;
  }
  return conduct;
}

}  // namespace decant::http
