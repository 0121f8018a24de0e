#pragma once

#include <array>
#include <cstdint>
#include <string_view>

namespace decant::audio::asf {

using namespace std::string_view_literals;

// GUIDs as they stand in the file.
constexpr std::string_view content_description = "\x33\x26\xB2\x75\x8E\x66\xCF\x11\xA6\xD9\x00\xAA\x00\x62\xCE\x6C"sv;
constexpr std::string_view extended_content = "\x40\xA4\xD0\xD2\x07\xE3\xD2\x11\x97\xF0\x00\xA0\xC9\x5E\xA8\x50"sv;
constexpr std::string_view header_extension = "\xB5\x03\xBF\x5F\x2E\xA9\xCF\x11\x8E\xE3\x00\xC0\x0C\x20\x53\x65"sv;
constexpr std::string_view metadata = "\xEA\xCB\xF8\xC5\xAF\x5B\x77\x48\x84\x67\xAA\x8C\x44\xFA\x4C\xCA"sv;
constexpr std::string_view metadata_library = "\x94\x1C\x23\x44\x98\x94\xD1\x49\xA1\x41\x1D\x13\x4E\x45\x70\x54"sv;

/// The types of an attribute's value.
enum class ValueType : std::uint16_t { text = 0, bytes = 1, boolean = 2, number32 = 3, number64 = 4, number16 = 5 };

/// What the Content Description Object holds, in its order.
constexpr std::array<std::string_view, 5> content_fields = {"Title", "Author", "Copyright", "Description", "Rating"};

}  // namespace decant::audio::asf
