#include "tasks/waveform.h"

#include <fmt/format.h>

#include <cstdint>
#include <cstring>
#include <iterator>

namespace decant::tasks {
namespace {

constexpr std::size_t header_size = 24;
constexpr std::uint32_t has_8_bits = 1;

/// Little-endian, as the file is and every machine that runs this.
template <class Number>
Number number_at(std::span<const std::byte> bytes, std::size_t at) {
  Number number{};
  std::memcpy(&number, bytes.data() + at, sizeof(number));
  return number;
}

template <class Sample>
void append_samples(std::string& out, std::span<const std::byte> data) {
  for (std::size_t at = 0; at < data.size(); at += sizeof(Sample)) {
    fmt::format_to(std::back_inserter(out), "{}{}", at == 0 ? "" : ",", static_cast<int>(number_at<Sample>(data, at)));
  }
}

}  // namespace

Result<std::string> waveform_json(std::span<const std::byte> dat) {
  const auto damaged = [] { return failure(ErrorCode::internal, "the waveform is damaged"); };
  if (dat.size() < header_size) return damaged();
  const auto version = number_at<std::int32_t>(dat, 0);
  const auto flags = number_at<std::uint32_t>(dat, 4);
  const auto sample_rate = number_at<std::int32_t>(dat, 8);
  const auto samples_per_pixel = number_at<std::int32_t>(dat, 12);
  const auto length = number_at<std::uint32_t>(dat, 16);
  const auto channels = number_at<std::int32_t>(dat, 20);
  const std::size_t sample_size = flags == has_8_bits ? 1 : 2;
  const std::span<const std::byte> data = dat.subspan(header_size);
  if (version != 2 || flags > has_8_bits || sample_rate < 1 || samples_per_pixel < 1 || channels != 1 ||
      data.size() != std::size_t{length} * 2 * sample_size) {
    return damaged();
  }
  std::string out = fmt::format(
      R"({{"version":2,"channels":{},"sample_rate":{},"samples_per_pixel":{},"bits":{},"length":{},"data":[)", channels,
      sample_rate, samples_per_pixel, 8 * sample_size, length);
  out.reserve(out.size() + data.size() * 5);
  if (sample_size == 1) {
    append_samples<std::int8_t>(out, data);
  } else {
    append_samples<std::int16_t>(out, data);
  }
  out += "]}";
  return out;
}

}  // namespace decant::tasks
