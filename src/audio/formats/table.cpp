#include "audio/formats/format.h"
#include "audio/formats/targets.h"

namespace decant::audio {

namespace {

// As people look for them: the lossy ones by how many players know them, then the lossless ones likewise, then what
// only Windows needs. A name that two formats could claim (m4a) goes to the first.
constexpr std::array table = {&mp3_format,  &m4a_format,  &ogg_format,  &opus_format, &wav_format,
                              &flac_format, &aiff_format, &alac_format, &wma_format};

}  // namespace

std::span<const Format* const> formats() { return table; }

const Format* find_format(std::string_view name) {
  const auto found =
      std::ranges::find(table, name, [](const Format* format) -> std::string_view { return format->target.name; });
  return found == table.end() ? nullptr : *found;
}

std::string bitrate_option(const tasks::ConversionOptions& options, int channels, int per_channel) {
  return std::to_string(options.bitrate.value_or(channels * per_channel));
}

std::string quality_option(double quality) { return std::to_string(std::lround(quality * FF_QP2LAMBDA)); }

}  // namespace decant::audio
