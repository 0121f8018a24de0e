#include "broker/nats/status.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

namespace decant::broker::nats {
namespace {

struct Meaning {
  natsStatus status;
  ErrorCode code;
  std::string_view sentence;
};

constexpr std::array meanings = {
    Meaning{NATS_NO_SERVER, ErrorCode::unavailable, "no server answers"},
    Meaning{NATS_IO_ERROR, ErrorCode::unavailable, "the connection failed"},
    Meaning{NATS_STALE_CONNECTION, ErrorCode::unavailable, "the server went silent"},
    Meaning{NATS_TIMEOUT, ErrorCode::unavailable, "the answer did not come in time"},
    Meaning{NATS_NO_RESPONDERS, ErrorCode::unavailable,
            "JetStream does not answer: it has no leader, or is not enabled"},
    Meaning{NATS_CONNECTION_DISCONNECTED, ErrorCode::unavailable, "the connection is lost"},
    Meaning{NATS_CONNECTION_CLOSED, ErrorCode::unavailable, "the connection is closed"},
    Meaning{NATS_CONNECTION_AUTH_FAILED, ErrorCode::unauthenticated,
            "the servers refuse this user or these credentials"},
    Meaning{NATS_NOT_PERMITTED, ErrorCode::forbidden, "this user is not permitted to do that"},
    Meaning{NATS_SSL_ERROR, ErrorCode::invalid_argument, "TLS failed: the certificates do not fit"},
    Meaning{NATS_SECURE_CONNECTION_REQUIRED, ErrorCode::invalid_argument, "the servers want TLS: write tls://"},
    Meaning{NATS_SECURE_CONNECTION_WANTED, ErrorCode::invalid_argument, "the servers have no TLS: write nats://"},
};

constexpr Meaning passing{NATS_ERR, ErrorCode::unavailable, "JetStream is not ready"};
constexpr Meaning other{NATS_ERR, ErrorCode::internal, "the servers refuse it"};

constexpr std::array passing_codes = {JSClusterNotAvailErr, JSClusterNotLeaderErr, JSClusterNoPeersErr,
                                      JSStreamNotFoundErr, JSConsumerNotFoundErr};

Meaning find_meaning(natsStatus status, jsErrCode code) {
  if (std::ranges::find(passing_codes, code) != passing_codes.end()) return passing;
  const auto* const found = std::ranges::find(meanings, status, &Meaning::status);
  return found == meanings.end() ? other : *found;
}

}  // namespace

Failure nats_failure(natsStatus status, std::string_view action, const Address& address, jsErrCode code) {
  const Meaning meaning = find_meaning(status, code);
  natsStatus last{};
  const char* const text = nats_GetLastError(&last);
  const bool is_about_it = last == status && text != nullptr && *text != '\0';
  return failure(meaning.code, fmt::format("cannot {} at NATS ({}): {}", action, address.text(), meaning.sentence),
                 is_about_it ? text : natsStatus_GetText(status));
}

}  // namespace decant::broker::nats
