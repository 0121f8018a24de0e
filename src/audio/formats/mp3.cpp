#include "audio/formats/targets.h"
#include "audio/mux/mp3_muxer.h"
#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

Encoding choose_encoding(const Sound& sound, const tasks::ConversionOptions& options) {
  // LAME takes 16-bit samples as they are; from anything deeper, floats keep what they hold.
  const bool fits_16_bits = sound.lossless && !sound.floating && sound.bits <= 16;
  Encoding encoding{.encoder = "libmp3lame", .sample_format = fits_16_bits ? AV_SAMPLE_FMT_S16P : AV_SAMPLE_FMT_FLTP};
  if (options.quality) {
    encoding.options = {{"flags", "+qscale"}, {"global_quality", quality_option(*options.quality)}};
  } else {
    encoding.options = {{"b", bitrate_option(options, sound.layout.channels(), 96'000)}};
  }
  return encoding;
}

}  // namespace

const Format mp3_format{
    .target = {.name = "mp3",
               .title = "MP3",
               .extension = "mp3",
               .aliases = {},
               .mime_type = "audio/mpeg",
               .bitrate = tasks::Range{8'000, 320'000},
               .quality = tasks::Range{0.0, 9.0},
               .quality_help = "LAME's VBR scale, 0 is best and 9 is smallest",
               .default_encoding = "192 kbit/s constant (mono 96 kbit/s)",
               .sample_rates = {8000, 11025, 12000, 16000, 22050, 24000, 32000, 44100, 48000},
               .max_channels = 2},
    .choose_encoding = choose_encoding,
    .make_muxer = make_mp3_muxer,
    .tags = TagHolder::id3v2,
    .seam = &mp3_seam,
    .copied = &mp3_packets,
};

}  // namespace decant::audio
