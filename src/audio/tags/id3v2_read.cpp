#include "audio/tags/id3v2_read.h"

#include <array>
#include <charconv>

#include "audio/tags/charset.h"
#include "audio/tags/id3v1.h"
#include "audio/tags/id3v2_frames.h"
#include "audio/tags/names.h"
#include "base/bytes.h"
#include "tasks/picture.h"

namespace decant::audio {

namespace {

using Bytes = std::span<const std::uint8_t>;

std::string to_text(Bytes bytes) { return from_latin1({reinterpret_cast<const char*>(bytes.data()), bytes.size()}); }

/// Three letters; nothing where they stand for no language.
std::string read_language(Id3v2Text& in) {
  std::string language = to_text(in.take(3));
  const bool has_letters = language.size() == 3 && std::ranges::all_of(language, [](char c) {
                             return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                           });
  if (!has_letters || equals_ignoring_case(language, "XXX") || equals_ignoring_case(language, "und")) return {};
  return language;
}

void add_texts(const std::string& name, Id3v2Text& in, Metadata& metadata, std::string_view language = {},
               std::string_view description = {}) {
  for (std::string& value : in.strings())
    metadata.tags.push_back({name, std::move(value), std::string(language), std::string(description)});
}

void read_text(const Id3v2Frame& frame, Metadata& metadata) {
  Id3v2Text in(frame.body);
  add_texts(common_tag_name(TagHolder::id3v2, frame.id), in, metadata);
}

void read_custom_text(const Id3v2Frame& frame, Metadata& metadata) {
  Id3v2Text in(frame.body);
  const std::string name = in.string();
  add_texts(common_tag_name(name.empty() ? frame.id : name), in, metadata);
}

/// Genres may be numbers of ID3v1: "17" in ID3v2.4, "(17)" before it, where "((" stands for a bracket itself.
void read_genre(const Id3v2Frame& frame, Metadata& metadata) {
  Id3v2Text in(frame.body);
  const auto add = [&](std::string value) {
    std::size_t number = 0;
    const char* const end = value.data() + value.size();
    const auto [stopped, problem] = std::from_chars(value.data(), end, number);
    const std::string_view name =
        problem == std::errc{} && stopped == end ? genre_name(std::min<std::size_t>(number, 255)) : std::string_view();
    if (!name.empty()) value = name;
    if (value == "RX") value = "Remix";
    if (value == "CR") value = "Cover";
    metadata.tags.push_back({"genre", std::move(value)});
  };
  for (std::string_view rest : std::vector<std::string>(in.strings())) {
    std::string bracketed;
    while (rest.starts_with('(') && !rest.starts_with("((") && rest.contains(')')) {
      bracketed = rest.substr(1, rest.find(')') - 1);
      rest.remove_prefix(bracketed.size() + 2);
      // "(17)Rock" tells the same twice.
      if (rest.empty() || rest.starts_with('(')) add(bracketed);
    }
    if (rest.starts_with("((")) rest.remove_prefix(1);
    if (!rest.empty()) add(std::string(rest));
  }
}

void read_comment(const Id3v2Frame& frame, Metadata& metadata) {
  Id3v2Text in(frame.body);
  const std::string language = read_language(in);
  const std::string description = in.string();
  // iTunes hides numbers of its own there.
  if (description.starts_with("iTun")) return add_texts(description, in, metadata);
  add_texts(common_tag_name(TagHolder::id3v2, frame.id), in, metadata, language, description);
}

void read_lyrics_in_time(const Id3v2Frame& frame, Metadata& metadata) {
  Id3v2Text in(frame.body);
  const std::string language = read_language(in);
  const Bytes kinds = in.take(2);
  constexpr std::uint8_t milliseconds = 2;
  constexpr std::uint8_t lyrics = 1;
  if (kinds.size() < 2 || kinds[0] != milliseconds || kinds[1] != lyrics) {
    metadata.unread.push_back({"SYLT", "only lyrics with times in milliseconds can be told as text"});
    return;
  }
  const std::string description = in.string();
  std::string lrc;
  while (!in.is_at_end()) {
    std::string line = in.string();
    ByteReader time(in.take(4));
    const std::uint32_t ms = time.be32();
    if (!time.ok()) break;
    // A line feed at the start tells that a new line begins.
    std::erase(line, '\n');
    lrc += fmt::format("{}[{:02}:{:02}.{:02}]{}", lrc.empty() ? "" : "\n", ms / 60'000, ms / 1000 % 60, ms % 1000 / 10,
                       line);
  }
  if (!lrc.empty()) metadata.tags.push_back({"SYNCEDLYRICS", std::move(lrc), language, description});
}

void read_url(const Id3v2Frame& frame, Metadata& metadata) {
  const std::string text = to_text(frame.body);
  std::string value = text.substr(0, text.find('\0'));
  if (!value.empty()) metadata.tags.push_back({common_tag_name(TagHolder::id3v2, frame.id), std::move(value)});
}

void read_described_url(const Id3v2Frame& frame, Metadata& metadata) {
  Id3v2Text in(frame.body);
  std::string description = in.string();
  std::string value = in.latin1_string();
  if (!value.empty()) metadata.tags.push_back({"URL", std::move(value), {}, std::move(description)});
}

void read_file_id(const Id3v2Frame& frame, Metadata& metadata) {
  ByteReader in(frame.body);
  const std::string owner(in.text_until_nul());
  const std::string name = common_tag_name(TagHolder::id3v2, "UFID:" + owner);
  if (name.starts_with("UFID:")) {
    metadata.unread.push_back({clean_text(name, 256), "nobody else reads such an identifier"});
    return;
  }
  metadata.tags.push_back({name, to_text(in.peek())});
}

/// Roles and names in turns.
void read_people(const Id3v2Frame& frame, Metadata& metadata) {
  struct Role {
    std::string_view role;
    std::string_view name;
  };
  static constexpr std::array roles = {Role{"arranger", "arranger"}, Role{"engineer", "engineer"},
                                       Role{"producer", "producer"}, Role{"DJ-mix", "djmixer"}, Role{"mix", "mixer"}};
  Id3v2Text in(frame.body);
  while (!in.is_at_end()) {
    const std::string role = in.string();
    std::string person = in.string();
    if (person.empty()) continue;
    const auto known = std::ranges::find_if(roles, [&](const Role& r) { return equals_ignoring_case(r.role, role); });
    if (known != roles.end()) {
      metadata.tags.push_back({std::string(known->name), std::move(person)});
    } else {
      metadata.tags.push_back({"performer", role.empty() ? person : fmt::format("{} ({})", person, role)});
    }
  }
}

/// "ID3 tag version 2.4.0 - Native Frames" section 4.11; of its channels the master volume alone.
void read_gain(const Id3v2Frame& frame, Metadata& metadata) {
  ByteReader in(frame.body);
  const std::string_view purpose = in.text_until_nul();
  const std::string kind = equals_ignoring_case(purpose, "album") ? "ALBUM" : "TRACK";
  while (in.ok() && in.left() >= 4) {
    constexpr std::uint8_t master = 1;
    const bool is_master = in.u8() == master;
    const auto gain = static_cast<std::int16_t>(in.big_endian(2));
    const std::size_t peak_bits = in.u8();
    const Bytes peak = in.take((peak_bits + 7) / 8);
    if (!is_master || !in.ok()) continue;
    metadata.tags.push_back({fmt::format("REPLAYGAIN_{}_GAIN", kind), fmt::format("{:.2f} dB", gain / 512.0)});
    if (peak.size() != 2) continue;
    metadata.tags.push_back(
        {fmt::format("REPLAYGAIN_{}_PEAK", kind), fmt::format("{:.6f}", (peak[0] << 8 | peak[1]) / 32768.0)});
  }
}

void read_picture(const Id3v2Frame& frame, bool has_short_format, Metadata& metadata) {
  Id3v2Text in(frame.body);
  std::string format;
  if (has_short_format) {
    format = to_text(in.take(3));
  } else {
    format = in.latin1_string();
  }
  const Bytes type = in.take(1);
  Picture picture;
  picture.type = type.empty() || type[0] > 20 ? 0 : type[0];
  picture.description = in.string();
  const Bytes data = in.rest();
  if (format == "-->") {
    metadata.unread.push_back({"APIC", "a picture that stands elsewhere, under a URL"});
    return;
  }
  if (data.empty()) return;
  picture.data.assign(data.begin(), data.end());
  picture.mime_type = tasks::sniff_picture(picture.data);
  metadata.pictures.push_back(std::move(picture));
}

/// Of a chapter ("ID3v2 Chapter Frame Addendum" section 3.1) its times and title are libavformat's to tell.
void read_chapter(const Id3v2Frame& frame, int version, Metadata& metadata) {
  constexpr std::size_t times = 16;
  ByteReader in(frame.body);
  in.text_until_nul();
  in.take(times);
  for (const Id3v2Frame& part : split_id3v2_frames(in.peek(), version)) {
    if (part.id == "TIT2" || metadata.unread.size() >= most_values_read) continue;
    metadata.unread.push_back({"CHAP:" + part.id, part.id == "APIC"
                                                      ? "a picture of a chapter: only titles are carried over"
                                                      : "of chapters only titles are carried over"});
  }
}

/// Before ID3v2.4 a date stands in three frames (id3.org, ID3v2.3 section 4.2.1): TYER "2001", TDAT "2403" for the 24th
/// of March, TIME "1830".
struct OldDate {
  std::string year;
  std::string day_and_month;
  std::string time;

