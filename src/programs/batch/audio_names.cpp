#include "programs/batch/audio_names.h"

#include <algorithm>
#include <array>

namespace decant::programs::batch {
namespace {

struct AudioName {
  std::string_view extension;
  int kbit_per_second;  ///< that such files usually have
};

constexpr int pcm = 1411;
constexpr int lossless = 900;
constexpr int lossy = 160;
constexpr int speech = 16;

constexpr std::array audio_names = {
    AudioName{"3ga", speech},   AudioName{"8svx", pcm},     AudioName{"aac", lossy},     AudioName{"ac3", 384},
    AudioName{"aif", pcm},      AudioName{"aifc", pcm},     AudioName{"aiff", pcm},      AudioName{"alac", lossless},
    AudioName{"amr", speech},   AudioName{"ape", lossless}, AudioName{"au", pcm},        AudioName{"awb", speech},
    AudioName{"bwf", pcm},      AudioName{"caf", pcm},      AudioName{"dsf", 5645},      AudioName{"dts", 1536},
    AudioName{"ec3", 384},      AudioName{"eac3", 384},     AudioName{"flac", lossless}, AudioName{"iff", pcm},
    AudioName{"m4a", lossy},    AudioName{"m4b", 64},       AudioName{"m4r", lossy},     AudioName{"mka", lossy},
    AudioName{"mp+", lossy},    AudioName{"mp1", lossy},    AudioName{"mp2", lossy},     AudioName{"mp3", lossy},
    AudioName{"mpa", lossy},    AudioName{"mpc", lossy},    AudioName{"mpga", lossy},    AudioName{"mpp", lossy},
    AudioName{"oga", lossy},    AudioName{"ogg", lossy},    AudioName{"opus", 96},       AudioName{"ra", 64},
    AudioName{"rf64", pcm},     AudioName{"snd", pcm},      AudioName{"spx", speech},    AudioName{"tak", lossless},
    AudioName{"tta", lossless}, AudioName{"voc", pcm},      AudioName{"w64", pcm},       AudioName{"wav", pcm},
    AudioName{"wave", pcm},     AudioName{"wma", lossy},    AudioName{"wv", lossless},   AudioName{"xwma", lossy},
};

const AudioName* find_audio_name(std::string_view path) {
  const auto found = std::ranges::find(audio_names, extension_of(path), &AudioName::extension);
  return found == audio_names.end() ? nullptr : &*found;
}

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

bool is_audio_name(std::string_view path) { return find_audio_name(path) != nullptr; }

std::chrono::duration<double> guess_length(std::string_view path, ByteCount size) {
  const AudioName* name = find_audio_name(path);
  const int kbit_per_second = name == nullptr ? lossy : name->kbit_per_second;
  return std::chrono::duration<double>(static_cast<double>(size) / (125.0 * kbit_per_second));
}

}  // namespace decant::programs::batch
