#include "audio/formats/targets.h"
#include "audio/mux/flac_muxer.h"
#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

Encoding choose_encoding(const Sound& sound, const tasks::ConversionOptions& options) {
  Encoding encoding = sound.bits > 16 || sound.floating ? Encoding{"flac", AV_SAMPLE_FMT_S32, 24}
                                                        : Encoding{"flac", AV_SAMPLE_FMT_S16, 16};
  encoding.options = {{"compression_level", std::to_string(std::lround(options.quality.value_or(5)))}};
  return encoding;
}

}  // namespace

const Format flac_format{
    .target = {.name = "flac",
               .title = "FLAC",
               .extension = "flac",
               .aliases = {},
               .mime_type = "audio/flac",
               .lossless = true,
               .quality = tasks::Range{0.0, 12.0},
               .quality_help = "compression level: 0 is quickest, 12 is smallest, the sound is the same",
               .default_encoding = "level 5, 16 or 24 bits as the source (24 at the most)",
               .sample_rate_range = {1000, 384000},
               .max_channels = 8,
               .bit_depths = {tasks::BitDepth::int16, tasks::BitDepth::int24}},
    .choose_encoding = choose_encoding,
    .make_muxer = make_flac_muxer,
    .tags = TagHolder::vorbis_comment,
    .seam = &flac_seam,
    .copied = &flac_packets,
    .demuxer = "flac",
};

}  // namespace decant::audio
