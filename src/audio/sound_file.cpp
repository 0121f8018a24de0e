#include "audio/sound_file.h"

#include "audio/encoder.h"
#include "audio/parallel/parallel_encoder.h"
#include "audio/verification.h"

namespace decant::audio {

namespace {

Result<void> encode_in_one_go(PcmStream& pcm, Encoder& encoder, Muxer& muxer, ProgressMeter& progress) {
  const PacketSink to_muxer = [&muxer](AVPacket& packet) { return muxer.write(packet); };
  for (;;) {
    DECANT_TRY(AVFrame * frame, pcm.next());
    if (frame == nullptr) return encoder.finish(to_muxer);
    DECANT_CHECK(encoder.write(*frame, to_muxer));
    progress.tell(pcm.progress());
  }
}

/// Whether several encoders can make one stream of what this one makes.
bool can_be_shared(const Format& format, const AVCodecContext& encoder) {
  if (format.seam == nullptr) return false;
  return encoder.bit_rate <= 0 || encoder.bit_rate / encoder.ch_layout.nb_channels >= format.seam->least_bitrate;
}

/// The file must have got all that was written.
Result<ByteCount> check_size(const av::OutputFile& output, const SoundFileJob& job) {
  DECANT_TRY(ByteCount size, av::size_by_seeking(job.descriptor));
  size -= job.begin;
  if (size <= 0 || size < output.position()) {
    return failure(ErrorCode::internal, "the result was not written whole",
                   fmt::format("{} of {} bytes", size, output.position()));
  }
  return size;
}

/// What a lossless encoder was given.
struct Encoded {
  Encoded(int bits, int frame_size) : verification(bits, frame_size) {}

  std::optional<PcmDigest> digest;  // none where the encoder makes it
  Verification verification;
};

/// Decodes a lossless result again, on the spare cores that are idle now, too: it must hold the very samples that were
/// encoded.
Result<void> verify(const SoundFileJob& job, ByteCount size, Verification& verification, const SpareCores& cores) {
  const BorrowedCores borrowed(cores);
  DECANT_TRY(const Source source, job.begin == 0 ? Source::open(job.descriptor)
                                                 : Source::open_part(job.descriptor, get_container(job.format.demuxer),
                                                                     job.begin, job.begin + size));
  DECANT_TRY(const bool is_same, verification.matches(source, 1 + borrowed.count()));
  if (!is_same) {
    return failure(ErrorCode::internal, "the result does not decode to the samples that were encoded");
  }
  return {};
}

}  // namespace

Result<SoundFile> write_sound(const SoundFileJob& job, PcmStream& pcm, const SpareCores& cores,
                              ProgressMeter& progress) {
  const Format& format = job.format;
  const Plan& plan = job.plan;
  DECANT_TRY(Encoder encoder, Encoder::open(format, plan.encoding, plan.samples));
  av::OutputFile output(job.descriptor, job.begin);
  const std::unique_ptr<Muxer> muxer = format.make_muxer(output);
  DECANT_CHECK(muxer->begin(encoder.stream(), job.metadata));
  const ChunkPlan chunks =
      can_be_shared(format, encoder.context())
          ? plan_chunks(*format.seam, encoder.context().frame_size, plan.samples, job.expected, cores)
          : ChunkPlan{};
  std::optional<Encoded> encoded;
  if (format.target.lossless) {
    encoded.emplace(plan.encoding.bits, encoder.context().frame_size);
    // One encoder of several has not seen all samples.
    if (chunks.threads > 1 || !encoder.makes_digest()) encoded->digest.emplace(plan.encoding.bits);
    pcm.listen([&](const AVFrame& frame) {
      if (encoded->digest) encoded->digest->add(frame);
      encoded->verification.add(frame);
    });
  }
  if (chunks.threads > 1) {
    ParallelEncoder parallel({format, plan.encoding, chunks, job.expected, cores}, encoder, pcm, *muxer);
    DECANT_CHECK(parallel.run([&](double part) { progress.tell(part); }));
  } else {
    DECANT_CHECK(encode_in_one_go(pcm, encoder, *muxer, progress));
  }
  pcm.listen({});
  SoundFile file{.codec = encoder.context().codec_id, .samples = pcm.samples()};
  if (file.samples == 0) return file;
  if (encoded) {
    const PcmDigest::Value digest = encoded->digest ? encoded->digest->finish() : encoder.digest();
    file.pcm_md5 = to_hex(digest);
    muxer->set_digest(digest);
  }
  if (job.quality) muxer->set_quality(*job.quality);
  DECANT_CHECK(muxer->finish(file.samples));
  DECANT_CHECK(output.flush());
  DECANT_TRY(file.size, check_size(output, job));
  if (encoded) DECANT_CHECK(verify(job, file.size, encoded->verification, cores));
  return file;
}

}  // namespace decant::audio
