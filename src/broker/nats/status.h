#pragma once

#include <nats/nats.h>

#include <string_view>

#include "broker/nats/address.h"

namespace decant::broker::nats {

/// What libnats said about `action` ("publish a ring"), with the servers' names and no secret. unavailable for what may
/// pass, as servers change or elect a leader; unauthenticated, forbidden, invalid_argument or internal for what
/// somebody has to put right. `code` is JetStream's own, where it gave one. Called on the thread that made the failing
/// call.
[[nodiscard]] Failure nats_failure(natsStatus status, std::string_view action, const Address& address,
                                   jsErrCode code = {});

}  // namespace decant::broker::nats
