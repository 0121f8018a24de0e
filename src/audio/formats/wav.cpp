#include "audio/formats/pcm.h"
#include "audio/formats/targets.h"
#include "audio/mux/wav_muxer.h"

namespace decant::audio {

namespace {

constexpr PcmEncoders encoders{"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_s32le", "pcm_f32le", "pcm_f64le"};

Encoding choose_encoding(const Sound& sound, const tasks::ConversionOptions&) {
  return choose_pcm_encoding(encoders, sound);
}

}  // namespace

const Format wav_format{
    .target = {.name = "wav",
               .title = "WAV",
               .extension = "wav",
               .aliases = {"wave"},
               .mime_type = "audio/wav",
               .lossless = true,
               .default_encoding = "PCM with the depth of the source (16 bits for lossy sources)",
               .sample_rate_range = {1000, 768000},
               .max_channels = 64,
               .bit_depths = {tasks::BitDepth::int8, tasks::BitDepth::int16, tasks::BitDepth::int24,
                              tasks::BitDepth::int32, tasks::BitDepth::float32}},
    .choose_encoding = choose_encoding,
    .make_muxer = make_wav_muxer,
    .tags = TagHolder::id3v2,
    .demuxer = "wav",
};

}  // namespace decant::audio
