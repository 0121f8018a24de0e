#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/file.h"

namespace decant::programs::batch {

/// The extension of the last part of the path in lower case, without its dot; empty when it has none.
[[nodiscard]] std::string extension_of(std::string_view path);

/// Whether a file of that name is taken for audio in a folder: by its extension, for opening every picture and text
/// would cost more than converting what is new. Videos are not: their sound is converted when they are named.
[[nodiscard]] bool is_audio_name(std::string_view path);

/// How long its audio might be, by what files of that name usually hold: to compare files, and to see how far one is.
[[nodiscard]] std::chrono::duration<double> guess_length(std::string_view path, ByteCount size);

}  // namespace decant::programs::batch