  std::string* find_part(std::string_view id) {
    return id == "TYER" ? &year : id == "TDAT" ? &day_and_month : id == "TIME" ? &time : nullptr;
  }
  [[nodiscard]] std::string together() const {
    std::string date = year;
    if (year.size() != 4 || day_and_month.size() != 4) return date;
    date += fmt::format("-{}-{}", day_and_month.substr(2), day_and_month.substr(0, 2));
    if (time.size() == 4) date += fmt::format("T{}:{}", time.substr(0, 2), time.substr(2));
    return date;
  }
};

struct FrameReader {
  std::string_view id;
  void (*read)(const Id3v2Frame& frame, Metadata& metadata);
};
constexpr std::array frame_readers = {
    FrameReader{"TXXX", read_custom_text}, FrameReader{"TCON", read_genre}, FrameReader{"TIPL", read_people},
    FrameReader{"TMCL", read_people}, FrameReader{"IPLS", read_people}, FrameReader{"COMM", read_comment},
    FrameReader{"USLT", read_comment}, FrameReader{"SYLT", read_lyrics_in_time},
    FrameReader{"WXXX", read_described_url}, FrameReader{"UFID", read_file_id}, FrameReader{"RVA2", read_gain},
    FrameReader{"GRP1", read_text}, FrameReader{"MVNM", read_text}, FrameReader{"MVIN", read_text},
    FrameReader{"WFED", read_text},
    // iTunes gives it four bytes where it is set, and no text.
    FrameReader{"PCST", [](const Id3v2Frame&, Metadata& metadata) { metadata.tags.push_back({"podcast", "1"}); }}};

void read_frame(const Id3v2Frame& frame, int version, Metadata& metadata) {
  if (frame.state != Id3v2Frame::State::whole) {
    metadata.unread.push_back({frame.id, frame.state == Id3v2Frame::State::cut ? "it is cut short in the file"
                                                                               : "a compressed or encrypted frame"});
    return;
  }
  if (frame.id == "CHAP") return read_chapter(frame, version, metadata);
  if (frame.id == "CTOC") return;
  if (frame.id == "APIC") return read_picture(frame, version == 2, metadata);
  const auto known = std::ranges::find(frame_readers, frame.id, &FrameReader::id);
  if (known != frame_readers.end()) return known->read(frame, metadata);
  if (frame.id.starts_with('T')) return read_text(frame, metadata);
  if (frame.id.starts_with('W')) return read_url(frame, metadata);
  metadata.unread.push_back({frame.id, "it has a meaning for ID3v2 and single programs only"});
}

}  // namespace

Metadata parse_id3v2(Bytes tag) {
  const Id3v2Frames found = split_id3v2(tag);
  Metadata metadata;
  // Where the same is told by a newer or more exact frame too.
  Metadata less_exact;
  OldDate old_date;
  for (const Id3v2Frame& frame : found.frames) {
    if (metadata.tags.size() >= most_values_read) break;
    if (std::string* part = frame.state == Id3v2Frame::State::whole ? old_date.find_part(frame.id) : nullptr) {
      *part = Id3v2Text(frame.body).string();
    } else {
      read_frame(frame, found.version, frame.id == "RVA2" ? less_exact : metadata);
    }
  }
  if (std::string date = old_date.together(); !date.empty()) less_exact.tags.push_back({"date", std::move(date)});
  add_missing(std::move(less_exact), metadata);
  return metadata;
}

}  // namespace decant::audio
