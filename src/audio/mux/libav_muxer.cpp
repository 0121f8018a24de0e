#include "audio/mux/libav_muxer.h"

#include "audio/av/error.h"

namespace decant::audio {

namespace {

Failure write_failure(int error) {
  return av::av_failure(ErrorCode::internal, "the result could not be written", error);
}

}  // namespace

LibavMuxer::LibavMuxer(av::OutputFile& file, const char* muxer, std::vector<Option> options)
    : file_(&file), muxer_(muxer), options_(std::move(options)) {}

Result<void> LibavMuxer::begin(const AVCodecParameters& stream, const Metadata& metadata) {
  AVFormatContext* context = nullptr;
  if (const int error = avformat_alloc_output_context2(&context, nullptr, muxer_, nullptr); error < 0)
    return write_failure(error);
  context_.reset(context);
  context->pb = file_->context();
  context->flags |= AVFMT_FLAG_CUSTOM_IO | AVFMT_FLAG_BITEXACT;
  context->flush_packets = 0;
  AVStream* made = avformat_new_stream(context, nullptr);
  if (made == nullptr) throw std::bad_alloc();
  time_base_ = {1, stream.sample_rate};
  made->time_base = time_base_;
  if (const int error = avcodec_parameters_copy(made->codecpar, &stream); error < 0) return write_failure(error);
  describe(*context, metadata);
  av::Dictionary options;
  for (const Option& option : options_) options.set(option.name.c_str(), option.value.c_str());
  if (const int error = avformat_write_header(context, options.address()); error < 0) {
    return av::av_failure(ErrorCode::unprocessable, "the container cannot hold such audio", error);
  }
  return {};
}

void LibavMuxer::describe(AVFormatContext&, const Metadata&) {}

Result<void> LibavMuxer::write(AVPacket& packet) {
  packet.stream_index = 0;
  av_packet_rescale_ts(&packet, time_base_, context_->streams[0]->time_base);
  if (const int error = av_write_frame(context_.get(), &packet); error < 0) return write_failure(error);
  return {};
}

Result<void> LibavMuxer::finish(std::int64_t) {
  if (const int error = av_write_trailer(context_.get()); error < 0) return write_failure(error);
  return {};
}

void add_chapters(AVFormatContext& context, const std::vector<Chapter>& chapters) {
  if (chapters.empty()) return;
  context.chapters = static_cast<AVChapter**>(av_calloc(chapters.size(), sizeof(AVChapter*)));
  if (context.chapters == nullptr) throw std::bad_alloc();
  for (const Chapter& chapter : chapters) {
    auto* entry = static_cast<AVChapter*>(av_mallocz(sizeof(AVChapter)));
    if (entry == nullptr) throw std::bad_alloc();
    entry->id = context.nb_chapters + 1;
    entry->time_base = {1, 1'000'000};
    entry->start = chapter.start.count();
    entry->end = chapter.end.count();
    av_dict_set(&entry->metadata, "title", chapter.title.c_str(), 0);
    context.chapters[context.nb_chapters++] = entry;
  }
}

}  // namespace decant::audio
