#include "audio/decoder.h"
#include "audio/engine.h"
#include "audio/media_info.h"
#include "audio/tags/read.h"

namespace decant::audio {

Result<tasks::MediaInfo> probe(int input) {
  DECANT_TRY(const Source source, Source::open(input));
  tasks::MediaInfo info = describe(source, read_metadata(source));
  // Headers can claim anything: what gives not one sample is refused now, not by a worker later.
  DECANT_TRY(Decoder decoder, Decoder::open(source));
  DECANT_CHECK(decoder.next());
  return info;
}

}  // namespace decant::audio
