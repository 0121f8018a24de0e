#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "audio/mux/muxer.h"

namespace decant::audio {

/// The common name of a tag that a file of any kind calls `name`: "TRACKNUMBER" and "TRCK" are "track". Unknown names
/// stay as they are.
[[nodiscard]] std::string common_tag_name(std::string_view name);
/// The same where the tag format is known, in which a name may mean something of its own.
[[nodiscard]] std::string common_tag_name(TagHolder holder, std::string_view own_name);

/// What a tag with a common name is called in a tag format (tag_table.h). Empty where the format has no own place for
/// it: it is then a custom tag.
[[nodiscard]] std::string_view own_tag_name(TagHolder holder, std::string_view common_name);

/// What it is called where it is a custom tag.
[[nodiscard]] std::string_view custom_tag_name(std::string_view common_name);

/// Whether the tag tells about the old file's container or encoder, so that it would be wrong on the new file.
[[nodiscard]] bool describes_old_file(std::string_view name);

/// Without regard to ASCII case.
[[nodiscard]] bool equals_ignoring_case(std::string_view a, std::string_view b);

/// The text with every byte that is no UTF-8 replaced by U+FFFD, without NULs, at most `most` bytes of it.
[[nodiscard]] std::string clean_text(std::string_view text, std::size_t most);

}  // namespace decant::audio
