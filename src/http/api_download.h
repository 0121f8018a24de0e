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

/// Content-Disposition: attachment with that name (RFC 6266): an ASCII form for old clients, and the whole in UTF-8 (RFC 8187).
/// Path separators become "_".
[[nodiscard]] std::string attachment(std::string_view name);

}  // namespace decant::http
