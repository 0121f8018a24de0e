#include "audio/mux/flac_muxer.h"

#include "audio/mux/flac_frame.h"
#include "audio/tags/vorbis_comment.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

enum class Block : std::uint8_t { stream_info = 0, padding = 1, vorbis_comment = 4, picture = 6 };

constexpr std::size_t stream_info_size = 34;
constexpr ByteCount stream_info_position = 8;
// Room for taggers, so that they need not move the whole file.
constexpr std::size_t padding_size = 4096;

class FlacMuxer final : public Muxer {
 public:
  explicit FlacMuxer(av::OutputFile& file) : file_(&file) {}

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override {
    if (stream.extradata_size < static_cast<int>(stream_info_size)) {
      return failure(ErrorCode::internal, "the result could not be written", "no STREAMINFO");
    }
    depth_bits_ = static_cast<std::uint8_t>(stream.extradata[13] & 0xf0);
    ByteWriter out;
    out.text("fLaC");
    write_block(out, Block::stream_info, {stream.extradata, stream_info_size});
    write_block(out, Block::vorbis_comment, make_vorbis_comment(metadata, PicturePlace::own_blocks));
    for (const Picture& picture : metadata.pictures) write_block(out, Block::picture, make_flac_picture(picture));
    out.u8(0x80 | static_cast<std::uint8_t>(Block::padding));
    out.be24(padding_size);
    out.zeros(padding_size);
    file_->write(out.get());
    return {};
  }

  Result<void> write(AVPacket& packet) override {
    // An encoder ends with a packet that only brings its own STREAMINFO.
    if (packet.size == 0) return {};
    const std::span<const std::uint8_t> frame(packet.data, static_cast<std::size_t>(packet.size));
    DECANT_TRY(const std::vector<std::uint8_t> numbered, number_flac_frame(frame, frames_));
    file_->write(numbered);
    ++frames_;
    smallest_ = std::min(smallest_, numbered.size());
    largest_ = std::max(largest_, numbered.size());
    return {};
  }

  void set_digest(const PcmDigest::Value& digest) override { digest_ = digest; }

  Result<void> finish(std::int64_t samples) override {
    constexpr ByteCount frame_sizes = stream_info_position + 4;
    constexpr ByteCount total_samples = stream_info_position + 13;
    ByteWriter sizes;
    sizes.be24(static_cast<std::uint32_t>(smallest_));
    sizes.be24(static_cast<std::uint32_t>(largest_));
    file_->overwrite(frame_sizes, sizes.get());
    ByteWriter rest;
    // The upper 4 of 36 bits share their byte with the sample depth; 0 stands for an unknown count.
    const bool fits = samples < std::int64_t{1} << 36;
    rest.u8(static_cast<std::uint8_t>(depth_bits_ | (fits ? samples >> 32 : 0)));
    rest.be32(fits ? static_cast<std::uint32_t>(samples) : 0);
    if (digest_) rest.bytes(*digest_);
    file_->overwrite(total_samples, rest.get());
    return {};
  }

 private:
  static void write_block(ByteWriter& out, Block type, std::span<const std::uint8_t> body) {
    out.u8(static_cast<std::uint8_t>(type));
    out.be24(static_cast<std::uint32_t>(body.size()));
    out.bytes(body);
  }

  av::OutputFile* file_;
  std::uint8_t depth_bits_ = 0;
  std::int64_t frames_ = 0;
  std::size_t smallest_ = 0xffffff;
  std::size_t largest_ = 0;
  std::optional<PcmDigest::Value> digest_;  // else the one that came with the stream
};

}  // namespace

std::unique_ptr<Muxer> make_flac_muxer(av::OutputFile& file) { return std::make_unique<FlacMuxer>(file); }

}  // namespace decant::audio
