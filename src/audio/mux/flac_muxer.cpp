#include "audio/mux/flac_muxer.h"

#include "audio/tags/bytes.h"
#include "audio/tags/vorbis_comment.h"

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

  Result<void> begin(const AVCodecContext& encoder, const Metadata& metadata) override {
    if (encoder.extradata_size != static_cast<int>(stream_info_size)) {
      return failure(ErrorCode::internal, "the result could not be written", "no STREAMINFO");
    }
    ByteWriter out;
    out.text("fLaC");
    write_block(out, Block::stream_info, {encoder.extradata, stream_info_size});
    write_block(out, Block::vorbis_comment, make_vorbis_comment(metadata, PicturePlace::own_blocks));
    for (const Picture& picture : metadata.pictures) write_block(out, Block::picture, make_flac_picture(picture));
    out.u8(0x80 | static_cast<std::uint8_t>(Block::padding));
    out.be24(padding_size);
    out.zeros(padding_size);
    file_->write(out.get());
    return {};
  }

  Result<void> write(AVPacket& packet) override {
    file_->write({packet.data, static_cast<std::size_t>(packet.size)});
    // The encoder's last packet brings the sample count and the MD5.
    std::size_t size = 0;
    const std::uint8_t* data = av_packet_get_side_data(&packet, AV_PKT_DATA_NEW_EXTRADATA, &size);
    if (data != nullptr && size == stream_info_size) final_stream_info_.assign(data, data + size);
    return {};
  }

  Result<void> finish(std::int64_t) override {
    if (final_stream_info_.empty())
      return failure(ErrorCode::internal, "the result could not be written", "no final STREAMINFO");
    file_->overwrite(stream_info_position, final_stream_info_);
    return {};
  }

 private:
  static void write_block(ByteWriter& out, Block type, std::span<const std::uint8_t> body) {
    out.u8(static_cast<std::uint8_t>(type));
    out.be24(static_cast<std::uint32_t>(body.size()));
    out.bytes(body);
  }

  av::OutputFile* file_;
  std::vector<std::uint8_t> final_stream_info_;
};

}  // namespace

std::unique_ptr<Muxer> make_flac_muxer(av::OutputFile& file) { return std::make_unique<FlacMuxer>(file); }

}  // namespace decant::audio
