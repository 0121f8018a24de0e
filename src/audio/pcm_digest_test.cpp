#include "audio/pcm_digest.h"

#include <cstring>
#include <span>

namespace decant::audio {
namespace {

av::Frame frame_of(AVSampleFormat format, int channels, int samples) {
  av::Frame frame = av::make_frame();
  frame->format = format;
  frame->nb_samples = samples;
  av_channel_layout_default(&frame->ch_layout, channels);
  EXPECT_EQ(av_frame_get_buffer(frame.get(), 0), 0);
  return frame;
}

// Expected: printf '…' | md5sum.
TEST(PcmDigest, IsTheMd5OfInterleavedLittleEndianSamples) {
  const av::Frame planar = frame_of(AV_SAMPLE_FMT_S16P, 2, 2);
  std::memcpy(planar->extended_data[0], "aabb", 4);
  std::memcpy(planar->extended_data[1], "ccdd", 4);
  PcmDigest digest(16);
  digest.add(*planar);
  EXPECT_EQ(to_hex(digest.finish()), "ebc3c5af680504b8c4c94facee3d234f") << "aaccbbdd";
}

TEST(PcmDigest, LeavesOutTheLowBytesThatHoldNothing) {
  const av::Frame deep = frame_of(AV_SAMPLE_FMT_S32, 1, 2);
  std::memcpy(deep->extended_data[0], "\0abc\0def", 8);
  PcmDigest digest(24);
  digest.add(*deep);
  EXPECT_EQ(to_hex(digest.finish()), "e80b5017098950fc58aad83c8c14978e") << "abcdef";
}

TEST(PcmDigest, DoesNotDependOnHowSamplesArePartedOrPlaced) {
  const av::Frame whole = frame_of(AV_SAMPLE_FMT_S16, 2, 3);
  std::memcpy(whole->extended_data[0], "aaAAbbBBccCC", 12);
  PcmDigest one(0);
  one.add(*whole);
  PcmDigest parts(0);
  for (const auto* text : {"aabb", "cc"}) {
    const auto samples = static_cast<int>(std::strlen(text) / 2);
    const av::Frame part = frame_of(AV_SAMPLE_FMT_S16P, 2, samples);
    std::memcpy(part->extended_data[0], text, std::strlen(text));
    for (std::size_t i = 0; i < std::strlen(text); ++i)
      part->extended_data[1][i] = static_cast<std::uint8_t>(std::toupper(text[i]));
    parts.add(*part);
  }
  EXPECT_EQ(one.finish(), parts.finish());
}

TEST(PcmFingerprint, IsOneForTheSameSoundHoweverItIsPlacedAndAnotherForAnother) {
  const auto of = [](AVSampleFormat format, std::string_view bytes) {
    const av::Frame frame = frame_of(format, 1, 2);
    std::memcpy(frame->extended_data[0], bytes.data(), bytes.size());
    PackedSamples samples(16);
    PcmFingerprint fingerprint;
    fingerprint.add(samples.pack(*frame));
    return fingerprint.value();
  };
  EXPECT_EQ(of(AV_SAMPLE_FMT_S16, "abcd"), of(AV_SAMPLE_FMT_S32, std::string_view("\0\0ab\0\0cd", 8)));
  EXPECT_NE(of(AV_SAMPLE_FMT_S16, "abcd"), of(AV_SAMPLE_FMT_S16, "abce"));
}

}  // namespace
}  // namespace decant::audio
