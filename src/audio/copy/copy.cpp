#include "audio/copy/copy.h"

#include "audio/copy/packet_copier.h"

namespace decant::audio {

namespace {

Result<void> write_packets(const Source& source, const Format& format, const Metadata& metadata,
                           const CopiedSound& sound, int output) {
  av::OutputFile file(output);
  const std::unique_ptr<Muxer> muxer = format.make_muxer(file);
  PacketCopier copier(source, format.copied->measure(*source.stream().codecpar), sound.heard.samples, *muxer);
  // FLAC leaves out the bits that fill the last byte of other depths: there the digest of the source stays.
  if (sound.digest && source.bits_per_sample() % 8 == 0) muxer->set_digest(*sound.digest);
  DECANT_CHECK(copier.run(metadata));
  return file.flush();
}

}  // namespace

bool can_copy(const Source& source, const Format& format, const tasks::ConversionOptions& options) {
  if (format.copied == nullptr || source.stream().codecpar->codec_id != format.copied->id) return false;
  tasks::ConversionOptions harmless;
  harmless.analysis = options.analysis;
  harmless.metadata = options.metadata;
  return options == harmless && format.copied->measure(*source.stream().codecpar) != nullptr;
}

Result<std::optional<CopiedSound>> copy_sound(const Source& source, const Format& format, const Metadata& metadata,
                                              int output, const FrameListener& listener) {
  const int bits = source.bits_per_sample();
  std::optional<PcmDigest> digest;
  if (format.target.lossless) digest.emplace(bits);
  const FrameListener with_digest = [&](AVFrame& frame, double part) {
    if (digest) digest->add(frame);
    listener(frame, part);
  };
  CopiedSound original;
  DECANT_TRY(original.heard, hear(source, bits, with_digest));
  if (digest) original.digest = digest->finish();
  if (!original.heard.is_steady || !original.heard.losses.empty()) return std::nullopt;
  DECANT_TRY(const Source again, Source::open(source.descriptor()));
  // What is wrong with a copy matters to nobody: encoding comes instead, and tells itself when the disk is full.
  if (write_packets(again, format, metadata, original, output)) {
    const auto result = Source::open(output);
    const auto copy = result ? hear(*result, bits) : Result<Hearing>(Failure(result.error()));
    if (copy && copy->losses.empty() && is_same_sound(*copy, original.heard)) return std::move(original);
  }
  DECANT_CHECK(av::make_empty(output));
  return std::nullopt;
}

}  // namespace decant::audio
