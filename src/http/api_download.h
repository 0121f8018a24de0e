#pragma once

#include "http/api.h"

namespace decant::http {

/// GET /api/download/{id}. Both outlive it.
class DownloadApi {
 public:
  DownloadApi(const ApiOptions& options, const ApiParts& parts) : options_(options), parts_(parts) {}

  void add_routes(Router& router);

 private:
  Awaitable<Result<Response>> download(Request& request);

  [[nodiscard]] bool may_redirect(const Request& request) const;

  const ApiOptions& options_;
  const ApiParts& parts_;
};

}  // namespace decant::http
