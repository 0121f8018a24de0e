#include "audio/steps/mix_matrix.h"

#include <cmath>
#include <numbers>

namespace decant::audio {

namespace {

constexpr double minus_3_db = 1 / std::numbers::sqrt2;
// libswresample would lower the mix by itself, and for integer samples only.
constexpr double no_limit = 1e6;

}  // namespace

std::optional<MixMatrix> MixMatrix::find(const av::ChannelLayout& from, const av::ChannelLayout& to) {
  MixMatrix matrix(to.channels(), from.channels());
  const AVChannelLayout mono = AV_CHANNEL_LAYOUT_MONO;
  if (av_channel_layout_compare(&from.get(), &mono) == 0) {
    const bool has_center = av_channel_layout_index_from_channel(&to.get(), AV_CHAN_FRONT_CENTER) >= 0;
    for (int output = 0; output < to.channels(); ++output) {
      const AVChannel channel = av_channel_layout_channel_from_index(&to.get(), static_cast<unsigned>(output));
      const bool is_side = channel == AV_CHAN_FRONT_LEFT || channel == AV_CHAN_FRONT_RIGHT;
      const bool sounds = has_center ? channel == AV_CHAN_FRONT_CENTER : is_side;
      matrix.coefficients_[static_cast<std::size_t>(output)] = sounds ? 1 : 0;
    }
    return matrix;
  }
  const int error = swr_build_matrix2(&from.get(), &to.get(), minus_3_db, minus_3_db, 0, no_limit, 1,
                                      matrix.coefficients_.data(), from.channels(), AV_MATRIX_ENCODING_NONE, nullptr);
  if (error < 0) return std::nullopt;
  matrix.normalize();
  return matrix;
}

void MixMatrix::normalize() {
  double loudest = 0;
  for (std::size_t row = 0; row < coefficients_.size(); row += static_cast<std::size_t>(inputs_)) {
    double sum = 0;
    for (std::size_t i = row; i < row + static_cast<std::size_t>(inputs_); ++i) sum += std::abs(coefficients_[i]);
    loudest = std::max(loudest, sum);
  }
  if (loudest <= 1) return;
  for (double& coefficient : coefficients_) coefficient /= loudest;
  attenuation_db_ = 20 * std::log10(loudest);
}

bool MixMatrix::only_copies() const {
  for (std::size_t row = 0; row < coefficients_.size(); row += static_cast<std::size_t>(inputs_)) {
    int sources = 0;
    for (std::size_t i = row; i < row + static_cast<std::size_t>(inputs_); ++i) {
      if (coefficients_[i] == 0) continue;
      if (coefficients_[i] != 1 || ++sources > 1) return false;
    }
  }
  return true;
}

}  // namespace decant::audio
