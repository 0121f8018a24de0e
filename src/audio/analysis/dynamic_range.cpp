#include "audio/analysis/dynamic_range.h"

#include <algorithm>
#include <cmath>

namespace decant::audio {

namespace {

constexpr int block_seconds = 3;
constexpr std::size_t fewest_blocks = 3;       // two whole ones and a beginning
constexpr float inaudible = 1.0F / (1 << 24);  // of a square

}  // namespace

void DynamicRange::add(const FloatBlock& block) {
  if (block.sample_rate != sample_rate_ || block.channels.size() != channels_.size()) {
    close_blocks();
    sample_rate_ = block.sample_rate;
    if (block.channels.size() > channels_.size()) channels_.resize(block.channels.size());
  }
  const auto whole = static_cast<std::size_t>(block_seconds) * static_cast<std::size_t>(sample_rate_);
  for (std::size_t at = 0; at < block.samples;) {
    const std::size_t count = std::min(block.samples - at, whole - filled_);
    for (std::size_t channel = 0; channel < block.channels.size(); ++channel) {
      double squares = 0;
      float peak = channels_[channel].peak;
      for (const float sample : std::span(block.channels[channel] + at, count)) {
        squares += static_cast<double>(sample) * static_cast<double>(sample);
        peak = std::max(peak, std::abs(sample));
      }
      channels_[channel].squares += squares;
      channels_[channel].peak = peak;
    }
    at += count;
    filled_ += count;
    if (filled_ == whole) close_blocks();
  }
}

void DynamicRange::close_blocks() {
  if (filled_ == 0) return;
  for (Channel& channel : channels_) {
    const double mean_square = 2 * channel.squares / static_cast<double>(filled_);
    channel.blocks.push_back({static_cast<float>(mean_square), channel.peak});
    channel.squares = 0;
    channel.peak = 0;
  }
  filled_ = 0;
}

std::optional<double> DynamicRange::finish() {
  close_blocks();
  double sum = 0;
  int counted = 0;
  for (Channel& channel : channels_) {
    std::vector<Block>& blocks = channel.blocks;
    if (blocks.size() < fewest_blocks) continue;
    std::ranges::nth_element(blocks, blocks.begin() + 1, std::greater{}, &Block::peak);
    const double peak = static_cast<double>(blocks[1].peak);
    const auto loudest = static_cast<std::ptrdiff_t>(std::max<std::size_t>(blocks.size() / 5, 1));
    std::ranges::nth_element(blocks, blocks.begin() + loudest - 1, std::greater{}, &Block::mean_square);
    double mean_square = 0;
    for (const Block& block : std::span(blocks).first(static_cast<std::size_t>(loudest))) {
      mean_square += static_cast<double>(block.mean_square);
    }
    mean_square /= static_cast<double>(loudest);
    if (mean_square < static_cast<double>(inaudible) || peak <= 0) continue;
    sum += 20 * std::log10(peak) - 10 * std::log10(mean_square);
    ++counted;
  }
  if (counted == 0) return std::nullopt;
  return sum / counted;
}

}  // namespace decant::audio
