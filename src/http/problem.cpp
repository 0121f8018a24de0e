#include "http/problem.h"

#include <array>
#include <boost/json.hpp>
#include <utility>

namespace decant::http {
namespace {

struct StatusRow {
  ErrorCode code;
  int status;
};

constexpr auto status_table = std::to_array<StatusRow>({
    {ErrorCode::invalid_argument, 400},
    {ErrorCode::unauthenticated, 401},
    {ErrorCode::forbidden, 403},
    {ErrorCode::not_found, 404},
    {ErrorCode::conflict, 409},
    {ErrorCode::too_large, 413},
    {ErrorCode::unsupported_media, 415},
    {ErrorCode::unprocessable, 422},
    {ErrorCode::rate_limited, 429},
    {ErrorCode::quota_exceeded, 507},
    {ErrorCode::timed_out, 408},
    {ErrorCode::unavailable, 503},
    {ErrorCode::lost_lease, 409},
    {ErrorCode::canceled, 409},
    {ErrorCode::crashed, 422},
    {ErrorCode::internal, 500},
});

constexpr auto reasons = std::to_array<std::pair<int, std::string_view>>({
    {100, "Continue"},
    {200, "OK"},
    {201, "Created"},
    {202, "Accepted"},
    {204, "No Content"},
    {206, "Partial Content"},
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {416, "Range Not Satisfiable"},
    {417, "Expectation Failed"},
    {422, "Unprocessable Content"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {503, "Service Unavailable"},
    {505, "HTTP Version Not Supported"},
    {507, "Insufficient Storage"},
});

/// Seconds; a guess that spreads retries without making people wait.
constexpr std::string_view default_retry_after = "5";

}  // namespace

std::string_view reason_of(int status) {
  for (const auto& [candidate, reason] : reasons) {
    if (candidate == status) return reason;
  }
  return "";
}

int status_of(ErrorCode code) {
  for (const StatusRow& row : status_table) {
    if (row.code == code) return row.status;
  }
  std::unreachable();
}

Response make_problem(const Error& error, const Request& request) {
  return make_problem(status_of(error.code), error, request);
}

Response make_problem(int status, const Error& error, const Request& request) {
  const std::string_view code = to_string(error.code);
  boost::json::object problem{
      {"type", "/docs/errors#" + std::string(code)},
      {"title", reason_of(status)},
      {"status", status},
      {"code", code},
      {"detail", error.message},
  };
  if (!error.fields.empty()) {
    boost::json::array fields;
    for (const FieldError& field : error.fields) {
      fields.push_back(boost::json::object{{"field", field.field}, {"message", field.message}});
    }
    problem["fields"] = std::move(fields);
  }
  if (!request.request_id.empty()) problem["requestId"] = request.request_id;

  Response response;
  response.status = status;
  response.set("Content-Type", "application/problem+json").set("Cache-Control", "no-store");
  if (status == 401) response.set("WWW-Authenticate", "Bearer");
  if (status == 429 || status == 503) response.set("Retry-After", std::string(default_retry_after));
  response.body = boost::json::serialize(problem);
  return response;
}

}  // namespace decant::http
