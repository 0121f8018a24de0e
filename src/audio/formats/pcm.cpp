#include "audio/formats/pcm.h"

namespace decant::audio {

Encoding choose_pcm_encoding(const PcmEncoders& encoders, const Sound& sound) {
  if (sound.floating && sound.sample_format == AV_SAMPLE_FMT_DBL) return {encoders.float64, AV_SAMPLE_FMT_DBL};
  if (sound.floating) return {encoders.float32, AV_SAMPLE_FMT_FLT};
  if (sound.bits <= 8) return {encoders.bits8, AV_SAMPLE_FMT_U8};
  if (sound.bits <= 16) return {encoders.bits16, AV_SAMPLE_FMT_S16};
  if (sound.bits <= 24) return {encoders.bits24, AV_SAMPLE_FMT_S32, 24};
  return {encoders.bits32, AV_SAMPLE_FMT_S32};
}

}  // namespace decant::audio
