#pragma once

#include "audio/mux/muxer.h"

namespace decant::audio {

/// A container that libavformat writes. Derived muxers put their own tags around it.
class LibavMuxer : public Muxer {
 public:
  struct Option {
    std::string name;
    std::string value;
  };
  LibavMuxer(av::OutputFile& file, const char* muxer, std::vector<Option> options);

  Result<void> begin(const AVCodecParameters& stream, const Metadata& metadata) override;
  Result<void> write(AVPacket& packet) override;
  Result<void> finish(std::int64_t samples) override;

 protected:
  void add_option(Option option) { options_.push_back(std::move(option)); }
  [[nodiscard]] av::OutputFile& file() const { return *file_; }
  /// Lets a derived muxer tell libavformat of metadata that it writes itself; before the header.
  virtual void describe(AVFormatContext& context, const Metadata& metadata);

 private:
  av::OutputFile* file_;
  const char* muxer_;
  std::vector<Option> options_;
  av::OutputContext context_;
  AVRational time_base_{};
};

/// Gives libavformat the chapters to write.
void add_chapters(AVFormatContext& context, const std::vector<Chapter>& chapters);

}  // namespace decant::audio
