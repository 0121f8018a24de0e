#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "audio/mp3_frame.h"
#include "base/bytes.h"
#include "base/file.h"

namespace decant::audio {

/// What the frames do not tell of their sound.
struct Mp3Sound {
  std::int64_t samples = 0;       ///< a channel, to be heard
  int delay = 0;                  ///< samples to leave out before these, the decoder's own 529 among them; 0: not known
  std::optional<double> quality;  ///< on LAME's scale for variable bitrates, 0 is best
};

/// The frame in front of an MP3 file's sound that tells players its exact length and where its parts are. To those who
/// do not know of it, it is a frame of silence. Sources: the Xing VBR header, and LAME's extension of it by the LAME
/// tag specification, revision 0 (Gabriel Bouvigne), as LAME's VbrTag.c writes both.
class Mp3InfoFrame {
 public:
  /// `first` is the header of the stream's first frame, `bytes` its beginning: of that version, rate and mode is this
  /// frame too, and of that bitrate when it leaves enough room.
  Mp3InfoFrame(const Mp3Header& first, std::span<const std::uint8_t> bytes);

  /// Bytes of this frame.
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Takes note of the next frame of sound.
  void add(const Mp3Header& header, std::span<const std::uint8_t> frame);
  /// The frame, after the last frame of sound. Without LAME's extension where that has no room for the delay and the
  /// padding, or they are not known: players then leave nothing out.
  [[nodiscard]] std::vector<std::uint8_t> make(const Mp3Sound& sound) const;

 private:
  /// Positions of evenly spaced frames, so many of them as fit into a fixed table.
  class SeekPoints {
   public:
    void add(ByteCount position);
    /// Of the last noted frame that is not behind that one.
    [[nodiscard]] ByteCount before(std::int64_t frame) const {
      return points_[static_cast<std::size_t>(frame / step_)];
    }

   private:
    std::vector<ByteCount> points_;
    std::int64_t step_ = 1;
    std::int64_t frames_ = 0;
  };

  /// As the header's field has them.
  struct Gaps {
    std::int64_t delay;
    std::int64_t padding;
  };
  [[nodiscard]] std::optional<Gaps> gaps(const Mp3Sound& sound) const;
  [[nodiscard]] bool is_constant() const { return lowest_kilobits_ == highest_kilobits_; }
  [[nodiscard]] std::array<std::uint8_t, 100> table_of_contents() const;
  [[nodiscard]] std::uint8_t stereo_and_rate() const;
  void write_lame_extension(ByteWriter& out, const Mp3Sound& sound, Gaps gaps) const;

  Mp3Header first_;
  std::array<std::uint8_t, 4> header_{};
  std::size_t size_ = 0;
  int lowest_kilobits_;
  int highest_kilobits_;
  std::int64_t frames_ = 0;
  ByteCount bytes_ = 0;  // with this frame
  std::uint16_t sound_crc_ = 0;
  SeekPoints seek_points_;
};

}  // namespace decant::audio
