#include "audio/hearing.h"

namespace decant::audio {

Result<Hearing> hear(const Source& source, int bits, const FrameListener& listener) {
  DECANT_TRY(Decoder decoder, Decoder::open(source));
  Hearing hearing;
  PackedSamples samples(bits);
  PcmFingerprint fingerprint;
  for (;;) {
    DECANT_TRY(AVFrame * frame, decoder.next());
    if (frame == nullptr) break;
    const Sound& first = decoder.sound();
    hearing.is_steady = hearing.is_steady && frame->sample_rate == first.sample_rate &&
                        av_get_packed_sample_fmt(static_cast<AVSampleFormat>(frame->format)) == first.sample_format &&
                        av_channel_layout_compare(&frame->ch_layout, &first.layout.get()) == 0;
    fingerprint.add(samples.pack(*frame));
    if (listener) listener(*frame, decoder.progress());
  }
  hearing.sound = decoder.sound();
  hearing.samples = decoder.samples();
  hearing.fingerprint = fingerprint.value();
  hearing.losses = decoder.losses();
  return hearing;
}

bool is_same_sound(const Hearing& a, const Hearing& b) {
  return a.fingerprint == b.fingerprint && a.samples == b.samples && a.sound.sample_rate == b.sound.sample_rate &&
         a.sound.layout == b.sound.layout && a.sound.sample_format == b.sound.sample_format;
}

}  // namespace decant::audio
