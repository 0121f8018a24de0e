#include "audio/analysis/real_transform.h"

#include <new>

#include "audio/av/libav.h"

namespace decant::audio {

void RealTransform::FreedTransform::operator()(AVTXContext* context) const { av_tx_uninit(&context); }

void RealTransform::FreedMemory::operator()(void* memory) const { av_free(memory); }

RealTransform::RealTransform(std::size_t size) : size_(size) {
  // libavutil wants buffers as aligned as the widest vectors of the processor.
  input_.reset(static_cast<float*>(av_calloc(size, sizeof(float))));
  output_.reset(static_cast<std::complex<float>*>(av_calloc(size / 2 + 1, sizeof(std::complex<float>))));
  AVTXContext* context = nullptr;
  const float scale = 1;
  const int error = av_tx_init(&context, &function_, AV_TX_FLOAT_RDFT, 0, static_cast<int>(size), &scale, 0);
  context_.reset(context);
  if (error < 0 || input_ == nullptr || output_ == nullptr) throw std::bad_alloc();
}

std::span<const std::complex<float>> RealTransform::run() {
  function_(context_.get(), output_.get(), input_.get(), sizeof(float));
  return {output_.get(), size_ / 2 + 1};
}

}  // namespace decant::audio
