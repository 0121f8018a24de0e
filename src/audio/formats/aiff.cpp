#include "audio/formats/pcm.h"
#include "audio/formats/targets.h"
#include "audio/mux/aiff_muxer.h"

namespace decant::audio {

namespace {

constexpr PcmEncoders encoders{"pcm_s8", "pcm_s16be", "pcm_s24be", "pcm_s32be", "pcm_f32be", "pcm_f64be"};

Encoding choose_encoding(const Sound& sound, const tasks::ConversionOptions&) {
  return choose_pcm_encoding(encoders, sound);
}

}  // namespace

const Format aiff_format{
    .target = {.name = "aiff",
               .title = "AIFF",
               .extension = "aiff",
               .aliases = {"aif", "aifc"},
               .mime_type = "audio/aiff",
               .lossless = true,
               .default_encoding = "PCM with the depth of the source (16 bits for lossy sources)",
               .sample_rate_range = {1000, 768000},
               .max_channels = 64,
               .bit_depths = {tasks::BitDepth::int8, tasks::BitDepth::int16, tasks::BitDepth::int24,
                              tasks::BitDepth::int32, tasks::BitDepth::float32}},
    .choose_encoding = choose_encoding,
    .make_muxer = make_aiff_muxer,
    .tags = TagHolder::id3v2,
    .demuxer = "aiff",
};

}  // namespace decant::audio
