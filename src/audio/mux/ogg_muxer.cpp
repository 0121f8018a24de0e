#include "audio/mux/ogg_muxer.h"

#include <ogg/ogg.h>

#include "audio/tags/vorbis_comment.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

using Bytes = std::vector<std::uint8_t>;

/// What differs between codecs in Ogg.
struct OggMapping {
  /// The header packets, the comments among them; empty when the encoder's own are damaged.
  std::vector<Bytes> (*make_headers)(const AVCodecParameters& stream, const Metadata& metadata);
  /// The rate that granule positions count at; 0: the encoder's.
  int granule_rate;
};

/// libavcodec gives Vorbis's three headers in one piece, with Xiph lacing.
std::vector<Bytes> make_vorbis_headers(const AVCodecParameters& stream, const Metadata& metadata) {
  ByteReader in({stream.extradata, static_cast<std::size_t>(stream.extradata_size)});
  if (in.u8() != 2) return {};
  std::array<std::size_t, 2> sizes{};
  for (std::size_t& size : sizes) {
    std::uint8_t lace = 255;
    while (lace == 255 && in.ok()) size += lace = in.u8();
  }
  const auto identification = in.take(sizes[0]);
  in.take(sizes[1]);
  const auto setup = in.take(in.left());
  if (!in.ok() || setup.empty()) return {};
  ByteWriter comments;
  comments.u8(3);
  comments.text("vorbis");
  comments.bytes(make_vorbis_comment(metadata, PicturePlace::comments));
  comments.u8(1);  // framing bit
  return {Bytes(identification.begin(), identification.end()), comments.take(), Bytes(setup.begin(), setup.end())};
}

std::vector<Bytes> make_opus_headers(const AVCodecParameters& stream, const Metadata& metadata) {
  if (stream.extradata_size < 19) return {};
  ByteWriter comments;
  comments.text("OpusTags");
  comments.bytes(make_vorbis_comment(metadata, PicturePlace::comments));
  return {Bytes(stream.extradata, stream.extradata + stream.extradata_size), comments.take()};
}

class OggMuxer final : public Muxer {
 public:
  OggMuxer(av::OutputFile& file, const OggMapping& mapping) : file_(&file), mapping_(&mapping) {
    // One stream a file and the same input the same file: any serial number will do.
    if (ogg_stream_init(&stream_, 1) != 0) throw std::bad_alloc();
  }
  OggMuxer(const OggMuxer&) = delete;
  OggMuxer& operator=(const OggMuxer&) = delete;
  ~OggMuxer() override { ogg_stream_clear(&stream_); }

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override {
    rate_ = stream.sample_rate;
    // Opus counts its pre-skip in granule positions; Vorbis's first packet gives no samples and needs none.
    if (mapping_->granule_rate != 0) pre_skip_ = to_granule(stream.initial_padding);
    const std::vector<Bytes> headers = mapping_->make_headers(stream, metadata);
    if (headers.empty())
      return failure(ErrorCode::internal, "the result could not be written", "damaged codec headers");
    for (std::size_t i = 0; i < headers.size(); ++i) {
      DECANT_CHECK(put(headers[i], {.granule = 0, .is_first = i == 0}));
      // The first header has a page of its own, and audio starts on a fresh page.
      if (i == 0 || i + 1 == headers.size()) write_pages(ogg_stream_flush);
    }
    return {};
  }

  Result<void> write(AVPacket& packet) override {
    DECANT_CHECK(put_held(Place::inside));
    held_.assign(packet.data, packet.data + packet.size);
    held_granule_ = to_granule(packet.pts + packet.duration) + pre_skip_;
    return {};
  }

  Result<void> finish(std::int64_t samples) override {
    // The last page's position cuts what the encoder had to add to fill its last packet.
    held_granule_ = to_granule(samples) + pre_skip_;
    DECANT_CHECK(put_held(Place::end));
    write_pages(ogg_stream_flush);
    return {};
  }

 private:
  enum class Place { inside, end };
  struct Position {
    std::int64_t granule = 0;
    bool is_first = false;
    bool is_last = false;
  };

  [[nodiscard]] std::int64_t to_granule(std::int64_t samples) const {
    return mapping_->granule_rate == 0 ? samples : av_rescale(samples, mapping_->granule_rate, rate_);
  }

  Result<void> put_held(Place place) {
    if (held_.empty()) return {};
    DECANT_CHECK(put(held_, {.granule = std::max<std::int64_t>(held_granule_, 0), .is_last = place == Place::end}));
    held_.clear();
    write_pages(ogg_stream_pageout);
    return {};
  }

  Result<void> put(const Bytes& bytes, const Position& position) {
    ogg_packet packet{};
    packet.packet = const_cast<unsigned char*>(bytes.data());  // copied, not changed
    packet.bytes = static_cast<long>(bytes.size());
    packet.b_o_s = position.is_first ? 1 : 0;
    packet.e_o_s = position.is_last ? 1 : 0;
    packet.granulepos = position.granule;
    packet.packetno = packets_++;
    if (ogg_stream_packetin(&stream_, &packet) != 0)
      return failure(ErrorCode::too_large, "the tags are too large for Ogg");
    return {};
  }

  void write_pages(int (*take_page)(ogg_stream_state*, ogg_page*)) {
    ogg_page page{};
    while (take_page(&stream_, &page) != 0) {
      file_->write({page.header, static_cast<std::size_t>(page.header_len)});
      file_->write({page.body, static_cast<std::size_t>(page.body_len)});
    }
  }

  av::OutputFile* file_;
  const OggMapping* mapping_;
  ogg_stream_state stream_{};
  std::int64_t packets_ = 0;
  int rate_ = 1;
  std::int64_t pre_skip_ = 0;
  Bytes held_;  // written when it is known whether it is the last
  std::int64_t held_granule_ = 0;
};

constexpr OggMapping vorbis_mapping{make_vorbis_headers, 0};
constexpr OggMapping opus_mapping{make_opus_headers, 48000};

}  // namespace

std::unique_ptr<Muxer> make_vorbis_muxer(av::OutputFile& file) {
  return std::make_unique<OggMuxer>(file, vorbis_mapping);
}
std::unique_ptr<Muxer> make_opus_muxer(av::OutputFile& file) { return std::make_unique<OggMuxer>(file, opus_mapping); }

}  // namespace decant::audio
