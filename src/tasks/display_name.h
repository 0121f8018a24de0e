#pragma once

#include <string>
#include <string_view>

namespace decant::tasks {

/// A name of an upload as it may be shown: valid UTF-8 (invalid bytes become U+FFFD), without control characters, line
/// separators and bidirectional overrides, without spaces around it, at most 255 code points. Path separators, quotes
/// and leading dashes are kept, for it is never used as a path. Empty when nothing is left.
[[nodiscard]] std::string make_display_name(std::string_view raw);

/// `raw` as valid UTF-8 and otherwise unchanged: each invalid byte becomes U+FFFD. For paths in JSON.
[[nodiscard]] std::string to_utf8(std::string_view raw);

/// `name` with `extension` (no dot) in place of its own last one: "a.mp3.mp3" → "a.mp3.wav", "Symphony No. 5" →
/// "Symphony No. 5.wav". An extension is 1 to 8 ASCII letters and digits, one of them a letter.
[[nodiscard]] std::string with_extension(std::string_view name, std::string_view extension);
/// `name` as it is when it has an extension, else with this one.
[[nodiscard]] std::string with_some_extension(std::string_view name, std::string_view extension);

}  // namespace decant::tasks
