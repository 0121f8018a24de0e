#include "audio/engine.h"
#include "audio/media_info.h"
#include "audio/tags/read.h"

namespace decant::audio {

Result<tasks::MediaInfo> probe(int input) {
  DECANT_TRY(const Source source, Source::open(input));
  return describe(source, read_metadata(source));
}

}  // namespace decant::audio
