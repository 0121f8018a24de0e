#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "audio/av/handles.h"

namespace decant::audio {

/// The MD5 of samples as FLAC's STREAMINFO defines it (RFC 9639, 8.2): interleaved, little-endian, in whole bytes of
/// the meaningful bits. The same sound has the same digest in every lossless format that holds it.
class PcmDigest {
 public:
  using Value = std::array<std::uint8_t, 16>;

  /// `bits`: meaningful ones of integer samples, the upper ones of each; 0: all.
  explicit PcmDigest(int bits);
  void add(const AVFrame& frame);
  /// Of all that was added; once.
  [[nodiscard]] Value finish();

 private:
  struct Freed {
    void operator()(AVMD5* state) const { av_free(state); }
  };
  std::unique_ptr<AVMD5, Freed> state_;
  int bits_;
  std::vector<std::uint8_t> packed_;
};

[[nodiscard]] std::string to_hex(const PcmDigest::Value& digest);

}  // namespace decant::audio
