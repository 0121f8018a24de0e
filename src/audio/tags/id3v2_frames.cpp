#include "audio/tags/id3v2_frames.h"

#include <array>
#include <optional>

#include "audio/metadata.h"
#include "audio/tags/charset.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

using Bytes = std::span<const std::uint8_t>;

constexpr std::uint8_t tag_is_unsynchronised = 0x80;
constexpr std::uint8_t tag_has_extended_header = 0x40;

/// Where each version keeps what in a frame's flags.
struct FrameFlags {
  std::uint16_t has_group;
  std::uint16_t is_closed;  ///< compressed or encrypted
  std::uint16_t is_unsynchronised;
  std::uint16_t has_data_length;
};
constexpr FrameFlags flags_of_3{.has_group = 0x20, .is_closed = 0xC0, .is_unsynchronised = 0, .has_data_length = 0};
constexpr FrameFlags flags_of_4{
    .has_group = 0x40, .is_closed = 0x0C, .is_unsynchronised = 0x02, .has_data_length = 0x01};

struct OldId {
  std::string_view old;
  std::string_view id;
};
/// The frames of ID3v2.2 by their later names.
constexpr std::array old_ids = {
    OldId{"TT1", "TIT1"}, OldId{"TT2", "TIT2"}, OldId{"TT3", "TIT3"}, OldId{"TP1", "TPE1"}, OldId{"TP2", "TPE2"},
    OldId{"TP3", "TPE3"}, OldId{"TP4", "TPE4"}, OldId{"TCM", "TCOM"}, OldId{"TXT", "TEXT"}, OldId{"TLA", "TLAN"},
    OldId{"TCO", "TCON"}, OldId{"TAL", "TALB"}, OldId{"TPA", "TPOS"}, OldId{"TRK", "TRCK"}, OldId{"TRC", "TSRC"},
    OldId{"TYE", "TYER"}, OldId{"TDA", "TDAT"}, OldId{"TIM", "TIME"}, OldId{"TRD", "TRDA"}, OldId{"TMT", "TMED"},
    OldId{"TFT", "TFLT"}, OldId{"TBP", "TBPM"}, OldId{"TCP", "TCMP"}, OldId{"TCR", "TCOP"}, OldId{"TPB", "TPUB"},
    OldId{"TEN", "TENC"}, OldId{"TSS", "TSSE"}, OldId{"TOF", "TOFN"}, OldId{"TLE", "TLEN"}, OldId{"TSI", "TSIZ"},
    OldId{"TDY", "TDLY"}, OldId{"TKE", "TKEY"}, OldId{"TOT", "TOAL"}, OldId{"TOA", "TOPE"}, OldId{"TOL", "TOLY"},
    OldId{"TOR", "TORY"}, OldId{"TXX", "TXXX"}, OldId{"TST", "TSOT"}, OldId{"TSP", "TSOP"}, OldId{"TSA", "TSOA"},
    OldId{"TS2", "TSO2"}, OldId{"TSC", "TSOC"}, OldId{"WAF", "WOAF"}, OldId{"WAR", "WOAR"}, OldId{"WAS", "WOAS"},
    OldId{"WCM", "WCOM"}, OldId{"WCP", "WCOP"}, OldId{"WPB", "WPUB"}, OldId{"WXX", "WXXX"}, OldId{"IPL", "IPLS"},
    OldId{"ULT", "USLT"}, OldId{"SLT", "SYLT"}, OldId{"COM", "COMM"}, OldId{"RVA", "RVAD"}, OldId{"PIC", "APIC"},
    OldId{"GEO", "GEOB"}, OldId{"CNT", "PCNT"}, OldId{"POP", "POPM"}, OldId{"UFI", "UFID"}, OldId{"MCI", "MCDI"},
    OldId{"GP1", "GRP1"}, OldId{"MVN", "MVNM"}, OldId{"MVI", "MVIN"}};

std::string modern_id(std::string_view old) {
  const auto found = std::ranges::find(old_ids, old, &OldId::old);
  return std::string(found == old_ids.end() ? old : found->id);
}

/// Seven bits a byte; nothing where an eighth is set.
std::optional<std::size_t> parse_syncsafe(std::uint32_t value) {
  if ((value & 0x80808080) != 0) return std::nullopt;
  return (value & 0x7F) | (value & 0x7F00) >> 1 | (value & 0x7F0000) >> 2 | (value & 0x7F000000) >> 3;
}

/// Without the NULs that keep a frame from looking like MPEG audio.
std::vector<std::uint8_t> resynchronise(Bytes bytes) {
  std::vector<std::uint8_t> clean;
  clean.reserve(bytes.size());
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    clean.push_back(bytes[i]);
    if (bytes[i] == 0xFF && i + 1 < bytes.size() && bytes[i + 1] == 0) ++i;
  }
  return clean;
}

bool is_frame_id(std::string_view id) {
  return std::ranges::all_of(id, [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); });
}

/// The size field of an ID3v2.4 frame. Old iTunes wrote plain numbers there: then a frame, padding or the end follows
/// only where it is taken as such.
std::optional<std::size_t> size_of_4(Bytes rest, std::uint32_t field) {
  const auto syncsafe = parse_syncsafe(field);
  const auto leads_on = [&](std::size_t size) {
    constexpr std::size_t flags = 2;
    if (size + flags > rest.size()) return false;
    ByteReader next(rest.subspan(flags + size));
    const std::string_view id = next.text(4);
    return !next.ok() || id == std::string_view("\0\0\0\0", 4) || is_frame_id(id);
  };
  if (syncsafe && (field < 0x80 || leads_on(*syncsafe))) return syncsafe;
  if (leads_on(field)) return field;
  return syncsafe;
}

