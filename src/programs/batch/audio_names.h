#pragma once

#include <string>
#include <string_view>

namespace decant::programs::batch {

/// The extension of the last part of the path in lower case, without its dot; empty when it has none.
[[nodiscard]] std::string extension_of(std::string_view path);

/// Whether a file of that name is taken for audio in a folder: by its extension, for opening every picture and text
/// would cost more than converting what is new. Videos are not: their sound is converted when they are named.
[[nodiscard]] bool is_audio_name(std::string_view path);

}  // namespace decant::programs::batch
