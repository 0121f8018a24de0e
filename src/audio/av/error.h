#pragma once

#include <string>

#include "base/result.h"

namespace decant::audio::av {

/// libav's text for one of its error numbers.
[[nodiscard]] std::string error_text(int error);

/// An Error with `message` for the client and libav's text in the detail. A full disk (ENOSPC, EDQUOT, EFBIG) is
/// quota_exceeded and exhausted memory is too_large, whatever `code` says.
[[nodiscard]] Failure av_failure(ErrorCode code, std::string message, int error);

}  // namespace decant::audio::av
