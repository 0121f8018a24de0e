#include "audio/engine.h"

#include <malloc.h>
#include <pthread.h>

#include "audio/formats/format.h"
#include "audio/sniff.h"
#include "audio/source.h"

namespace decant::audio {

namespace {

// The largest single piece of memory that a file can make libav ask for.
constexpr std::size_t most_bytes_at_once = 256 * 1024 * 1024;
constexpr std::size_t thread_stack = 2 * 1024 * 1024;
constexpr int most_heaps = 4;

/// The first opening of a codec computes its tables and resolves its library's symbols.
void open_once(const AVCodec* codec) {
  if (codec == nullptr) return;
  const auto context = av::must<av::CodecContext>(avcodec_alloc_context3(codec));
  context->sample_rate = 48000;
  av_channel_layout_default(&context->ch_layout, 2);
  if (av_codec_is_encoder(codec) != 0) {
    context->sample_fmt = codec->sample_fmts[0];
    context->bit_rate = 128'000;
  }
  avcodec_open2(context.get(), codec, nullptr);
}

}  // namespace

const tasks::FormatCatalog& catalog() {
  static const tasks::FormatCatalog all = [] {
    tasks::FormatCatalog made;
    for (const Format* format : formats()) made.targets.push_back(format->target);
    for (const Container& container : containers()) made.sources.emplace_back(container.title);
    return made;
  }();
  return all;
}

void set_up() {
  av_log_set_level(AV_LOG_QUIET);
  av_max_alloc(most_bytes_at_once);
  // Threads of a job share its limit of address space: small stacks, and no heap for each.
  pthread_attr_t attributes{};
  pthread_attr_init(&attributes);
  pthread_attr_setstacksize(&attributes, thread_stack);
  pthread_setattr_default_np(&attributes);
  pthread_attr_destroy(&attributes);
  mallopt(M_ARENA_MAX, most_heaps);
}

std::vector<std::string_view> libraries(tasks::ConverterDuty duty) {
  std::vector<std::string_view> names = {"libz.", "libbz2.", "liblzma.",
                                         // Where libavformat has all its demuxers look at some bytes, to learn what a
                                         // stream of unknown kind is, these do, too.
                                         "libopenmpt.", "libgme."};
  if (duty == tasks::ConverterDuty::everything) {
    names.insert(names.end(), {"libmp3lame.", "libopus.", "libvorbis.", "libvorbisenc.", "libsoxr.", "libgomp."});
  }
  return names;
}

void preload(tasks::ConverterDuty duty) {
  static_cast<void>(allowed_demuxers());
  static_cast<void>(allowed_decoders());
  for (const AVCodecID id : {AV_CODEC_ID_MP3, AV_CODEC_ID_VORBIS, AV_CODEC_ID_OPUS, AV_CODEC_ID_FLAC, AV_CODEC_ID_AAC,
                             AV_CODEC_ID_ALAC, AV_CODEC_ID_WMAV2, AV_CODEC_ID_AC3, AV_CODEC_ID_PCM_S16LE}) {
    open_once(find_decoder(id));
  }
  if (duty == tasks::ConverterDuty::probes) return;
  for (const char* name : {"libmp3lame", "libvorbis", "libopus", "flac", "aac", "alac", "wmav2"}) {
    open_once(avcodec_find_encoder_by_name(name));
  }
}

}  // namespace decant::audio
