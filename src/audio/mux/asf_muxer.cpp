#include "audio/mux/asf_muxer.h"

#include "audio/mux/libav_muxer.h"

namespace decant::audio {

namespace {

class AsfMuxer final : public LibavMuxer {
 public:
  explicit AsfMuxer(av::OutputFile& file) : LibavMuxer(file, "asf", {}) {}

 protected:
  void describe(AVFormatContext& context, const Metadata& metadata) override {
    // An attribute stands once: further values follow in it.
    for (const tasks::Tag& tag : metadata.tags) {
      const bool is_first = av_dict_get(context.metadata, tag.name.c_str(), nullptr, 0) == nullptr;
      const std::string value = (is_first ? "" : "; ") + tag.value;
      av_dict_set(&context.metadata, tag.name.c_str(), value.c_str(), AV_DICT_APPEND);
    }
    add_chapters(context, metadata.chapters);
  }
};

}  // namespace

std::unique_ptr<Muxer> make_asf_muxer(av::OutputFile& file) { return std::make_unique<AsfMuxer>(file); }

}  // namespace decant::audio
