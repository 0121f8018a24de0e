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
constexpr std::string_view cover_suffix = ".cover";

}  // namespace

std::string make_artifact_key(std::string_view result_key, Analysis analysis) {
  for (const Suffix& suffix : suffixes) {
    if (suffix.analysis == analysis) return std::string(result_key).append(suffix.text);
  }
  throw std::invalid_argument("this analysis makes no file");
}

std::string make_cover_key(std::string_view source_key) { return std::string(source_key).append(cover_suffix); }

std::string_view owner_of(std::string_view key) {
  if (key.ends_with(cover_suffix)) return key.substr(0, key.size() - cover_suffix.size());
  for (const Suffix& suffix : suffixes) {
    if (key.ends_with(suffix.text)) return key.substr(0, key.size() - suffix.text.size());
  }
  return key;
}

Result<void> remove_source(ObjectStore& objects, const Task& task) {
  if (task.cover) DECANT_CHECK(objects.remove(make_cover_key(task.source.key)));
  return objects.remove(task.source.key);
}

Result<void> remove_result(ObjectStore& objects, const std::string& result_key) {
  for (const Suffix& suffix : suffixes) DECANT_CHECK(objects.remove(result_key + std::string(suffix.text)));
  return objects.remove(result_key);
}

}  // namespace decant::tasks
