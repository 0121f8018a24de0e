#pragma once

#include <optional>

#include "audio/metadata.h"

namespace decant::audio {

/// The field for a tag with a common or custom name: ASCII from 0x20 to 0x7D without "=", other characters become "_".
[[nodiscard]] std::string vorbis_field_name(std::string_view name);

/// Where pictures go: FLAC has blocks of their own for them, Ogg only comments (METADATA_BLOCK_PICTURE, in base64).
enum class PicturePlace { own_blocks, comments };

/// The Vorbis comment structure (xiph.org, without framing bit): a field a value, names repeated; chapters as
/// CHAPTERxxx and CHAPTERxxxNAME.
[[nodiscard]] std::vector<std::uint8_t> make_vorbis_comment(const Metadata& metadata, PicturePlace place);

/// The body of a FLAC METADATA_BLOCK_PICTURE (RFC 9639 section 8.8).
[[nodiscard]] std::vector<std::uint8_t> make_flac_picture(const Picture& picture);
[[nodiscard]] std::optional<Picture> parse_flac_picture(std::span<const std::uint8_t> body);

/// Adds the fields of a Vorbis comment structure to `metadata`, names made common. Damage ends it early.
void read_vorbis_comment(std::span<const std::uint8_t> body, Metadata& metadata);

}  // namespace decant::audio
