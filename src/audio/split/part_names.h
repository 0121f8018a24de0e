#pragma once

#include <string>
#include <string_view>

namespace decant::audio {

/// The name of a file in an archive of chapters, "03 - Title.mp3": its number, with as many digits as `count` has (two
/// at least), makes it unique. Whatever the title, it is one harmless name on every system: UTF-8 without separators of
/// paths, control characters, bidirectional overrides and what Windows forbids, at most 160 bytes and the extension.
[[nodiscard]] std::string make_part_name(std::size_t number, std::size_t count, std::string_view title,
                                         std::string_view extension);

/// The title of a chapter that has none, "Chapter 3".
[[nodiscard]] std::string chapter_title(std::size_t number, std::string_view title);

}  // namespace decant::audio
