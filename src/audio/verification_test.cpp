#include "audio/verification.h"

#include <sys/stat.h>

#include <array>
#include <cmath>

#include "audio/encoder.h"
#include "audio/formats/format.h"
#include "audio/test_file.h"

namespace decant::audio {
namespace {

constexpr int channels = 2;
constexpr int rate = 44100;
// Three blocks of 64 frames and a part of a fourth.
constexpr int length = 3 * 64 * 4608 + 10'000;

/// A sound of `samples` samples a channel; the one at `other` is louder than it should be.
av::Frame make_sound(int samples, int other = -1) {
  av::Frame frame = av::make_frame();
  frame->format = AV_SAMPLE_FMT_S16;
  frame->sample_rate = rate;
  frame->nb_samples = samples;
  av_channel_layout_default(&frame->ch_layout, channels);
  if (av_frame_get_buffer(frame.get(), 0) < 0) throw std::bad_alloc();
  auto* values = reinterpret_cast<std::int16_t*>(frame->extended_data[0]);
  for (int i = 0; i < samples * channels; ++i) values[i] = static_cast<std::int16_t>(9000 * std::sin(i * 0.01));
  if (other >= 0) ++values[other * channels];
  return frame;
}

struct Written {
  Descriptor file;
  int frame_size = 0;
};

Written write(const char* format_name, AVFrame& sound) {
  const Format& format = *find_format(format_name);
  const SampleFormat samples{AV_SAMPLE_FMT_S16P, rate, av::ChannelLayout::of(channels)};
  const SampleFormat packed{AV_SAMPLE_FMT_S16, rate, samples.layout};
  const Encoding encoding = format.choose_encoding(
      {.sample_rate = rate, .layout = samples.layout, .sample_format = AV_SAMPLE_FMT_S16, .bits = 16, .lossless = true},
      {});
  Encoder encoder = Encoder::open(format, encoding, encoding.sample_format == packed.format ? packed : samples).value();
  Written written{.file = make_test_file(""), .frame_size = encoder.context().frame_size};
  av::OutputFile output(written.file.get(), 0);
  const auto muxer = format.make_muxer(output);
  EXPECT_TRUE(muxer->begin(encoder.stream(), {}));
  const PacketSink sink = [&](AVPacket& packet) { return muxer->write(packet); };
  EXPECT_TRUE(encoder.write(sound, sink));
  EXPECT_TRUE(encoder.finish(sink));
  EXPECT_TRUE(muxer->finish(sound.nb_samples));
  EXPECT_TRUE(output.flush());
  return written;
}

/// What becomes of a sound when the encoder was given `given` and the file holds what `written` tells.
bool matches(const Written& written, const AVFrame& given, int threads) {
  Verification verification(16, written.frame_size);
  verification.add(given);
  const Source source = Source::open(written.file.get()).value();
  return verification.matches(source, threads).value();
}

class VerificationTest : public ::testing::TestWithParam<const char*> {};

TEST_P(VerificationTest, HoldsForTheSamplesThatWereGivenOnly) {
  const av::Frame sound = make_sound(length);
  const Written written = write(GetParam(), *sound);
  for (const int threads : {1, 2, 5}) {
    EXPECT_TRUE(matches(written, *sound, threads)) << threads;
    for (const int other : {0, 70 * 4608, length - 1}) {
      EXPECT_FALSE(matches(written, *make_sound(length, other), threads)) << other << ' ' << threads;
    }
    for (const int other_length : {1, length - 1, length + 1, 2 * length}) {
      EXPECT_FALSE(matches(written, *make_sound(other_length), threads)) << other_length << ' ' << threads;
    }
  }
}

TEST_P(VerificationTest, DoesNotDependOnHowTheSoundIsParted) {
  const av::Frame sound = make_sound(length);
  const Written written = write(GetParam(), *sound);
  Verification verification(16, written.frame_size);
  for (int begin = 0; begin < length; begin += 1000) {
    const av::Frame part = av::must<av::Frame>(av_frame_clone(sound.get()));
    part->data[0] += std::ptrdiff_t{begin} * channels * 2;
    part->nb_samples = std::min(1000, length - begin);
    verification.add(*part);
  }
  const Source source = Source::open(written.file.get()).value();
  EXPECT_TRUE(verification.matches(source, 2).value());
}

TEST_P(VerificationTest, SeesADamagedByte) {
  const av::Frame sound = make_sound(length);
  const Written written = write(GetParam(), *sound);
  struct stat status{};
  ASSERT_EQ(::fstat(written.file.get(), &status), 0);
  const off_t place = status.st_size * 3 / 4;
  std::uint8_t byte = 0;
  ASSERT_EQ(::pread(written.file.get(), &byte, 1, place), 1);
  byte ^= 0x10;
  ASSERT_EQ(::pwrite(written.file.get(), &byte, 1, place), 1);
  for (const int threads : {1, 3}) EXPECT_FALSE(matches(written, *sound, threads)) << threads;
}

INSTANTIATE_TEST_SUITE_P(Formats, VerificationTest, ::testing::Values("flac", "wav"),
                         [](const auto& info) { return std::string(info.param); });

}  // namespace
}  // namespace decant::audio
