#include "audio/mux/mp3_muxer.h"

#include "audio/mux/mp3_info.h"
#include "audio/tags/id3v2.h"

namespace decant::audio {

namespace {

class Mp3Muxer final : public Muxer {
 public:
  explicit Mp3Muxer(av::OutputFile& file) : file_(&file) {}

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override {
    sound_.delay = stream.initial_padding;
    file_->write(make_id3v2(metadata));
    info_position_ = file_->position();
    return {};
  }

  void set_quality(double quality) override { sound_.quality = quality; }

  Result<void> write(AVPacket& packet) override {
    const std::span<const std::uint8_t> frame(packet.data, static_cast<std::size_t>(packet.size));
    const auto header = parse_mp3_header(frame);
    if (!header || header->frame_size != packet.size) {
      return failure(ErrorCode::internal, "the result could not be written", "a packet is no MP3 frame");
    }
    // Some players that find such a frame without a delay leave out their own delay all the same.
    if (!info_ && sound_.delay > 0) {
      info_.emplace(*header, frame);
      file_->write(std::vector<std::uint8_t>(info_->size()));
    }
    if (info_) info_->add(*header, frame);
    file_->write(frame);
    return {};
  }

  Result<void> finish(std::int64_t samples) override {
    sound_.samples = samples;
    if (info_) file_->overwrite(info_position_, info_->make(sound_));
    return {};
  }

 private:
  av::OutputFile* file_;
  Mp3Sound sound_;
  ByteCount info_position_ = 0;
  std::optional<Mp3InfoFrame> info_;
};

}  // namespace

std::unique_ptr<Muxer> make_mp3_muxer(av::OutputFile& file) { return std::make_unique<Mp3Muxer>(file); }

}  // namespace decant::audio
