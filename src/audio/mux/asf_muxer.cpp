#include "audio/mux/asf_muxer.h"

#include "audio/mux/libav_muxer.h"
#include "audio/tags/asf.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

// How libavformat begins its header object: 30 bytes, the File Properties Object of 104, the Header Extension Object of
// 46, which is empty. Only one such object may stand there, so what belongs into it is put behind it, and its size
// mended.
constexpr ByteCount header_size_position = 16;
constexpr ByteCount object_count_position = 24;
constexpr ByteCount file_size_position = 70;
constexpr ByteCount extension_size_position = 150;
constexpr ByteCount extension_data_size_position = 176;
constexpr ByteCount end_of_extension = 180;
constexpr std::uint64_t empty_extension_size = 46;
// Properties, extension, stream and codec; it does not count the one with markers.
constexpr std::uint32_t plain_objects = 4;
// The header of the Data Object, which libavformat writes with the header object.
constexpr ByteCount data_header_size = 50;

class AsfMuxer final : public LibavMuxer {
 public:
  explicit AsfMuxer(av::OutputFile& file) : LibavMuxer(file, "asf", {}) {}

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override {
    metadata_ = make_asf_metadata(metadata);
    ByteWriter inserted;
    inserted.bytes(metadata_.extension);
    inserted.bytes(metadata_.objects);
    inserted_ = inserted.size();
    objects_ = plain_objects + static_cast<std::uint32_t>(metadata_.object_count) + (metadata.chapters.empty() ? 0 : 1);
    if (inserted_ > 0) file().insert(end_of_extension, inserted.get());
    DECANT_CHECK(LibavMuxer::begin(stream, metadata));
    header_size_ = static_cast<std::uint64_t>(file().position() - data_header_size);
    return {};
  }

  Result<void> finish(std::int64_t samples) override {
    DECANT_CHECK(LibavMuxer::finish(samples));
    file().seek_to_end();
    const auto file_size = static_cast<std::uint64_t>(file().position());
    overwrite64(header_size_position, header_size_ + inserted_);
    overwrite32(object_count_position, objects_);
    overwrite64(file_size_position, file_size + inserted_);
    overwrite64(extension_size_position, empty_extension_size + metadata_.extension.size());
    overwrite32(extension_data_size_position, static_cast<std::uint32_t>(metadata_.extension.size()));
    return {};
  }

 protected:
  void describe(AVFormatContext& context, const Metadata& metadata) override {
    add_chapters(context, metadata.chapters);
  }

 private:
  void overwrite32(ByteCount position, std::uint32_t value) {
    ByteWriter field;
    field.le32(value);
    file().overwrite(position, field.get());
  }
  void overwrite64(ByteCount position, std::uint64_t value) {
    ByteWriter field;
    field.le64(value);
    file().overwrite(position, field.get());
  }

  AsfMetadata metadata_;
  std::uint64_t inserted_ = 0;
  std::uint64_t header_size_ = 0;
  std::uint32_t objects_ = 0;
};

}  // namespace

std::unique_ptr<Muxer> make_asf_muxer(av::OutputFile& file) { return std::make_unique<AsfMuxer>(file); }

}  // namespace decant::audio
