#pragma once

#include "http/api.h"
#include "http/list_cache.h"
#include "http/slots.h"
#include "tasks/task_service.h"

namespace decant::http {

/// /api/tasks. Both arguments outlive it.
class TasksApi {
 public:
  TasksApi(const ApiOptions& options, const ApiParts& parts);

  void add_routes(Router& router);

 private:
  Awaitable<Result<Response>> submit(Request& request);
  Awaitable<Result<Response>> list(Request& request);
  Awaitable<Result<Response>> get(Request& request);
  Awaitable<Result<Response>> reconvert(Request& request);
  Awaitable<Result<Response>> forget(Request& request);
  /// Blocks.
  Result<ListPage> read_page(const tasks::ListQuery& query);

  const ApiOptions& options_;
  const ApiParts& parts_;
  tasks::TaskService service_;
  Slots uploads_;
  ListCache lists_;
};

/// The path parameter "id". not_found when it is no id, as for a task that does not exist.
Result<tasks::TaskId> task_id_of(const Request& request);

}  // namespace decant::http
