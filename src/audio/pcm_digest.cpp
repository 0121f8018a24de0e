#include "audio/pcm_digest.h"

#include <fmt/format.h>

namespace decant::audio {

std::span<const std::uint8_t> PackedSamples::pack(const AVFrame& frame) {
  const auto format = static_cast<AVSampleFormat>(frame.format);
  const auto width = static_cast<std::size_t>(av_get_bytes_per_sample(format));
  const std::size_t kept = bits_ == 0 ? width : static_cast<std::size_t>(bits_ + 7) / 8;
  const auto channels = static_cast<std::size_t>(frame.ch_layout.nb_channels);
  const auto samples = static_cast<std::size_t>(frame.nb_samples);
  const bool is_planar = av_sample_fmt_is_planar(format) != 0;
  if (kept == width && (!is_planar || channels == 1)) return {frame.extended_data[0], samples * channels * width};
  packed_.resize(samples * channels * kept);
  const std::size_t step = (is_planar ? 1 : channels) * width;
  for (std::size_t channel = 0; channel < channels; ++channel) {
    // The meaningful bytes of a little-endian sample are its last ones.
    const std::uint8_t* from =
        frame.extended_data[is_planar ? channel : 0] + (is_planar ? 0 : channel * width) + (width - kept);
    std::uint8_t* to = packed_.data() + channel * kept;
    for (std::size_t i = 0; i < samples; ++i, from += step, to += channels * kept) std::copy_n(from, kept, to);
  }
  return packed_;
}

PcmDigest::PcmDigest(int bits) : samples_(bits), state_(av_md5_alloc()) {
  if (state_ == nullptr) throw std::bad_alloc();
  av_md5_init(state_.get());
}

void PcmDigest::add(const AVFrame& frame) {
  const std::span<const std::uint8_t> bytes = samples_.pack(frame);
  av_md5_update(state_.get(), bytes.data(), bytes.size());
}

PcmDigest::Value PcmDigest::finish() {
  Value value{};
  av_md5_final(state_.get(), value.data());
  return value;
}

std::string to_hex(const PcmDigest::Value& digest) { return fmt::format("{:02x}", fmt::join(digest, "")); }

PcmFingerprint::PcmFingerprint() : state_(XXH3_createState()) {
  if (state_ == nullptr) throw std::bad_alloc();
  reset();
}

void PcmFingerprint::reset() { XXH3_128bits_reset(state_.get()); }

void PcmFingerprint::add(std::span<const std::uint8_t> packed) {
  XXH3_128bits_update(state_.get(), packed.data(), packed.size());
}

PcmFingerprint::Value PcmFingerprint::value() const {
  const XXH128_hash_t hash = XXH3_128bits_digest(state_.get());
  return {.low = hash.low64, .high = hash.high64};
}

}  // namespace decant::audio
