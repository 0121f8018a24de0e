#include "http/api.h"

#include "http/api_analysis.h"
#include "http/api_auth.h"
#include "http/api_direct_uploads.h"
#include "http/api_download.h"
#include "http/api_events.h"
#include "http/api_status.h"
#include "http/api_tasks.h"

namespace decant::http {

struct Api::State {
  State(ApiOptions with, ApiParts of) : options(std::move(with)), parts(std::move(of)) {}

  ApiOptions options;
  ApiParts parts;
  AuthApi auth{options, parts};
  TasksApi tasks{options, parts};
  DirectUploadsApi uploads{options, parts};
  DownloadApi downloads{options, parts};
  AnalysisApi analysis{parts};
  EventsApi events{options, parts, [this](const Request& request) { return auth.authenticate(request); }};
  StatusApi status{parts};
};

Api::Api(ApiOptions options, ApiParts parts) : state_(std::make_unique<State>(std::move(options), std::move(parts))) {}
Api::~Api() = default;

void Api::add_routes(Router& router) {
  state_->auth.add_routes(router);
  state_->tasks.add_routes(router);
  state_->uploads.add_routes(router);
  state_->downloads.add_routes(router);
  state_->analysis.add_routes(router);
  state_->events.add_routes(router);
  state_->status.add_routes(router);
}

Authenticator Api::authenticator() {
  return [state = state_.get()](const Request& request) { return state->auth.authenticate(request); };
}

void Api::set_draining() { state_->status.set_draining(); }

}  // namespace decant::http
