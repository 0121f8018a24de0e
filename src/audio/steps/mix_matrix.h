#pragma once

#include <optional>
#include <vector>

#include "audio/av/handles.h"

namespace decant::audio {

/// How the channels of one layout become those of another.
///
/// Fewer channels are mixed by ITU-R BS.775-4: centre and surround channels at -3 dB, the low-frequency channel left
/// out. All is then lowered by what keeps the loudest output channel at full scale when every input channel is at full
/// scale, so that no input can clip: 7.7 dB from 5.1 to stereo, 3 dB from stereo to mono, which makes it the average.
/// Mono goes to the centre, and at equal level to left and right where there is none. Other channels stay where they
/// are.
class MixMatrix {
 public:
  /// Nothing where libswresample knows no such mix.
  static std::optional<MixMatrix> find(const av::ChannelLayout& from, const av::ChannelLayout& to);

  /// What a sample of the input channel counts in the output channel.
  [[nodiscard]] double at(int output, int input) const {
    const auto row = static_cast<std::size_t>(output) * static_cast<std::size_t>(inputs_);
    return coefficients_[row + static_cast<std::size_t>(input)];
  }
  /// Row by row, one row of inputs() an output channel.
  [[nodiscard]] const double* data() const { return coefficients_.data(); }
  [[nodiscard]] int inputs() const { return inputs_; }
  /// By how much all was lowered, 0 or more.
  [[nodiscard]] double attenuation_db() const { return attenuation_db_; }
  /// Whether every output channel is silent or one of the input's as it is, so that no new values arise.
  [[nodiscard]] bool only_copies() const;

 private:
  MixMatrix(int outputs, int inputs)
      : inputs_(inputs), coefficients_(static_cast<std::size_t>(outputs) * static_cast<std::size_t>(inputs)) {}
  void normalize();

  int inputs_;
  std::vector<double> coefficients_;
  double attenuation_db_ = 0;
};

}  // namespace decant::audio
