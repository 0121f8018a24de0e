#include "audio/av/error.h"

#include <array>
#include <cerrno>

#include "audio/av/libav.h"

namespace decant::audio::av {

std::string error_text(int error) {
  std::array<char, AV_ERROR_MAX_STRING_SIZE> text{};
  av_strerror(error, text.data(), text.size());
  return text.data();
}

Failure av_failure(ErrorCode code, std::string message, int error) {
  switch (error) {
    case AVERROR(ENOSPC):
    case AVERROR(EDQUOT):
    case AVERROR(EFBIG):
      return failure(ErrorCode::quota_exceeded, "there is no room for the result", error_text(error));
    case AVERROR(ENOMEM):
      return failure(ErrorCode::too_large, "the file asks for more memory than a conversion gets", error_text(error));
    default: return failure(code, std::move(message), error_text(error));
  }
}

}  // namespace decant::audio::av
