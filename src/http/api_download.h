#pragma once

#include "http/api.h"

namespace decant::http {

/// GET /api/download/{id}. `parts` outlives it.
class DownloadApi {
 public:
  explicit DownloadApi(const ApiParts& parts) : parts_(parts) {}

  void add_routes(Router& router);

 private:
  Awaitable<Result<Response>> download(Request& request);

  const ApiParts& parts_;
};

}  // namespace decant::http
