#include "audio/formats/targets.h"
#include "audio/mux/ogg_muxer.h"
#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

Encoding choose_encoding(const Sound& sound, const tasks::ConversionOptions& options) {
  const bool fits_16_bits = sound.lossless && !sound.floating && sound.bits <= 16;
  return {.encoder = "libopus",
          .sample_format = fits_16_bits ? AV_SAMPLE_FMT_S16 : AV_SAMPLE_FMT_FLT,
          .options = {{"b", bitrate_option(options, sound.layout.channels(), 64'000)}}};
}

}  // namespace

const Format opus_format{
    .target = {.name = "opus",
               .title = "Opus",
               .extension = "opus",
               .aliases = {},
               .mime_type = "audio/ogg",
               .bitrate = tasks::Range{6'000, 510'000},
               .default_encoding = "128 kbit/s variable (mono 64 kbit/s)",
               .sample_rates = {8000, 12000, 16000, 24000, 48000},
               .max_channels = 8},
    .choose_encoding = choose_encoding,
    .make_muxer = make_opus_muxer,
    .tags = TagHolder::vorbis_comment,
    .seam = &opus_seam,
    .copied = &opus_packets,
};

}  // namespace decant::audio
