#include "audio/tags/cover.h"

#include "audio/av/io.h"
#include "audio/tags/picture.h"
#include "tasks/picture.h"

namespace decant::audio {

Result<Picture> read_cover(int descriptor) {
  DECANT_TRY(const ByteCount size, av::size_by_seeking(descriptor));
  if (size > static_cast<ByteCount>(most_picture_bytes))
    return failure(ErrorCode::too_large, fmt::format("a cover may have at most {} bytes", most_picture_bytes));
  Picture cover{.mime_type = {}, .description = {}, .data = std::vector<std::uint8_t>(static_cast<std::size_t>(size))};
  cover.data.resize(av::read_at(descriptor, 0, cover.data));
  cover.mime_type = tasks::sniff_picture(cover.data);
  return cover;
}

}  // namespace decant::audio
