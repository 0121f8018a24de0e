#include "audio/formats/targets.h"
#include "audio/mux/m4a_muxer.h"
#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

Encoding choose_encoding(const Sound& sound, const tasks::ConversionOptions& options) {
  return {.encoder = "aac",
          .sample_format = AV_SAMPLE_FMT_FLTP,
          .options = {{"b", bitrate_option(options, sound.layout.channels(), 96'000)}}};
}

}  // namespace

const Format m4a_format{
    .target = {.name = "m4a",
               .title = "M4A (AAC)",
               .extension = "m4a",
               .aliases = {"aac", "mp4", "m4b"},
               .mime_type = "audio/mp4",
               .bitrate = tasks::Range{8'000, 576'000},
               .default_encoding = "192 kbit/s (mono 96 kbit/s)",
               .sample_rates = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000, 64000, 88200, 96000},
               .max_channels = 8},
    .choose_encoding = choose_encoding,
    .make_muxer = make_m4a_muxer,
    .tags = TagHolder::itunes,
    .seam = &aac_seam,
    .copied = &aac_packets,
};

}  // namespace decant::audio
