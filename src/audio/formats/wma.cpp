#include "audio/formats/targets.h"
#include "audio/mux/asf_muxer.h"
#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

// Decoders drop the first frame, which holds no whole sound; libavcodec's encoder does not reckon with that.
constexpr int silent_frames = 1;

Encoding choose_encoding(const Sound& sound, const tasks::ConversionOptions& options) {
  return {.encoder = "wmav2",
          .sample_format = AV_SAMPLE_FMT_FLTP,
          .options = {{"b", bitrate_option(options, sound.layout.channels(), 96'000)}},
          .silent_frames = silent_frames};
}

}  // namespace

const Format wma_format{
    .target = {.name = "wma",
               .title = "WMA",
               .extension = "wma",
               .aliases = {"asf"},
               .mime_type = "audio/x-ms-wma",
               .bitrate = tasks::Range{24'000, 384'000},
               .default_encoding = "WMA 2, 192 kbit/s (mono 96 kbit/s)",
               .sample_rates = {8000, 11025, 16000, 22050, 32000, 44100, 48000},
               .max_channels = 2},
    .choose_encoding = choose_encoding,
    .make_muxer = make_asf_muxer,
    .tags = TagHolder::asf,
    .seam = &wma_seam,
};

}  // namespace decant::audio
