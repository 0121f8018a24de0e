#pragma once

#include <vector>

#include "audio/pcm_digest.h"
#include "audio/source.h"

namespace decant::audio {

/// Compares what a lossless encoder is given with what its result decodes to, by fingerprints of blocks of sound.
///
/// Frames of FLAC and ALAC need no other, so that threads decode blocks of them side by side. libavcodec's own threads
/// change hands at each frame, which for FLAC costs more than it gains.
class Verification {
 public:
  /// `bits`: as PackedSamples takes them. `frame_size`: samples of each packet of the encoder but the last; 0: any
  /// number.
  Verification(int bits, int frame_size);

  /// What the encoder is given, in order.
  void add(const AVFrame& frame);
  /// Decodes a source that nothing was read of yet, by so many threads at the most; whether it holds the very samples
  /// that were added. Once.
  Result<bool> matches(const Source& source, int threads);

 private:
  void end_block();

  const int bits_;
  const bool has_frames_;
  const std::int64_t block_samples_;
  PackedSamples samples_;
  PcmFingerprint fingerprint_;  // of the block that is being filled
  std::int64_t filled_ = 0;
  std::vector<PcmFingerprint::Value> blocks_;
};

}  // namespace decant::audio
