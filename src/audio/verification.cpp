#include "audio/verification.h"

#include <atomic>
#include <future>
#include <limits>
#include <mutex>
#include <system_error>

#include "audio/av/error.h"
#include "audio/hearing.h"

namespace decant::audio {

namespace {

constexpr std::int64_t frames_in_block = 64;

using Fingerprints = std::vector<PcmFingerprint::Value>;

/// Decodes a source's blocks of frames and compares each with what it shall be.
class BlockComparison {
 public:
  BlockComparison(const Source& source, const Fingerprints& expected, int bits)
      : source_(source), expected_(expected), bits_(bits) {}

  Result<bool> run(int threads) {
    for (int running = 1; running < threads && start_another();) ++running;
    Result<void> done = compare_blocks();
    for (auto& other : others_) {
      if (auto ended = other.get(); done) done = std::move(ended);
    }
    DECANT_CHECK(std::move(done));
    return !is_other_ && next_ == expected_.size();
  }

 private:
  struct Block {
    std::size_t index = 0;
    std::vector<av::Packet> packets;  // none at the end
  };

  /// False where there is no room for another thread: those that run do.
  bool start_another() try {
    others_.push_back(std::async(std::launch::async, [this] { return compare_blocks(); }));
    return true;
  } catch (const std::system_error&) {
    return false;
  }

  Result<Block> read_block() {
    const std::lock_guard lock(reading_);
    Block block{.index = next_};
    while (!is_over_ && std::ssize(block.packets) < frames_in_block) {
      av::Packet packet = av::make_packet();
      const int read = source_.read(*packet);
      if (read == AVERROR(ENOMEM)) return av::av_failure(ErrorCode::too_large, {}, read);
      is_over_ = read == AVERROR_EOF;
      is_other_ = is_other_ || (read < 0 && !is_over_);
      if (is_other_) return Block{};
      if (!is_over_ && packet->stream_index == source_.stream().index) block.packets.push_back(std::move(packet));
    }
    if (!block.packets.empty()) ++next_;
    return block;
  }

  Result<void> compare_blocks() {
    DECANT_TRY(const av::CodecContext decoder, open_codec(source_));
    const av::Frame frame = av::make_frame();
    PackedSamples samples(bits_);
    PcmFingerprint fingerprint;
    while (!is_other_) {
      DECANT_TRY(const Block block, read_block());
      if (block.packets.empty()) return {};
      fingerprint.reset();
      for (const av::Packet& packet : block.packets) {
        int error = avcodec_send_packet(decoder.get(), packet.get());
        while (error >= 0 && (error = avcodec_receive_frame(decoder.get(), frame.get())) >= 0) {
          fingerprint.add(samples.pack(*frame));
        }
        if (error == AVERROR(ENOMEM)) return av::av_failure(ErrorCode::too_large, {}, error);
        if (error != AVERROR(EAGAIN)) is_other_ = true;
      }
      if (block.index >= expected_.size() || fingerprint.value() != expected_[block.index]) is_other_ = true;
    }
    return {};
  }

  const Source& source_;
  const Fingerprints& expected_;
  const int bits_;
  std::atomic<bool> is_other_ = false;
  std::mutex reading_;  // held by who reads from the source; guards what follows
  std::size_t next_ = 0;
  bool is_over_ = false;
  std::vector<std::future<Result<void>>> others_;  // the last member: its end waits for them
};

}  // namespace

Verification::Verification(int bits, int frame_size)
    : bits_(bits),
      has_frames_(frame_size > 0),
      block_samples_(has_frames_ ? frames_in_block * frame_size : std::numeric_limits<std::int64_t>::max()),
      samples_(bits) {}

void Verification::add(const AVFrame& frame) {
  std::span<const std::uint8_t> bytes = samples_.pack(frame);
  for (std::int64_t left = frame.nb_samples; left > 0;) {
    const std::int64_t step = std::min(left, block_samples_ - filled_);
    const std::size_t size = bytes.size() / static_cast<std::size_t>(left) * static_cast<std::size_t>(step);
    fingerprint_.add(bytes.first(size));
    bytes = bytes.subspan(size);
    left -= step;
    filled_ += step;
    if (filled_ == block_samples_) end_block();
  }
}

void Verification::end_block() {
  blocks_.push_back(fingerprint_.value());
  fingerprint_.reset();
  filled_ = 0;
}

Result<bool> Verification::matches(const Source& source, int threads) {
  if (filled_ > 0) end_block();
  if (has_frames_) return BlockComparison(source, blocks_, bits_).run(threads);
  DECANT_TRY(const Hearing found, hear(source, bits_));
  return blocks_ == Fingerprints{found.fingerprint};
}

}  // namespace decant::audio
