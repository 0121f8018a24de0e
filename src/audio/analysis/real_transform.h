#pragma once

#include <complex>
#include <cstddef>
#include <memory>
#include <span>

struct AVTXContext;

namespace decant::audio {

/// The discrete Fourier transform of real samples, by libavutil.
class RealTransform {
 public:
  /// `size` is a power of two.
  explicit RealTransform(std::size_t size);

  /// To be filled before each run(), which may change it.
  [[nodiscard]] std::span<float> input() { return {input_.get(), size_}; }
  /// The bins from 0 Hz to half the sample rate, size / 2 + 1 of them, unscaled; valid until the next call.
  std::span<const std::complex<float>> run();

 private:
  struct FreedTransform {
    void operator()(AVTXContext* context) const;
  };
  struct FreedMemory {
    void operator()(void* memory) const;
  };
  template <class Element>
  using Aligned = std::unique_ptr<Element[], FreedMemory>;

  std::size_t size_;
  std::unique_ptr<AVTXContext, FreedTransform> context_;
  void (*function_)(AVTXContext* context, void* out, void* in, std::ptrdiff_t stride) = nullptr;
  Aligned<float> input_;
  Aligned<std::complex<float>> output_;
};

}  // namespace decant::audio
