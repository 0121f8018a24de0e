#include "audio/mux/mp3_muxer.h"

#include "audio/mux/libav_muxer.h"
#include "audio/tags/id3v2.h"

namespace decant::audio {

namespace {

class Mp3Muxer final : public LibavMuxer {
 public:
  explicit Mp3Muxer(av::OutputFile& file) : LibavMuxer(file, "mp3", {{"id3v2_version", "0"}}) {}

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override {
    file().write(make_id3v2(metadata));
    return LibavMuxer::begin(stream, metadata);
  }
};

}  // namespace

std::unique_ptr<Muxer> make_mp3_muxer(av::OutputFile& file) { return std::make_unique<Mp3Muxer>(file); }

}  // namespace decant::audio
