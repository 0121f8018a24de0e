#pragma once

#include <deque>
#include <mutex>

#include "audio/pcm_stream.h"

namespace decant::audio {

/// The stretch of a sound between the slowest and the foremost of several encoders. Whoever needs samples that nobody
/// has read yet reads them for all. Thread-safe.
class PcmWindow {
 public:
  /// `stream` outlives the window and is used by nobody else meanwhile.
  explicit PcmWindow(PcmStream& stream) : stream_(&stream) {}

  /// Some of the samples from a position on.
  struct Part {
    av::Frame frame;  ///< shares its samples with others: read only. Null: the sound ends before
    int skip = 0;     ///< samples of the frame before the position
  };
  /// Blocks while samples are decoded. The position is not before what was forgotten.
  Result<Part> read(std::int64_t position);
  /// Nobody will ask for samples before `position` any more.
  void forget_before(std::int64_t position);
  [[nodiscard]] const SampleFormat& format() const { return stream_->format(); }
  /// Samples that were read from the stream so far, a channel.
  [[nodiscard]] std::int64_t samples() const;
  /// Part of the source that was read, 0 to 1.
  [[nodiscard]] double progress() const;

 private:
  struct Entry {
    std::int64_t position;
    av::Frame frame;
  };
  /// Null when the window does not hold the position.
  Part find(std::int64_t position) const;
  Result<void> pull(std::int64_t position);

  PcmStream* stream_;
  std::mutex reading_;  // held by who reads from the stream; taken before entries_mutex_
  mutable std::mutex entries_mutex_;
  std::deque<Entry> entries_;  // without gaps
  std::int64_t end_ = 0;       // position behind the last entry
  bool is_over_ = false;
  double progress_ = 0;
};

}  // namespace decant::audio
