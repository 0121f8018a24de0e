#pragma once

// Everything of libav that src/audio uses, quiet under our warnings.
#pragma clang diagnostic push
#pragma clang diagnostic ignored "-Wconversion"
#pragma clang diagnostic ignored "-Wold-style-cast"
#pragma clang diagnostic ignored "-Wshadow"
extern "C" {
#include <libavcodec/avcodec.h>
#include <libavcodec/vorbis_parser.h>
#include <libavformat/avformat.h>
#include <libavutil/avutil.h>
#include <libavutil/base64.h>
#include <libavutil/channel_layout.h>
#include <libavutil/crc.h>
#include <libavutil/mathematics.h>
#include <libavutil/md5.h>
#include <libavutil/opt.h>
#include <libavutil/tx.h>
#include <libswresample/swresample.h>
}
#pragma clang diagnostic pop

namespace decant::audio::av {

/// AV_TIME_BASE_Q, which is no C++.
constexpr AVRational microseconds{1, AV_TIME_BASE};

}  // namespace decant::audio::av