Id3v2Frame open_frame(std::string_view id, const FrameFlags& known, std::uint16_t flags, Bytes whole) {
  Id3v2Frame frame{.id = std::string(id), .body = {}};
  if ((flags & known.is_closed) != 0) {
    frame.state = Id3v2Frame::State::closed;
    return frame;
  }
  ByteReader in(whole);
  if ((flags & known.has_group) != 0) in.take(1);
  if ((flags & known.has_data_length) != 0) in.take(4);
  const Bytes body = in.take(in.left());
  if ((flags & known.is_unsynchronised) != 0) {
    frame.body = resynchronise(body);
  } else {
    frame.body.assign(body.begin(), body.end());
  }
  return frame;
}

Id3v2Frame cut_frame(std::string id) { return {.id = std::move(id), .body = {}, .state = Id3v2Frame::State::cut}; }

void skip_extended_header(ByteReader& in, int version) {
  const std::uint32_t field = in.be32();
  // In ID3v2.3 the size leaves itself out.
  const std::size_t size = version == 3 ? field : std::max<std::size_t>(parse_syncsafe(field).value_or(4), 4) - 4;
  in.take(std::min(size, in.left()));
}

/// `more_flags` stand for each frame of ID3v2.4.
std::vector<Id3v2Frame> split_frames(Bytes bytes, int version, std::uint16_t more_flags) {
  ByteReader in(bytes);
  std::vector<Id3v2Frame> frames;
  while (in.ok() && in.left() > 0 && frames.size() < most_values_read) {
    const std::string_view id = in.text(version == 2 ? 3 : 4);
    // Padding, or damage.
    if (!in.ok() || !is_frame_id(id)) break;
    if (version == 2) {
      const auto length = static_cast<std::size_t>(in.big_endian(3));
      const Bytes whole = in.take(length);
      frames.push_back(in.ok() ? Id3v2Frame{modern_id(id), {whole.begin(), whole.end()}} : cut_frame(modern_id(id)));
      continue;
    }
    const std::uint32_t field = in.be32();
    const auto length = version == 3 ? std::optional<std::size_t>(field) : size_of_4(in.peek(), field);
    const auto frame_flags = static_cast<std::uint16_t>(in.big_endian(2) | (version == 4 ? more_flags : 0));
    const Bytes whole = in.take(length.value_or(in.left() + 1));
    frames.push_back(in.ok() ? open_frame(id, version == 3 ? flags_of_3 : flags_of_4, frame_flags, whole)
                             : cut_frame(std::string(id)));
  }
  return frames;
}

}  // namespace

std::size_t id3v2_size(Bytes header) {
  ByteReader in(header);
  const bool is_id3v2 = in.text(3) == "ID3";
  in.take(3);
  const auto size = parse_syncsafe(in.be32());
  return is_id3v2 && in.ok() && size ? id3v2_header_size + *size : 0;
}

Id3v2Frames split_id3v2(Bytes tag) {
  ByteReader head(tag);
  if (head.text(3) != "ID3") return {};
  const int version = head.u8();
  head.u8();  // the revision
  const std::uint8_t flags = head.u8();
  const auto size = parse_syncsafe(head.be32());
  if (!size || version < 2 || version > 4) return {};
  Bytes body = head.take(std::min(*size, head.left()));
  std::vector<std::uint8_t> clean;
  const bool is_unsynchronised = (flags & tag_is_unsynchronised) != 0;
  if (is_unsynchronised && version < 4) {
    clean = resynchronise(body);
    body = clean;
  }
  ByteReader in(body);
  if (version > 2 && (flags & tag_has_extended_header) != 0) skip_extended_header(in, version);

  return {version, split_frames(in.peek(), version, is_unsynchronised ? flags_of_4.is_unsynchronised : 0)};
}

std::vector<Id3v2Frame> split_id3v2_frames(Bytes frames, int version) { return split_frames(frames, version, 0); }

Id3v2Text::Id3v2Text(Bytes body)
    : encoding_(body.empty() ? 0 : body.front()), left_(body.empty() ? body : body.subspan(1)) {}

Bytes Id3v2Text::take(std::size_t count) {
  const Bytes taken = left_.first(std::min(count, left_.size()));
  left_ = left_.subspan(taken.size());
  return taken;
}

std::string Id3v2Text::string() {
  const bool is_wide = encoding_ == 1 || encoding_ == 2;
  const std::size_t width = is_wide ? 2 : 1;
  std::size_t end = 0;
  while (end + width <= left_.size() && (left_[end] != 0 || left_[end + width - 1] != 0)) end += width;
  const Bytes text = take(std::min(end, left_.size()));
  take(width);
  if (is_wide) return from_utf16(text, encoding_ == 1 ? ByteOrder::little_endian : ByteOrder::big_endian);
  const std::string_view bytes(reinterpret_cast<const char*>(text.data()), text.size());
  return encoding_ == 0 ? from_latin1(bytes) : std::string(bytes);
}

std::string Id3v2Text::latin1_string() {
  const std::uint8_t encoding = std::exchange(encoding_, 0);
  std::string text = string();
  encoding_ = encoding;
  return text;
}

std::vector<std::string> Id3v2Text::strings() {
  std::vector<std::string> found;
  while (!left_.empty() && found.size() < most_values_read) {
    if (std::string text = string(); !text.empty()) found.push_back(std::move(text));
  }
  return found;
}

}  // namespace decant::audio
