#pragma once

#include "http/api.h"

namespace decant::http {

/// GET /api/tasks/{id}/waveform and /spectrogram: what the analyses of a conversion made beside its result. `parts`
/// outlives it.
class AnalysisApi {
 public:
  explicit AnalysisApi(const ApiParts& parts) : parts_(parts) {}

  void add_routes(Router& router);

 private:
  Awaitable<Result<Response>> waveform(Request& request);
  Awaitable<Result<Response>> spectrogram(Request& request);

  const ApiParts& parts_;
};

}  // namespace decant::http
