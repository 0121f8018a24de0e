#include "tasks/result_files.h"

#include <array>
#include <stdexcept>

namespace decant::tasks {
namespace {

struct Suffix {
  Analysis analysis;
  std::string_view text;
};
constexpr std::array suffixes = {Suffix{Analysis::waveform, ".waveform.dat"},
                                 Suffix{Analysis::spectrogram, ".spectrogram.png"}};

}  // namespace

std::string make_artifact_key(std::string_view result_key, Analysis analysis) {
  for (const Suffix& suffix : suffixes) {
    if (suffix.analysis == analysis) return std::string(result_key).append(suffix.text);
  }
  throw std::invalid_argument("this analysis makes no file");
}

std::string_view owner_of(std::string_view key) {
  for (const Suffix& suffix : suffixes) {
    if (key.ends_with(suffix.text)) return key.substr(0, key.size() - suffix.text.size());
  }
  return key;
}

Result<void> remove_result(ObjectStore& objects, const std::string& result_key) {
  for (const Suffix& suffix : suffixes) DECANT_CHECK(objects.remove(result_key + std::string(suffix.text)));
  return objects.remove(result_key);
}

}  // namespace decant::tasks
