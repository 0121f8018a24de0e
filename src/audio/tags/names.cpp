#include "audio/tags/names.h"

#include <array>

namespace decant::audio {

namespace {

struct TagName {
  std::string_view common;
  std::string_view id3v2;
  std::string_view vorbis;
  std::string_view itunes;
  std::string_view asf;
};

// libavformat's common names where it has one; sources: id3.org ID3v2.4 section 4, xiph.org vorbiscomment and the field
// names that taggers agree on, Apple's iTunes metadata, Microsoft's WM attributes.
constexpr std::array names = {
    TagName{"title", "TIT2", "TITLE", "\xA9nam", "Title"},
    TagName{"artist", "TPE1", "ARTIST",
            "\xA9"
            "ART",
            "Author"},
    TagName{"album", "TALB", "ALBUM",
            "\xA9"
            "alb",
            "WM/AlbumTitle"},
    TagName{"album_artist", "TPE2", "ALBUMARTIST", "aART", "WM/AlbumArtist"},
    TagName{"composer", "TCOM", "COMPOSER", "\xA9wrt", "WM/Composer"},
    TagName{"genre", "TCON", "GENRE", "\xA9gen", "WM/Genre"},
    TagName{"date", "TDRC", "DATE",
            "\xA9"
            "day",
            "WM/Year"},
    TagName{"track", "TRCK", "TRACKNUMBER", "trkn", "WM/TrackNumber"},
    TagName{"disc", "TPOS", "DISCNUMBER", "disk", "WM/PartOfSet"},
    TagName{"comment", "COMM", "COMMENT",
            "\xA9"
            "cmt",
            "Description"},
    TagName{"description", "", "DESCRIPTION", "desc", ""},
    TagName{"copyright", "TCOP", "COPYRIGHT", "cprt", "Copyright"},
    TagName{"publisher", "TPUB", "PUBLISHER", "", "WM/Publisher"},
    TagName{"encoded_by", "TENC", "ENCODEDBY", "", "WM/EncodedBy"},
    TagName{"language", "TLAN", "LANGUAGE", "", "WM/Language"},
    TagName{"performer", "TPE3", "PERFORMER", "", ""},
    TagName{"lyrics", "USLT", "LYRICS", "\xA9lyr", "WM/Lyrics"},
    TagName{"grouping", "TIT1", "GROUPING", "\xA9grp", "WM/ContentGroupDescription"},
    TagName{"compilation", "TCMP", "COMPILATION", "cpil", "WM/IsCompilation"},
    TagName{"bpm", "TBPM", "BPM", "tmpo", "WM/BeatsPerMinute"},
    TagName{"isrc", "TSRC", "ISRC", "", "WM/ISRC"},
    TagName{"initialkey", "TKEY", "INITIALKEY", "", "WM/InitialKey"},
    TagName{"lyricist", "TEXT", "LYRICIST", "", "WM/Writer"},
    TagName{"remixer", "TPE4", "REMIXER", "", "WM/ModifiedBy"},
    TagName{"mood", "TMOO", "MOOD", "", "WM/Mood"},
    TagName{"media", "TMED", "MEDIA", "", "WM/Media"},
    TagName{"subtitle", "TIT3", "SUBTITLE", "", "WM/SubTitle"},
    TagName{"title-sort", "TSOT", "TITLESORT", "sonm", "WM/TitleSortOrder"},
    TagName{"artist-sort", "TSOP", "ARTISTSORT", "soar", "WM/ArtistSortOrder"},
    TagName{"album-sort", "TSOA", "ALBUMSORT", "soal", "WM/AlbumSortOrder"},
    TagName{"album_artist-sort", "TSO2", "ALBUMARTISTSORT", "soaa", "WM/AlbumArtistSortOrder"},
    TagName{"composer-sort", "TSOC", "COMPOSERSORT", "soco", "WM/ComposerSortOrder"},
};

/// Names that files use beside those above.
constexpr std::array<std::pair<std::string_view, std::string_view>, 13> synonyms = {{
    {"album artist", "album_artist"},
    {"TYER", "date"},
    {"YEAR", "date"},
    {"TDRL", "date"},
    {"TP1", "artist"},
    {"TT2", "title"},
    {"sort_name", "title-sort"},
    {"sort_artist", "artist-sort"},
    {"sort_album", "album-sort"},
    {"sort_album_artist", "album_artist-sort"},
    {"sort_composer", "composer-sort"},
    {"TOTALTRACKS", "TRACKTOTAL"},
    {"TOTALDISCS", "DISCTOTAL"},
}};

constexpr std::array old_file_names = {"encoder",
                                       "encoder_options",
                                       "major_brand",
                                       "minor_version",
                                       "compatible_brands",
                                       "creation_time",
                                       "handler_name",
                                       "vendor_id",
                                       "duration",
                                       "iTunSMPB",
                                       "iTunNORM",
                                       "DeviceConformanceTemplate",
                                       "WMFSDKVersion",
                                       "WMFSDKNeeded",
                                       "IsVBR",
                                       "TSSE",
                                       "TLEN",
                                       "TFLT",
                                       "Encoding Params",
                                       "cdec",
                                       "gapless_playback",
                                       "media_type",
                                       "BPS",
                                       "NUMBER_OF_FRAMES",
                                       "NUMBER_OF_BYTES",
                                       "time_reference",
                                       "coding_history",
                                       "umid",
                                       "WAVEFORMATEXTENSIBLE_CHANNEL_MASK"};

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A')) : character;
}

/// The length of the UTF-8 character at the start of `text` (RFC 3629), 0 where there is none.
std::size_t utf8_length(std::string_view text) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char first = byte(0);
  if (first < 0x80) return first == 0 ? 0 : 1;
  const std::size_t length = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : 2;
  if (first < 0xC2 || first > 0xF4 || text.size() < length) return 0;
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xC0) != 0x80) return 0;
  }
  if ((first == 0xE0 && byte(1) < 0xA0) || (first == 0xED && byte(1) > 0x9F) || (first == 0xF0 && byte(1) < 0x90) ||
      (first == 0xF4 && byte(1) > 0x8F)) {
    return 0;
  }
  return length;
}

}  // namespace

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string common_tag_name(std::string_view name) {
  // libavformat tells the language of lyrics in their name.
  if (name.starts_with("lyrics-")) return "lyrics";
  for (const auto& [synonym, common] : synonyms) {
    if (equals_ignoring_case(name, synonym)) return std::string(common);
  }
  for (const TagName& entry : names) {
    for (const std::string_view known : {entry.common, entry.id3v2, entry.vorbis, entry.asf}) {
      if (!known.empty() && equals_ignoring_case(name, known)) return std::string(entry.common);
    }
  }
  return std::string(name);
}

std::string_view own_tag_name(TagHolder holder, std::string_view common_name) {
  for (const TagName& entry : names) {
    if (entry.common != common_name) continue;
    switch (holder) {
      case TagHolder::id3v2: return entry.id3v2;
      case TagHolder::vorbis_comment: return entry.vorbis;
      case TagHolder::itunes: return entry.itunes;
      case TagHolder::asf: return entry.asf;
    }
  }
  return {};
}

bool describes_old_file(std::string_view name) {
  return name.starts_with("_STATISTICS_") ||
         std::ranges::any_of(old_file_names, [&](std::string_view old) { return equals_ignoring_case(name, old); });
}

std::string clean_text(std::string_view text, std::size_t most) {
  std::string clean;
  while (!text.empty() && clean.size() < most) {
    const std::size_t length = utf8_length(text);
    if (length > 0 && clean.size() + length > most) break;
    if (length == 0) {
      if (text.front() != '\0') clean += "\xEF\xBF\xBD";
      text.remove_prefix(1);
    } else {
      clean += text.substr(0, length);
      text.remove_prefix(length);
    }
  }
  return clean;
}

}  // namespace decant::audio
