#pragma once

#include <atomic>
#include <mutex>

#include "http/api.h"

namespace decant::http {

/// What load balancers, autoscalers and clients ask before anything else: health, queue, formats, the contract. `parts`
/// outlives it.
class StatusApi {
 public:
  explicit StatusApi(const ApiParts& parts) : parts_(parts) {}

  void add_routes(Router& router);
  void set_draining() { is_draining_ = true; }

 private:
  Awaitable<Result<Response>> is_ready(Request& request);
  Awaitable<Result<Response>> queue(Request& request);

  const ApiParts& parts_;
  std::atomic<bool> is_draining_ = false;

  std::mutex queue_mutex_;
  std::string queue_json_;
  SteadyTime queue_expires_{};
};

}  // namespace decant::http
