#pragma once

#include <optional>
#include <vector>

#include "audio/sniff.h"

namespace decant::audio {

/// A file as its checks read it.
struct FileView {
  int descriptor = -1;
  ByteCount begin = 0;  ///< where the demuxer starts
  ByteCount end = 0;    ///< where it stops
  ByteCount size = 0;   ///< of the whole file

  /// Up to `count` bytes at `position`, fewer at the end of the file.
  [[nodiscard]] std::vector<std::uint8_t> read(ByteCount position, std::size_t count) const;
};

/// What a container tells about the length of its audio, beyond what libavformat finds.
struct Claims {
  std::optional<std::int64_t> samples = {};  ///< a channel, without the encoder's delay and padding
  int sample_rate = 0;                       ///< that they are counted at; 0: the audio's
  ByteCount sound_end = 0;                   ///< where WAV's data chunk ends in the file; 0: not told
};

/// Refuses a file (unprocessable, with how much is missing) when sizes and counts that its container claims show that
/// its end is missing. Reads headers and the file's end, not the audio. Files of unknown length (streamed WAV and the
/// like) pass.
Result<Claims> check_complete(const Sniffed& sniffed, int descriptor, ByteCount size);

/// "the file is cut short: … of … bytes are missing".
[[nodiscard]] Failure cut_short(ByteCount missing, ByteCount total);

// One check a family of containers, for the table in completeness.cpp.
Result<Claims> check_riff(const FileView& file);
Result<Claims> check_form(const FileView& file);
Result<Claims> check_wave64(const FileView& file);
Result<Claims> check_caf(const FileView& file);
Result<Claims> check_au(const FileView& file);
Result<Claims> check_dsf(const FileView& file);
Result<Claims> check_mp4(const FileView& file);
/// What the first sound track of a movie box at [begin, end) tells.
[[nodiscard]] Claims read_mp4_claims(const FileView& file, ByteCount begin, ByteCount end);
Result<Claims> check_asf(const FileView& file);
Result<Claims> check_matroska(const FileView& file);
Result<Claims> check_flac(const FileView& file);
Result<Claims> check_ogg(const FileView& file);
Result<Claims> check_wavpack(const FileView& file);
Result<Claims> check_mp3(const FileView& file);

}  // namespace decant::audio
