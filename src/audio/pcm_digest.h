#pragma once

#include <xxhash.h>

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/av/handles.h"

namespace decant::audio {

/// Samples as FLAC's STREAMINFO counts them (RFC 9639, 8.2): interleaved, little-endian, in whole bytes of the
/// meaningful bits. So the same sound has the same bytes in every lossless format that holds it.
class PackedSamples {
 public:
  /// `bits`: meaningful ones of integer samples, the upper ones of each; 0: all.
  explicit PackedSamples(int bits) : bits_(bits) {}
  /// Valid until the next call, and as long as the frame.
  std::span<const std::uint8_t> pack(const AVFrame& frame);

 private:
  int bits_;
  std::vector<std::uint8_t> packed_;
};

/// The MD5 of PackedSamples: what FLAC files hold and reports tell.
class PcmDigest {
 public:
  using Value = std::array<std::uint8_t, 16>;

  /// `bits`: as PackedSamples takes them.
  explicit PcmDigest(int bits);
  void add(const AVFrame& frame);
  /// Of all that was added; once.
  [[nodiscard]] Value finish();

 private:
  struct Freed {
    void operator()(AVMD5* state) const { av_free(state); }
  };
  PackedSamples samples_;
  std::unique_ptr<AVMD5, Freed> state_;
};

[[nodiscard]] std::string to_hex(const PcmDigest::Value& digest);

/// XXH3 of what PackedSamples gives, 128 bits: tells in a hundredth of MD5's time whether two sounds are the same.
/// Against accident only, not against somebody who seeks two sounds with one fingerprint.
class PcmFingerprint {
 public:
  struct Value {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
    bool operator==(const Value&) const = default;
  };

  PcmFingerprint();
  void add(std::span<const std::uint8_t> packed);
  /// Of all that was added so far.
  [[nodiscard]] Value value() const;
  /// Forgets it.
  void reset();

 private:
  struct Freed {
    void operator()(XXH3_state_t* state) const { XXH3_freeState(state); }
  };
  std::unique_ptr<XXH3_state_t, Freed> state_;
};

}  // namespace decant::audio
