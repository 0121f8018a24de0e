#include "audio/mux/m4a_muxer.h"

#include "audio/mux/libav_muxer.h"
#include "audio/tags/itunes.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

// udta, meta, its handler and an empty ilst.
constexpr ByteCount empty_user_data_size = 61;

class M4aMuxer final : public LibavMuxer {
 public:
  explicit M4aMuxer(av::OutputFile& file) : LibavMuxer(file, "ipod", {{"movflags", "disable_chpl"}}) {}

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override {
    // The edit list, which hides the encoder's delay, counts in the movie's time scale: milliseconds would be too
    // coarse.
    add_option({"movie_timescale", std::to_string(stream.sample_rate)});
    user_data_ = make_itunes_user_data(metadata);
    return LibavMuxer::begin(stream, metadata);
  }

  Result<void> finish(std::int64_t samples) override {
    // The movie box is the last one and ends with user data that have no items, as libavformat was told of none. Ours
    // take their place: of two such boxes readers would look at the first alone.
    const ByteCount movie_box = file().position();
    DECANT_CHECK(LibavMuxer::finish(samples));
    if (user_data_.empty()) return {};
    file().seek_to_end();
    const ByteCount user_data = file().position() - empty_user_data_size;
    file().overwrite(user_data, user_data_);
    ByteWriter size;
    size.be32(static_cast<std::uint32_t>(user_data + static_cast<ByteCount>(user_data_.size()) - movie_box));
    file().overwrite(movie_box, size.get());
    return {};
  }

 protected:
  void describe(AVFormatContext& context, const Metadata& metadata) override {
    add_chapters(context, metadata.chapters);
  }

 private:
  std::vector<std::uint8_t> user_data_;
};

}  // namespace

std::unique_ptr<Muxer> make_m4a_muxer(av::OutputFile& file) { return std::make_unique<M4aMuxer>(file); }

}  // namespace decant::audio
