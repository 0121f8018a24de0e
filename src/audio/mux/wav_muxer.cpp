#include "audio/mux/wav_muxer.h"

#include <limits>

#include "audio/mux/libav_muxer.h"
#include "audio/tags/id3v2.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

/// What LIST INFO has a place for.
constexpr std::array info_tags = {"title", "artist",  "album",     "genre",   "date",
                                  "track", "comment", "copyright", "language"};

class WavMuxer final : public LibavMuxer {
 public:
  explicit WavMuxer(av::OutputFile& file) : LibavMuxer(file, "wav", {{"rf64", "auto"}}) {}

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override {
    id3_ = make_id3v2(metadata);
    return LibavMuxer::begin(stream, metadata);
  }

  Result<void> finish(std::int64_t samples) override {
    DECANT_CHECK(LibavMuxer::finish(samples));
    if (id3_.empty()) return {};
    file().seek_to_end();
    ByteWriter chunk;
    if (file().position() % 2 != 0) chunk.u8(0);
    chunk.text("id3 ");
    chunk.le32(static_cast<std::uint32_t>(id3_.size()));
    chunk.bytes(id3_);
    if (chunk.size() % 2 != 0) chunk.u8(0);
    file().write(chunk.get());
    const auto size = static_cast<std::uint64_t>(file().position()) - 8;
    ByteWriter field;
    if (size < std::numeric_limits<std::uint32_t>::max()) {
      field.le32(static_cast<std::uint32_t>(size));
      file().overwrite(4, field.get());
    } else {
      field.le64(size);
      file().overwrite(20, field.get());  // in RF64's ds64 chunk (EBU Tech 3306)
    }
    return {};
  }

 protected:
  void describe(AVFormatContext& context, const Metadata& metadata) override {
    // libavformat's reader, and so many players, look at the id3 chunk's tags only where there is no LIST INFO.
    const auto fits = [](const tasks::Tag& tag) {
      return std::ranges::find(info_tags, tag.name) != info_tags.end() && tag.language.empty() &&
             tag.description.empty();
    };
    if (!std::ranges::all_of(metadata.tags, fits)) return;
    for (const tasks::Tag& tag : metadata.tags) {
      av_dict_set(&context.metadata, tag.name.c_str(), tag.value.c_str(), AV_DICT_DONT_OVERWRITE);
    }
  }

 private:
  std::vector<std::uint8_t> id3_;
};

}  // namespace

std::unique_ptr<Muxer> make_wav_muxer(av::OutputFile& file) { return std::make_unique<WavMuxer>(file); }

}  // namespace decant::audio
