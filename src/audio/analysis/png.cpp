#include "audio/analysis/png.h"

#include <array>
#include <cmath>
#include <cstring>

#include "audio/av/error.h"
#include "audio/av/handles.h"

namespace decant::audio {

namespace {

constexpr std::size_t levels = 256;

struct Color {
  float red;
  float green;
  float blue;
};

/// Nine places of "magma", a map made to be even to the eye and for the color-blind
/// (https://bids.github.io/colormap/, CC0); the rest lies between them.
constexpr std::array<Color, 9> places = {{{0, 0, 4},
                                          {28, 16, 68},
                                          {79, 18, 123},
                                          {129, 37, 129},
                                          {181, 54, 122},
                                          {229, 80, 100},
                                          {251, 135, 97},
                                          {254, 194, 135},
                                          {252, 253, 191}}};

/// 0xAARRGGBB.
std::uint32_t color_of(std::size_t level) {
  const float place = static_cast<float>(level) * static_cast<float>(places.size() - 1) / (levels - 1);
  const std::size_t below = std::min(static_cast<std::size_t>(place), places.size() - 2);
  const float part = place - static_cast<float>(below);
  const auto mix = [part](float from, float to) {
    return static_cast<std::uint32_t>(std::lround(std::lerp(from, to, part)));
  };
  const Color& from = places[below];
  const Color& to = places[below + 1];
  return 0xff000000U | mix(from.red, to.red) << 16U | mix(from.green, to.green) << 8U | mix(from.blue, to.blue);
}

}  // namespace

Result<std::vector<std::uint8_t>> make_heat_png(std::span<const std::uint8_t> pixels, int width) {
  const auto failed = [](int error) {
    return av::av_failure(ErrorCode::internal, "the picture could not be made", error);
  };
  const AVCodec* encoder = avcodec_find_encoder(AV_CODEC_ID_PNG);
  if (encoder == nullptr) return failed(AVERROR_ENCODER_NOT_FOUND);
  const auto context = av::must<av::CodecContext>(avcodec_alloc_context3(encoder));
  context->width = width;
  context->height = static_cast<int>(pixels.size()) / width;
  context->pix_fmt = AV_PIX_FMT_PAL8;
  context->time_base = {1, 1};
  context->thread_count = 1;
  if (const int error = avcodec_open2(context.get(), encoder, nullptr); error < 0) return failed(error);

  const av::Frame frame = av::make_frame();
  frame->format = context->pix_fmt;
  frame->width = context->width;
  frame->height = context->height;
  if (const int error = av_frame_get_buffer(frame.get(), 0); error < 0) return failed(error);
  for (int row = 0; row < frame->height; ++row) {
    std::memcpy(frame->data[0] + static_cast<std::ptrdiff_t>(row) * frame->linesize[0],
                pixels.data() + static_cast<std::ptrdiff_t>(row) * width, static_cast<std::size_t>(width));
  }
  for (std::size_t level = 0; level < levels; ++level) {
    const std::uint32_t color = color_of(level);
    std::memcpy(frame->data[1] + level * sizeof(color), &color, sizeof(color));
  }
  const av::Packet packet = av::make_packet();
  if (const int error = avcodec_send_frame(context.get(), frame.get()); error < 0) return failed(error);
  if (const int error = avcodec_receive_packet(context.get(), packet.get()); error < 0) return failed(error);
  return std::vector<std::uint8_t>(packet->data, packet->data + packet->size);
}

}  // namespace decant::audio
