#include "audio/mux/aiff_muxer.h"

#include <limits>

#include "audio/mux/libav_muxer.h"
#include "audio/tags/id3v2.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

class AiffMuxer final : public LibavMuxer {
 public:
  explicit AiffMuxer(av::OutputFile& file) : LibavMuxer(file, "aiff", {}) {}

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override {
    id3_ = make_id3v2(metadata);
    return LibavMuxer::begin(stream, metadata);
  }

  Result<void> finish(std::int64_t samples) override {
    const ByteCount end_of_sound = file().position();
    if (end_of_sound + static_cast<ByteCount>(id3_.size()) > std::numeric_limits<std::uint32_t>::max()) {
      return failure(ErrorCode::unprocessable,
                     "the result would pass the 4 GB that AIFF can hold; WAV and FLAC hold more");
    }
    DECANT_CHECK(LibavMuxer::finish(samples));
    if (id3_.empty()) return {};
    file().seek_to_end();
    ByteWriter chunk;
    if (file().position() % 2 != 0) chunk.u8(0);
    chunk.text("ID3 ");
    chunk.be32(static_cast<std::uint32_t>(id3_.size()));
    chunk.bytes(id3_);
    if (chunk.size() % 2 != 0) chunk.u8(0);
    file().write(chunk.get());
    ByteWriter form_size;
    form_size.be32(static_cast<std::uint32_t>(file().position() - 8));
    file().overwrite(4, form_size.get());
    return {};
  }

 private:
  std::vector<std::uint8_t> id3_;
};

}  // namespace

std::unique_ptr<Muxer> make_aiff_muxer(av::OutputFile& file) { return std::make_unique<AiffMuxer>(file); }

}  // namespace decant::audio
