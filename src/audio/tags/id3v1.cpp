#include "audio/tags/id3v1.h"

#include "audio/tags/charset.h"
#include "base/bytes.h"

namespace decant::audio {

namespace {

constexpr std::string_view genre_names =
    "Blues|Classic Rock|Country|Dance|Disco|Funk|Grunge|Hip-Hop|Jazz|Metal|New "
    "Age|Oldies|Other|Pop|R&B|Rap|Reggae|Rock|"
    "Techno|Industrial|Alternative|Ska|Death Metal|Pranks|Soundtrack|Euro-Techno|Ambient|Trip-Hop|Vocal|Jazz+Funk|"
    "Fusion|Trance|Classical|Instrumental|Acid|House|Game|Sound Clip|Gospel|Noise|AlternRock|Bass|Soul|Punk|Space|"
    "Meditative|Instrumental Pop|Instrumental Rock|Ethnic|Gothic|Darkwave|Techno-Industrial|Electronic|Pop-Folk|"
    "Eurodance|Dream|Southern Rock|Comedy|Cult|Gangsta|Top 40|Christian Rap|Pop/Funk|Jungle|Native American|Cabaret|"
    "New Wave|Psychedelic|Rave|Showtunes|Trailer|Lo-Fi|Tribal|Acid Punk|Acid Jazz|Polka|Retro|Musical|Rock & Roll|"
    "Hard Rock|Folk|Folk-Rock|National Folk|Swing|Fast Fusion|Bebob|Latin|Revival|Celtic|Bluegrass|Avantgarde|"
    "Gothic Rock|Progressive Rock|Psychedelic Rock|Symphonic Rock|Slow Rock|Big Band|Chorus|Easy Listening|Acoustic|"
    "Humour|Speech|Chanson|Opera|Chamber Music|Sonata|Symphony|Booty Bass|Primus|Porn Groove|Satire|Slow Jam|Club|"
    "Tango|Samba|Folklore|Ballad|Power Ballad|Rhythmic Soul|Freestyle|Duet|Punk Rock|Drum Solo|A Cappella|Euro-House|"
    "Dance Hall";

}  // namespace

std::string_view genre_name(std::size_t number) {
  std::string_view names = genre_names;
  for (; number > 0; --number) {
    const std::size_t bar = names.find('|');
    if (bar == std::string_view::npos) return {};
    names.remove_prefix(bar + 1);
  }
  return names.substr(0, names.find('|'));
}

Metadata parse_id3v1(std::span<const std::uint8_t> tag) {
  ByteReader in(tag);
  if (tag.size() < std::size_t{id3v1_size} || in.text(3) != "TAG") return {};
  Metadata metadata;
  const auto add = [&](std::string_view name, std::string_view field) {
    // Fields are filled up with NULs, or with spaces.
    field = field.substr(0, field.find('\0'));
    field = field.substr(0, field.find_last_not_of(' ') + 1);
    if (!field.empty()) metadata.tags.push_back({std::string(name), from_utf8_or_latin1(field)});
  };
  add("title", in.text(30));
  add("artist", in.text(30));
  add("album", in.text(30));
  add("date", in.text(4));
  const std::string_view comment = in.text(30);
  add("comment", comment);
  // ID3v1.1: a number behind a NUL in the comment's last two bytes.
  if (comment[28] == '\0' && comment[29] != '\0') add("track", std::to_string(static_cast<unsigned char>(comment[29])));
  add("genre", genre_name(in.u8()));
  return metadata;
}

}  // namespace decant::audio
