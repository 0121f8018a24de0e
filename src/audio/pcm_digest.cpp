#include "audio/pcm_digest.h"

#include <fmt/format.h>

namespace decant::audio {

PcmDigest::PcmDigest(int bits) : state_(av_md5_alloc()), bits_(bits) {
  if (state_ == nullptr) throw std::bad_alloc();
  av_md5_init(state_.get());
}

void PcmDigest::add(const AVFrame& frame) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const auto width = static_cast<std::size_t>(av_get_bytes_per_sample(format));
  const std::size_t kept = bits_ == 0 ? width : static_cast<std::size_t>(bits_ + 7) / 8;
  const auto channels = static_cast<std::size_t>(frame.ch_layout.nb_channels);
  const auto samples = static_cast<std::size_t>(frame.nb_samples);
  const bool is_planar = av_sample_fmt_is_planar(format) != 0;
  if (kept == width && (!is_planar || channels == 1)) {
    av_md5_update(state_.get(), frame.extended_data[0], samples * channels * width);
    return;
  }
  packed_.resize(samples * channels * kept);
  const std::size_t step = (is_planar ? 1 : channels) * width;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    // The meaningful bytes of a little-endian sample are its last ones.
    const std::uint8_t* from =
        frame.extended_data[is_planar ? channel : 0] + (is_planar ? 0 : channel * width) + (width - kept);
    std::uint8_t* to = packed_.data() + channel * kept;
    for (std::size_t i = 0; i < samples; ++i, from += step, to += channels * kept) std::copy_n(from, kept, to);
  }
  av_md5_update(state_.get(), packed_.data(), packed_.size());
}

PcmDigest::Value PcmDigest::finish() {
  Value value{};
  av_md5_final(state_.get(), value.data());
  return value;
}

std::string to_hex(const PcmDigest::Value& digest) { return fmt::format("{:02x}", fmt::join(digest, "")); }

}  // namespace decant::audio
