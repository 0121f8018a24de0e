#include "http/conditional.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "http/http_date.h"
#include "http/problem.h"
#include "http/syntax.h"

namespace decant::http {
namespace {

using std::chrono::sys_seconds;

enum class Comparison { strong, weak };

/// Takes one entity-tag off the front of a list; nothing when there is none or it is malformed.
std::optional<std::string_view> take_tag(std::string_view& list) {
  list.remove_prefix(std::min(list.find_first_not_of(", \t"), list.size()));
  const std::size_t open = list.starts_with("W/") ? 2 : 0;
  if (open >= list.size() || list[open] != '"') return std::nullopt;
  const std::size_t close = list.find('"', open + 1);
  if (close == std::string_view::npos) return std::nullopt;
  const std::string_view tag = list.substr(0, close + 1);
  list.remove_prefix(close + 1);
  return tag;
}

bool matches_tag(std::string_view list, std::string_view etag, Comparison comparison) {
  if (trim(list) == "*") return true;
  while (auto tag = take_tag(list)) {
    if (comparison == Comparison::weak && tag->starts_with("W/")) tag->remove_prefix(2);
    if (*tag == etag) return true;
  }
  return false;
}

std::optional<sys_seconds> date_of(std::string_view field) {
  return parse_http_date(field, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()));
}

bool was_modified_since(const Representation& representation, sys_seconds date) {
  return representation.last_modified && *representation.last_modified > date;
}

/// The status that a precondition asks for; nothing when the request goes on.
std::optional<int> check_preconditions(const Request& request, const Representation& representation) {
  const bool reads = request.method == Method::get || request.method == Method::head;
  if (const auto tags = request.header("If-Match"); !tags.empty()) {
    if (!matches_tag(tags, representation.etag, Comparison::strong)) return 412;
  } else if (const auto date = date_of(request.header("If-Unmodified-Since")); date) {
    if (was_modified_since(representation, *date)) return 412;
  }
  if (const auto tags = request.header("If-None-Match"); !tags.empty()) {
    if (matches_tag(tags, representation.etag, Comparison::weak)) return reads ? 304 : 412;
  } else if (const auto date = date_of(request.header("If-Modified-Since")); date && reads) {
    if (representation.last_modified && !was_modified_since(representation, *date)) return 304;
  }
  return std::nullopt;
}

bool is_range_current(const Request& request, const Representation& representation) {
  const std::string_view validator = request.header("If-Range");
  if (validator.empty()) return true;
  if (validator.starts_with('"') || validator.starts_with("W/")) return validator == representation.etag;
  const auto date = date_of(validator);
  return date && representation.last_modified == date;
}

/// 1*DIGIT; a number too large to count is as good as the largest.
std::optional<ByteCount> parse_position(std::string_view digits) {
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) return std::nullopt;
  return parse_decimal(digits).value_or(std::numeric_limits<ByteCount>::max());
}

/// Nothing: the field is to be ignored.
std::optional<Selection> select_range(std::string_view field, ByteCount size) {
  const std::string_view unit = trim(take_until(field, '='));
  const std::string_view range = trim(field);
  if (!equals_ignoring_case(unit, "bytes") || range.contains(',')) return std::nullopt;
  const std::size_t dash = range.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const std::string_view last_text = range.substr(dash + 1);

  if (dash == 0) {
    const auto suffix = parse_position(last_text);
    if (!suffix || (size == 0 && *suffix > 0)) return std::nullopt;
    if (*suffix == 0) return Selection{.status = 416};
    const ByteCount length = std::min(*suffix, size);
    return Selection{.status = 206, .offset = size - length, .length = length};
  }
  const auto first = parse_position(range.substr(0, dash));
  const auto last = last_text.empty() ? std::numeric_limits<ByteCount>::max() : parse_position(last_text);
  if (!first || !last || *last < *first) return std::nullopt;
  if (*first >= size) return Selection{.status = 416};
  return Selection{.status = 206, .offset = *first, .length = std::min(*last, size - 1) - *first + 1};
}

/// All but the body.
Response make_response(const Request& request, const Representation& representation, const Selection& selection) {
  if (selection.status == 412) {
    return make_problem(412, {ErrorCode::conflict, "it is not the version that the request asks for"}, request);
  }
  if (selection.status == 416) {
    Response response = make_problem(
        416, {ErrorCode::invalid_argument, fmt::format("the range lies outside of its {} bytes", representation.size)},
        request);
    response.set("Content-Range", fmt::format("bytes */{}", representation.size));
    return response;
  }
  Response response;
  response.status = selection.status;
  response.set("ETag", representation.etag);
  if (representation.last_modified) response.set("Last-Modified", to_http_date(*representation.last_modified));
  response.set("Accept-Ranges", "bytes");
  if (selection.status == 206) {
    response.set("Content-Range", fmt::format("bytes {}-{}/{}", selection.offset,
                                              selection.offset + selection.length - 1, representation.size));
  }
  return response;
}

bool has_body(const Selection& selection) { return selection.status == 200 || selection.status == 206; }

}  // namespace

Selection select(const Request& request, const Representation& representation) {
  if (const auto status = check_preconditions(request, representation)) return {.status = *status};
  const Selection whole{.status = 200, .offset = 0, .length = representation.size};
  const std::string_view range = request.header("Range");
  if (range.empty() || request.method != Method::get || !is_range_current(request, representation)) return whole;
  return select_range(range, representation.size).value_or(whole);
}

Response make_object_response(const Request& request, const Representation& representation,
                              std::unique_ptr<tasks::ObjectReader> reader) {
  const Selection selection = select(request, representation);
  Response response = make_response(request, representation, selection);
  if (has_body(selection)) {
    response.body = ObjectBody{.reader = std::move(reader), .offset = selection.offset, .length = selection.length};
  }
  return response;
}

Response make_static_response(const Request& request, std::string_view etag, std::string_view bytes) {
  const Representation representation{
      .etag = std::string(etag), .last_modified = {}, .size = static_cast<ByteCount>(bytes.size())};
  const Selection selection = select(request, representation);
  Response response = make_response(request, representation, selection);
  if (has_body(selection)) {
    response.body =
        bytes.substr(static_cast<std::size_t>(selection.offset), static_cast<std::size_t>(selection.length));
  }
  return response;
}

}  // namespace decant::http
