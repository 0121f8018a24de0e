#pragma once

#include "http/api.h"
#include "http/slots.h"
#include "tasks/direct_uploads.h"

namespace decant::http {

/// /api/uploads/direct: files that go to the object store by themselves. Both arguments outlive it.
class DirectUploadsApi {
 public:
  DirectUploadsApi(const ApiOptions& options, const ApiParts& parts);

  void add_routes(Router& router);

 private:
  Awaitable<Result<Response>> announce(Request& request);
  Awaitable<Result<Response>> confirm(Request& request);

  const ApiParts& parts_;
  tasks::TaskService service_;
  tasks::DirectUploads uploads_;
  Slots confirmations_;
};

}  // namespace decant::http
