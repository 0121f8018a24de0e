#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace decant::audio {

constexpr std::size_t id3v2_header_size = 10;

/// The size of the ID3v2 tag with this header, header and all; 0 where it is none.
[[nodiscard]] std::size_t id3v2_size(std::span<const std::uint8_t> header);

/// A frame of an ID3v2 tag.
struct Id3v2Frame {
  enum class State { whole, closed, cut };
  std::string id;                  ///< of ID3v2.3 or 2.4, also where the tag is ID3v2.2
  std::vector<std::uint8_t> body;  ///< without unsynchronisation; empty unless it is whole
  State state = State::whole;      ///< closed: compressed or encrypted; cut: it claims more than there is
};

struct Id3v2Frames {
  int version = 0;  ///< 2, 3 or 4; 0: no tag
  std::vector<Id3v2Frame> frames;
};

/// The frames of an ID3v2.2, 2.3 or 2.4 tag (id3.org, "ID3 tag version 2.4.0 - Main Structure" and its forerunners).
/// Damage ends it early,
/// after a frame that tells of it.
[[nodiscard]] Id3v2Frames split_id3v2(std::span<const std::uint8_t> tag);
/// The frames that stand in another frame of a tag of this version.
[[nodiscard]] std::vector<Id3v2Frame> split_id3v2_frames(std::span<const std::uint8_t> frames, int version);

/// Reads the body of a frame that begins with a text encoding.
class Id3v2Text {
 public:
  explicit Id3v2Text(std::span<const std::uint8_t> body);
  /// Bytes that are no text: a language, a picture's type.
  std::span<const std::uint8_t> take(std::size_t count);
  /// Up to the next NUL of the encoding's width, which is taken too, as UTF-8.
  std::string string();
  /// The same in ISO 8859-1 whatever the encoding.
  std::string latin1_string();
  /// All strings that are left, without empty ones.
  std::vector<std::string> strings();
  [[nodiscard]] bool is_at_end() const { return left_.empty(); }
  /// What is left.
  [[nodiscard]] std::span<const std::uint8_t> rest() const { return left_; }

 private:
  std::uint8_t encoding_ = 0;
  std::span<const std::uint8_t> left_;
};

}  // namespace decant::audio
