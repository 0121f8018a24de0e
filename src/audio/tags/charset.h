#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace decant::audio {

/// UTF-8 of ISO 8859-1.
[[nodiscard]] std::string from_latin1(std::string_view text);

/// For tags that were Latin-1 by their definition and UTF-8 by habit: valid UTF-8 stays, anything else is Latin-1.
[[nodiscard]] std::string from_utf8_or_latin1(std::string_view text);

enum class ByteOrder { big_endian, little_endian };

/// UTF-8 of UTF-16 (RFC 2781): a byte order mark, if there is one, beats `order` and is left out. Half a surrogate pair
/// becomes U+FFFD, half a unit at the end nothing.
[[nodiscard]] std::string from_utf16(std::span<const std::uint8_t> text, ByteOrder order);

/// UTF-16LE of valid UTF-8, without a byte order mark.
[[nodiscard]] std::vector<std::uint8_t> to_utf16_little_endian(std::string_view text);

}  // namespace decant::audio
