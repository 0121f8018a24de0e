#include "http/api_json.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "http/syntax.h"

namespace decant::http {
namespace {

namespace json = boost::json;

constexpr std::size_t most_body = 64 * 1024;
constexpr std::size_t most_depth = 8;

bool says_json(std::string_view content_type) {
  return equals_ignoring_case(trim(take_until(content_type, ';')), "application/json");
}

}  // namespace

std::string json_string(std::string_view text) { return json::serialize(json::string_view(text)); }

Awaitable<Result<json::object>> read_json_object(Request& request) {
  // A form of another origin can send any body, but not with this type without asking first (CORS).
  if (!says_json(request.header("Content-Type"))) {
    co_return failure(ErrorCode::unsupported_media, "send a JSON object with Content-Type: application/json");
  }
  if (request.body->length().value_or(0) > static_cast<ByteCount>(most_body)) {
    co_return failure(ErrorCode::too_large, fmt::format("the JSON may have at most {} bytes", most_body));
  }
  std::string text(most_body + 1, '\0');
  std::size_t size = 0;
  while (size < text.size()) {
    DECANT_CO_TRY(const std::size_t got,
                  co_await request.body->read_some(std::as_writable_bytes(std::span(text).subspan(size))));
    if (got == 0) break;
    size += got;
  }
  if (size > most_body) {
    co_return failure(ErrorCode::too_large, fmt::format("the JSON may have at most {} bytes", most_body));
  }
  text.resize(size);
  boost::system::error_code problem;
  json::parse_options options;
  options.max_depth = most_depth;
  json::value value = json::parse(text, problem, {}, options);
  if (problem) co_return failure(ErrorCode::invalid_argument, "the body is not valid JSON", problem.message());
  if (!value.is_object()) co_return failure(ErrorCode::invalid_argument, "the body must be a JSON object");
  co_return std::move(value.get_object());
}

std::string JsonFields::text(std::string_view name) {
  const json::value* value = object_.if_contains(name);
  if (value != nullptr && value->is_string()) return std::string(value->get_string());
  errors_.push_back({std::string(name), value == nullptr ? "is missing" : "must be a string"});
  return {};
}

Result<void> JsonFields::check() const {
  if (errors_.empty()) return {};
  Error error{ErrorCode::invalid_argument, fmt::format("{}: {}", errors_.front().field, errors_.front().message)};
  error.fields = errors_;
  return Failure(std::move(error));
}

Failure wrong_field(std::string name, std::string message) {
  Error error{ErrorCode::invalid_argument, fmt::format("{}: {}", name, message)};
  error.fields.push_back({std::move(name), std::move(message)});
  return Failure(std::move(error));
}

}  // namespace decant::http
