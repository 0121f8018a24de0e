#include "audio/formats/targets.h"
#include "audio/mux/ogg_muxer.h"
#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

Encoding choose_encoding(const Sound&, const tasks::ConversionOptions& options) {
  Encoding encoding{.encoder = "libvorbis", .sample_format = AV_SAMPLE_FMT_FLTP};
  if (options.bitrate) {
    encoding.options = {{"b", std::to_string(*options.bitrate)}};
  } else {
    encoding.options = {{"flags", "+qscale"}, {"global_quality", quality_option(options.quality.value_or(5))}};
  }
  return encoding;
}

}  // namespace

const Format ogg_format{
    .target = {.name = "ogg",
               .title = "Ogg Vorbis",
               .extension = "ogg",
               .aliases = {"oga", "vorbis"},
               .mime_type = "audio/ogg",
               .bitrate = tasks::Range{8'000, 500'000},
               .quality = tasks::Range{-1.0, 10.0},
               .quality_help = "Vorbis quality: -1 is smallest, 10 is best",
               .default_encoding = "quality 5 (some 160 kbit/s)",
               .sample_rate_range = {8000, 192000},
               .max_channels = 8},
    .choose_encoding = choose_encoding,
    .make_muxer = make_vorbis_muxer,
    .tags = TagHolder::vorbis_comment,
    .seam = &vorbis_seam,
    .copied = &vorbis_packets,
};

}  // namespace decant::audio
