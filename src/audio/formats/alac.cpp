#include "audio/formats/targets.h"
#include "audio/mux/m4a_muxer.h"
#include "audio/seams/seams.h"

namespace decant::audio {

namespace {

Encoding choose_encoding(const Sound& sound, const tasks::ConversionOptions&) {
  if (sound.bits > 16 || sound.floating) return {"alac", AV_SAMPLE_FMT_S32P, 24};
  return {"alac", AV_SAMPLE_FMT_S16P, 16};
}

}  // namespace

const Format alac_format{
    .target = {.name = "alac",
               .title = "Apple Lossless",
               .extension = "m4a",
               .aliases = {},
               .mime_type = "audio/mp4",
               .lossless = true,
               .default_encoding = "16 or 24 bits as the source (24 at the most)",
               .sample_rate_range = {1000, 384000},
               .max_channels = 8,
               .bit_depths = {tasks::BitDepth::int16, tasks::BitDepth::int24}},
    .choose_encoding = choose_encoding,
    .make_muxer = make_m4a_muxer,
    .tags = TagHolder::itunes,
    .seam = &alac_seam,
    .copied = &alac_packets,
    .demuxer = "mov",
};

}  // namespace decant::audio
