// The exact length of a sound track in MP4 (ISO 14496-12): the media's own duration, from where the edit list begins.
// libavformat takes the end from the edit list alone, which often counts in milliseconds and so cuts some samples off.
#include "audio/completeness/completeness.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

constexpr int most_boxes = 10'000;

struct Box {
  ByteCount body = 0;
  ByteCount end = 0;
};

/// The first box of that type among the children in [begin, end), from `begin` on.
std::optional<Box> find_box(const FileView& file, std::string_view type, ByteCount begin, ByteCount end) {
  for (int boxes = 0; boxes < most_boxes && begin < end; ++boxes) {
    const auto header = file.read(begin, 16);
    ByteReader in(header);
    std::uint64_t size = in.be32();
    const std::string_view name = in.text(4);
    const bool is_large = size == 1;
    if (is_large) size = in.big_endian(8);
    if (!in.ok() || size < 8 || size > static_cast<std::uint64_t>(end - begin)) return std::nullopt;
    const Box box{begin + (is_large ? 16 : 8), begin + static_cast<ByteCount>(size)};
    if (name == type) return box;
    begin = box.end;
  }
  return std::nullopt;
}

std::vector<std::uint8_t> read_body(const FileView& file, const Box& box, std::size_t most) {
  return file.read(box.body,
                   static_cast<std::size_t>(std::min<ByteCount>(box.end - box.body, static_cast<ByteCount>(most))));
}

struct Length {
  std::uint64_t time_scale = 0;  ///< units a second
  std::uint64_t duration = 0;
};

/// mvhd and mdhd begin alike: version, two dates, time scale, duration.
Length read_length(const FileView& file, const Box& box) {
  const auto body = read_body(file, box, 32);
  ByteReader in(body);
  const std::size_t wide = in.u8() == 1 ? 8 : 4;
  in.take(3 + 2 * wide);
  const std::uint64_t time_scale = in.be32();
  const std::uint64_t duration = in.big_endian(wide);
  return in.ok() ? Length{time_scale, duration} : Length{};
}

struct Edit {
  std::uint64_t duration = 0;  ///< in the movie's time scale
  std::uint64_t start = 0;     ///< in the media's
};

/// The edit list's only entry; nothing where it has several, or an empty one.
std::optional<Edit> read_only_edit(const FileView& file, const Box& box) {
  const auto body = read_body(file, box, 32);
  ByteReader in(body);
  const std::size_t wide = in.u8() == 1 ? 8 : 4;
  in.take(3);
  if (in.be32() != 1) return std::nullopt;
  const std::uint64_t duration = in.big_endian(wide);
  const std::uint64_t start = in.big_endian(wide);
  const bool is_empty = start >> (8 * wide - 1) != 0;
  if (!in.ok() || is_empty) return std::nullopt;
  return Edit{duration, start};
}

bool is_sound(const FileView& file, const Box& media) {
  const auto handler = find_box(file, "hdlr", media.body, media.end);
  if (!handler) return false;
  const auto body = read_body(file, *handler, 12);
  ByteReader in(body);
  in.take(8);
  return in.text(4) == "soun";
}

/// The length of one track's sound; nothing where the edit list takes a part of it or is not understood.
Claims read_track(const FileView& file, const Box& track, const Box& media, const Length& movie) {
  const auto header = find_box(file, "mdhd", media.body, media.end);
  if (!header) return {};
  const Length length = read_length(file, *header);
  // Fragments (moof) leave the duration at zero.
  if (length.time_scale == 0 || length.time_scale > 1'000'000 || length.duration == 0 || length.duration > (1ULL << 40))
    return {};
  std::uint64_t samples = length.duration;
  if (const auto edits = find_box(file, "edts", track.body, track.end)) {
    const auto list = find_box(file, "elst", edits->body, edits->end);
    const auto edit = list ? read_only_edit(file, *list) : std::nullopt;
    if (!edit || edit->start >= length.duration || movie.time_scale == 0 || edit->duration > (1ULL << 40)) return {};
    samples -= edit->start;
    // The edit may end before the media does, by more than its coarser scale explains: then that is the end.
    const std::uint64_t shown = edit->duration * length.time_scale / movie.time_scale;
    const std::uint64_t tick = length.time_scale / movie.time_scale + 1;
    if (edit->duration != 0 && shown + tick < samples) samples = shown;
  }
  return {static_cast<std::int64_t>(samples), static_cast<int>(length.time_scale)};
}

}  // namespace

Claims read_mp4_claims(const FileView& file, ByteCount begin, ByteCount end) {
  const auto movie = find_box(file, "moov", begin, end);
  if (!movie) return {};
  const auto header = find_box(file, "mvhd", movie->body, movie->end);
  const Length length = header ? read_length(file, *header) : Length{};
  ByteCount position = movie->body;
  for (int tracks = 0; tracks < 64; ++tracks) {
    const auto track = find_box(file, "trak", position, movie->end);
    if (!track) break;
    position = track->end;
    const auto media = find_box(file, "mdia", track->body, track->end);
    if (media && is_sound(file, *media)) return read_track(file, *track, *media, length);
  }
  return {};
}

}  // namespace decant::audio
