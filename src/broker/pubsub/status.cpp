#include "broker/pubsub/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace decant::broker::pubsub {
namespace {

struct Row {
  std::string_view name;
  ErrorCode error;
};

// In the order of the codes.
constexpr std::array rows = {
    Row{"OK", ErrorCode::internal},
    Row{"CANCELLED", ErrorCode::canceled},
    Row{"UNKNOWN", ErrorCode::internal},
    Row{"INVALID_ARGUMENT", ErrorCode::invalid_argument},
    Row{"DEADLINE_EXCEEDED", ErrorCode::timed_out},
    Row{"NOT_FOUND", ErrorCode::not_found},
    Row{"ALREADY_EXISTS", ErrorCode::conflict},
    Row{"PERMISSION_DENIED", ErrorCode::forbidden},
    Row{"RESOURCE_EXHAUSTED", ErrorCode::rate_limited},
    Row{"FAILED_PRECONDITION", ErrorCode::conflict},
    Row{"ABORTED", ErrorCode::unavailable},
    Row{"OUT_OF_RANGE", ErrorCode::internal},
    Row{"UNIMPLEMENTED", ErrorCode::internal},
    Row{"INTERNAL", ErrorCode::unavailable},
    Row{"UNAVAILABLE", ErrorCode::unavailable},
    Row{"DATA_LOSS", ErrorCode::internal},
    Row{"UNAUTHENTICATED", ErrorCode::unauthenticated},
};

constexpr std::array retryable = {Code::deadline_exceeded, Code::resource_exhausted, Code::aborted, Code::internal,
                                  Code::unavailable};
constexpr std::array final_for_a_stream = {Code::cancelled, Code::invalid_argument, Code::not_found,
                                           Code::permission_denied, Code::unauthenticated};

constexpr std::string_view transient_failure = "TRANSIENT_";

const Row& row_of(Code code) {
  const auto number = static_cast<std::size_t>(code);
  return rows[number < rows.size() ? number : static_cast<std::size_t>(Code::unknown)];
}

}  // namespace

std::string_view to_string(Code code) { return row_of(code).name; }

bool is_retryable(Code code) { return std::ranges::find(retryable, code) != retryable.end(); }

bool may_reopen(Code code) { return std::ranges::find(final_for_a_stream, code) == final_for_a_stream.end(); }

Error to_error(const Status& status, std::string_view what) {
  return {row_of(status.code).error, fmt::format("Pub/Sub: cannot {}", what),
          fmt::format("{}: {}", to_string(status.code), status.message)};
}

Verdict judge(const Status& status, const std::string& ack_id, int earlier_tries) {
  if (status.is_ok()) return Verdict::done;
  if (const auto failed = status.failed_ids.find(ack_id); failed != status.failed_ids.end()) {
    if (failed->second.starts_with(transient_failure)) return Verdict::retry;
    return earlier_tries > 0 ? Verdict::unknown : Verdict::lost;
  }
  // The service names every id that failed, so the rest of the call was carried out.
  if (!status.failed_ids.empty()) return Verdict::done;
  return is_retryable(status.code) ? Verdict::retry : Verdict::refused;
}

}  // namespace decant::broker::pubsub
