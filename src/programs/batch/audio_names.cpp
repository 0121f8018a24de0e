#include "programs/batch/audio_names.h"

#include <algorithm>
#include <array>

namespace decant::programs::batch {
namespace {

using namespace std::string_view_literals;

constexpr std::array audio_extensions = {
    "3ga"sv,  "8svx"sv, "aac"sv, "ac3"sv, "aif"sv, "aifc"sv, "aiff"sv, "alac"sv, "amr"sv,  "ape"sv, "au"sv,   "awb"sv,
    "bwf"sv,  "caf"sv,  "dsf"sv, "dts"sv, "ec3"sv, "eac3"sv, "flac"sv, "iff"sv,  "m4a"sv,  "m4b"sv, "m4r"sv,  "mka"sv,
    "mp+"sv,  "mp1"sv,  "mp2"sv, "mp3"sv, "mpa"sv, "mpc"sv,  "mpga"sv, "mpp"sv,  "oga"sv,  "ogg"sv, "opus"sv, "ra"sv,
    "rf64"sv, "snd"sv,  "spx"sv, "tak"sv, "tta"sv, "voc"sv,  "w64"sv,  "wav"sv,  "wave"sv, "wma"sv, "wv"sv,   "xwma"sv,
};

}  // namespace

std::string extension_of(std::string_view path) {
  const std::string_view name = path.substr(path.rfind('/') + 1);
  const std::size_t dot = name.rfind('.');
  if (dot == std::string_view::npos || dot == 0) return {};
  std::string extension(name.substr(dot + 1));
  std::ranges::transform(extension, extension.begin(),
                         [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return extension;
}

bool is_audio_name(std::string_view path) {
  return std::ranges::find(audio_extensions, extension_of(path)) != audio_extensions.end();
}

}  // namespace decant::programs::batch
