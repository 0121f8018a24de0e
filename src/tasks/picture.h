#pragma once

#include <cstdint>
#include <span>
#include <string>

#include "base/file.h"

namespace decant::tasks {

struct PictureSize {
  std::uint32_t width = 0;  ///< pixels; 0 where the picture does not tell
  std::uint32_t height = 0;
  std::uint32_t depth = 0;  ///< bits a pixel
};

/// The MIME type by content: JPEG, PNG, GIF, BMP or WebP; empty for anything else.
[[nodiscard]] std::string sniff_picture(std::span<const std::uint8_t> data);
/// From the headers of JPEG (ITU T.81 SOF) and PNG (IHDR).
[[nodiscard]] PictureSize measure_picture(std::span<const std::uint8_t> data);

/// What a cover that somebody gives may be.
struct CoverLimits {
  ByteCount bytes = 10 * 1024 * 1024;
  std::uint32_t side = 10'000;  ///< pixels
};

/// Whether the file is a JPEG or PNG picture within the limits, by its signature, its header and its end; what is
/// between stays unread, and is nobody's to decode here. With the FieldError "cover": too_large, unsupported_media (no
/// such picture), unprocessable (damaged, or of too many pixels). Blocks.
Result<void> check_cover(int file, const CoverLimits& limits);

}  // namespace decant::tasks
