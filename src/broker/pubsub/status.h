#pragma once

#include <map>
#include <string>
#include <string_view>

#include "base/result.h"

namespace decant::broker::pubsub {

/// gRPC's status codes, with their numbers: https://github.com/grpc/grpc/blob/v1.51.1/doc/statuscodes.md
enum class Code {
  ok = 0,
  cancelled = 1,
  unknown = 2,
  invalid_argument = 3,
  deadline_exceeded = 4,
  not_found = 5,
  already_exists = 6,
  permission_denied = 7,
  resource_exhausted = 8,
  failed_precondition = 9,
  aborted = 10,
  out_of_range = 11,
  unimplemented = 12,
  internal = 13,
  unavailable = 14,
  data_loss = 15,
  unauthenticated = 16,
};

/// "NOT_FOUND"
[[nodiscard]] std::string_view to_string(Code code);

/// How a call of the service ended.
struct Status {
  Code code = Code::ok;
  std::string message = {};
  /// google.rpc.ErrorInfo of Pub/Sub: what became of each acknowledgment id that failed.
  std::map<std::string, std::string> failed_ids = {};

  [[nodiscard]] bool is_ok() const { return code == Code::ok; }
};

/// Whether the same call may succeed if it is made again soon.
[[nodiscard]] bool is_retryable(Code code);
/// Whether a stream that ended with it is to be opened again without anybody's doing.
[[nodiscard]] bool may_reopen(Code code);

/// `what`: "ring", a verb for "cannot …".
[[nodiscard]] Error to_error(const Status& status, std::string_view what);

/// What is known after a call about one delivery: acknowledge, extend or give back.
enum class Verdict {
  done,     ///< the service has confirmed it
  retry,    ///< it may succeed if it is made again
  lost,     ///< the delivery is no longer ours: its lease ran out, or it was acknowledged
  unknown,  ///< as lost, but an earlier try may have been carried out without our hearing of it: the database knows
  refused,  ///< not for this delivery's sake: no permission, no such subscription
};

/// Reads the status of a call about `ack_id`; `earlier_tries` of the same call ended with retry.
/// https://cloud.google.com/pubsub/docs/exactly-once-delivery
[[nodiscard]] Verdict judge(const Status& status, const std::string& ack_id, int earlier_tries);

}  // namespace decant::broker::pubsub
