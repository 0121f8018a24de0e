#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace decant::tasks {

/// A tag that is asked for: all of its values, or none where it shall be removed.
struct TagEdit {
  std::string name;
  std::vector<std::string> values;

  friend bool operator==(const TagEdit&, const TagEdit&) = default;
};

enum class Keep { keep, drop };
/// split: each chapter becomes a file of its own, and the result is a ZIP archive of them.
enum class Chapters { keep, drop, split };

/// What shall become of the input's tags, pictures and chapters.
struct MetadataOptions {
  static constexpr std::size_t most_edits = 64;
  static constexpr std::size_t most_values = 64;        ///< of a tag
  static constexpr std::size_t most_name_bytes = 128;   ///< of a tag's name
  static constexpr std::size_t most_bytes = 16 * 1024;  ///< of all names and values

  std::vector<TagEdit> edits;  ///< each name once, whatever its case
  Keep tags = Keep::keep;      ///< the input's; edits stand anyway
  Keep pictures = Keep::keep;
  Chapters chapters = Chapters::keep;

  friend bool operator==(const MetadataOptions&, const MetadataOptions&) = default;
};

/// The names of the options that are told here: "metadata", "tags", "pictures", "chapters".
inline constexpr std::array<std::string_view, 4> metadata_option_names = {"metadata", "tags", "pictures", "chapters"};

/// Takes one of them. "metadata" is a JSON object: {"title":"X","artist":["A","B"],"comment":null}, where null removes;
/// given again, it adds to what it said. The others are "keep" or "drop", "chapters" also "split". invalid_argument
/// with a FieldError tells what is accepted.
Result<void> set_metadata_option(MetadataOptions& options, std::string_view name, std::string_view text);
/// The text that set_metadata_option takes; empty where the option says nothing.
[[nodiscard]] std::string metadata_option_text(const MetadataOptions& options, std::string_view name);

/// The text of "metadata" that sets a tag to a value, or adds one, from "name=value"; and that removes a tag.
Result<std::string> parse_tag_edit(std::string_view name_and_value);
[[nodiscard]] std::string tag_removal(std::string_view name);

}  // namespace decant::tasks
