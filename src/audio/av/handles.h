#pragma once

#include <memory>
#include <new>
#include <utility>

#include "audio/av/libav.h"

namespace decant::audio::av {

/// Owners of libav's objects; the only place that frees them. libav reports only exhausted memory by a null pointer, so
/// the make_ functions throw std::bad_alloc.
template <auto free_function>
struct Freed {
  template <class Object>
  void operator()(Object* object) const {
    free_function(&object);
  }
};

struct FreedInput {
  void operator()(AVFormatContext* context) const { avformat_close_input(&context); }
};
struct FreedOutput {
  void operator()(AVFormatContext* context) const { avformat_free_context(context); }
};
/// An AVIOContext and the buffer it was given (or has replaced it by).
struct FreedIo {
  void operator()(AVIOContext* io) const {
    av_free(io->buffer);
    avio_context_free(&io);
  }
};

using Frame = std::unique_ptr<AVFrame, Freed<av_frame_free>>;
using Packet = std::unique_ptr<AVPacket, Freed<av_packet_free>>;
using CodecParameters = std::unique_ptr<AVCodecParameters, Freed<avcodec_parameters_free>>;
using CodecContext = std::unique_ptr<AVCodecContext, Freed<avcodec_free_context>>;
using Resampler = std::unique_ptr<SwrContext, Freed<swr_free>>;
using InputContext = std::unique_ptr<AVFormatContext, FreedInput>;
using OutputContext = std::unique_ptr<AVFormatContext, FreedOutput>;
using IoContext = std::unique_ptr<AVIOContext, FreedIo>;

template <class Owner>
Owner must(typename Owner::pointer object) {
  if (object == nullptr) throw std::bad_alloc();
  return Owner(object);
}
inline Frame make_frame() { return must<Frame>(av_frame_alloc()); }
inline CodecParameters make_codec_parameters() { return must<CodecParameters>(avcodec_parameters_alloc()); }
inline Packet make_packet() { return must<Packet>(av_packet_alloc()); }

/// Options on their way to libav.
class Dictionary {
 public:
  Dictionary() = default;
  Dictionary(Dictionary&& other) noexcept : entries_(std::exchange(other.entries_, nullptr)) {}
  Dictionary(const Dictionary&) = delete;
  Dictionary& operator=(const Dictionary&) = delete;
  Dictionary& operator=(Dictionary&&) = delete;
  ~Dictionary() { av_dict_free(&entries_); }

  void set(const char* name, const char* value) { av_dict_set(&entries_, name, value, 0); }
  void set(const char* name, std::int64_t value) { av_dict_set_int(&entries_, name, value, 0); }
  [[nodiscard]] AVDictionary** address() { return &entries_; }

 private:
  AVDictionary* entries_ = nullptr;
};

/// A channel layout by value.
class ChannelLayout {
 public:
  ChannelLayout() = default;
  explicit ChannelLayout(const AVChannelLayout& layout) { av_channel_layout_copy(&layout_, &layout); }
  ChannelLayout(const ChannelLayout& other) : ChannelLayout(other.layout_) {}
  ChannelLayout(ChannelLayout&& other) noexcept : layout_(std::exchange(other.layout_, AVChannelLayout{})) {}
  ChannelLayout& operator=(ChannelLayout other) noexcept {
    std::swap(layout_, other.layout_);
    return *this;
  }
  ~ChannelLayout() { av_channel_layout_uninit(&layout_); }

  /// The usual layout of that many channels.
  static ChannelLayout of(int channels) {
    ChannelLayout layout;
    av_channel_layout_default(&layout.layout_, channels);
    return layout;
  }
  [[nodiscard]] const AVChannelLayout& get() const { return layout_; }
  [[nodiscard]] int channels() const { return layout_.nb_channels; }
  friend bool operator==(const ChannelLayout& a, const ChannelLayout& b) {
    return av_channel_layout_compare(&a.layout_, &b.layout_) == 0;
  }

 private:
  AVChannelLayout layout_{};
};

}  // namespace decant::audio::av
