#pragma once

#include "http/api.h"
#include "tasks/watch.h"

namespace decant::http {

/// /api/events and /api/tasks/{id}/events: Server-Sent Events (WHATWG HTML, 9.2). All arguments outlive it.
class EventsApi {
 public:
  EventsApi(const ApiOptions& options, const ApiParts& parts, Authenticator authenticator);

  void add_routes(Router& router);

 private:
  Awaitable<Result<Response>> all(Request& request);
  Awaitable<Result<Response>> one(Request& request);
  Result<Response> stream(const Request& request, tasks::Watch::Interest interest);

  const ApiOptions& options_;
  const ApiParts& parts_;
  Authenticator authenticator_;
  tasks::Watch watch_;
};

}  // namespace decant::http
