#pragma once

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "audio/av/handles.h"
#include "audio/copy/copied_codec.h"
#include "audio/mux/muxer.h"
#include "audio/parallel/seam.h"
#include "tasks/options.h"

namespace decant::audio {

/// The audio as the decoder gives it.
struct Sound {
  int sample_rate = 0;
  av::ChannelLayout layout;
  AVSampleFormat sample_format = AV_SAMPLE_FMT_NONE;
  int bits = 16;  ///< meaningful bits of a sample; 16 for lossy sources, which have no depth of their own
  bool lossless = false;
  bool floating = false;  ///< lossless floating-point samples
};

/// How an encoder shall be opened.
struct Encoding {
  const char* encoder = nullptr;  ///< libavcodec's name
  AVSampleFormat sample_format = AV_SAMPLE_FMT_NONE;
  int bits = 0;  ///< of integer samples that use less than their format has; 0: all
  std::vector<std::pair<std::string, std::string>> options = {};  ///< libavcodec's, by name
  int silent_frames = 0;  ///< frames of silence to encode before the sound, where decoders drop as many
};

/// A target format: one file of formats/ each exports one, and table.cpp lists them.
struct Format {
  tasks::TargetFormat target;
  /// From the source and the checked options; the sample rate and the channels are the output's.
  Encoding (*choose_encoding)(const Sound& sound, const tasks::ConversionOptions& options);
  std::unique_ptr<Muxer> (*make_muxer)(av::OutputFile& file);
  TagHolder tags;                       ///< what of a source's metadata it can hold
  const Seam* seam = nullptr;           ///< how its encoders are joined; null: one encoder makes it all
  const CopiedCodec* copied = nullptr;  ///< whose packets it takes as they are; null: sources are always encoded
  const char* demuxer = nullptr;        ///< of lossless targets: the Container that reads what was written
};

/// Every target, in the order that lists show them.
[[nodiscard]] std::span<const Format* const> formats();
/// By TargetFormat::name; nullptr when there is none.
[[nodiscard]] const Format* find_format(std::string_view name);

/// For choose_encoding: the asked bitrate, or so many bits per second a channel.
[[nodiscard]] std::string bitrate_option(const tasks::ConversionOptions& options, int channels, int per_channel);
/// libavcodec's global_quality for a quality on an encoder's own scale.
[[nodiscard]] std::string quality_option(double quality);

}  // namespace decant::audio
