#include "audio/sniff.h"

#include <array>
#include <memory>

#include "audio/av/io.h"
#include "audio/raw_frames.h"
#include "audio/tags/trailing.h"

namespace decant::audio {

namespace {

using namespace std::string_view_literals;

// What is read to recognise a file, and how far junk may reach before the first frame of a raw stream.
constexpr std::size_t head_size = 64 * 1024;
// Most files are recognised by this.
constexpr std::size_t start_size = 8 * 1024;

constexpr std::array all_containers = {
    Container{"mp3", "MP3", "mp3", "audio/mpeg"},
    Container{"ogg", "Ogg (Vorbis, Opus, FLAC, Speex)", "ogg", "audio/ogg"},
    Container{"flac", "FLAC", "flac", "audio/flac"},
    Container{"wav", "WAV (also RF64)", "wav", "audio/wav"},
    Container{"w64", "Wave64", "w64", "audio/x-w64"},
    Container{"aiff", "AIFF and AIFF-C", "aiff", "audio/aiff"},
    Container{"mov", "MP4, M4A and QuickTime (AAC, ALAC)", "m4a", "audio/mp4"},
    Container{"aac", "AAC (ADTS)", "aac", "audio/aac"},
    Container{"loas", "AAC (LOAS)", "aac", "audio/aac"},
    Container{"asf", "Windows Media (WMA, WMV)", "wma", "audio/x-ms-wma"},
    Container{"xwma", "xWMA", "xwma", "audio/x-xwma"},
    Container{"matroska", "Matroska and WebM", "mka", "audio/x-matroska"},
    Container{"amr", "AMR", "amr", "audio/AMR"},
    Container{"ac3", "AC-3", "ac3", "audio/ac3"},
    Container{"eac3", "E-AC-3", "eac3", "audio/eac3"},
    Container{"dts", "DTS", "dts", "audio/vnd.dts"},
    Container{"wv", "WavPack", "wv", "audio/x-wavpack"},
    Container{"caf", "Core Audio Format", "caf", "audio/x-caf"},
    Container{"ape", "Monkey's Audio", "ape", "audio/x-ape"},
    Container{"mpc", "Musepack SV7", "mpc", "audio/x-musepack"},
    Container{"mpc8", "Musepack SV8", "mpc", "audio/x-musepack"},
    Container{"tta", "True Audio", "tta", "audio/x-tta"},
    Container{"tak", "TAK", "tak", "audio/x-tak"},
    Container{"dsf", "DSD (DSF)", "dsf", "audio/x-dsf"},
    Container{"au", "Sun AU", "au", "audio/basic"},
    Container{"voc", "Creative Voice", "voc", "audio/x-voc"},
    Container{"iff", "Amiga IFF (8SVX)", "iff", "audio/x-iff"},
    Container{"rm", "RealMedia", "rm", "application/vnd.rn-realmedia"},
    Container{"avi", "AVI", "avi", "video/x-msvideo"},
    Container{"flv", "Flash Video", "flv", "video/x-flv"},
    Container{"mpegts", "MPEG transport stream", "ts", "video/mp2t"},
    Container{"mpeg", "MPEG program stream", "mpg", "video/mpeg"},
};

/// Bytes that stand at fixed places of every file of a kind.
struct Magic {
  std::string_view bytes;
  std::string_view demuxer;
  std::size_t second_offset = 0;
  std::string_view second = {};
};

constexpr std::array magics = {
    Magic{"RIFF", "wav", 8, "WAVE"},
    Magic{"RIFX", "wav", 8, "WAVE"},
    Magic{"RF64", "wav", 8, "WAVE"},
    Magic{"BW64", "wav", 8, "WAVE"},
    Magic{"RIFF", "avi", 8, "AVI "},
    Magic{"RIFF", "xwma", 8, "XWMA"},
    Magic{"riff\x2E\x91\xCF\x11\xA5\xD6\x28\xDB"sv, "w64"},
    Magic{"FORM", "aiff", 8, "AIFF"},
    Magic{"FORM", "aiff", 8, "AIFC"},
    Magic{"FORM", "iff", 8, "8SVX"},
    Magic{"FORM", "iff", 8, "16SV"},
    Magic{"fLaC", "flac"},
    Magic{"OggS", "ogg"},
    Magic{"caff", "caf"},
    Magic{"wvpk", "wv"},
    Magic{"#!AMR", "amr"},
    Magic{"\x1A\x45\xDF\xA3"sv, "matroska"},
    Magic{"\x30\x26\xB2\x75\x8E\x66\xCF\x11"sv, "asf"},
    Magic{"FLV\x01"sv, "flv"},
    Magic{".RMF", "rm"},
    Magic{".ra\xFD"sv, "rm"},
    Magic{"MAC ", "ape"},
    Magic{"MPCK", "mpc8"},
    Magic{"MP+", "mpc"},
    Magic{"TTA1", "tta"},
    Magic{"tBaK", "tak"},
    Magic{"DSD ", "dsf"},
    Magic{".snd", "au"},
    Magic{"Creative Voice File\x1A"sv, "voc"},
    Magic{"\0\0\x01\xBA"sv, "mpeg"},
};

/// What people upload by mistake, or to get at something: all refused, with the reason in words.
struct Refused {
  std::string_view bytes;
  std::string_view message;
};

constexpr std::string_view playlist = "this is a playlist: it only names other files; upload the audio itself";
constexpr std::string_view picture = "this is a picture: it holds no audio";
constexpr std::string_view archive = "this is an archive: unpack it and upload the audio in it";
constexpr std::array refusals = {
    Refused{"#EXTM3U", playlist},
    Refused{"ffconcat", playlist},
    Refused{"[playlist]", playlist},
    Refused{"[Playlist]", playlist},
    Refused{"v=0\r", "this is a session description (SDP): it only names streams on a network"},
    Refused{"v=0\n", "this is a session description (SDP): it only names streams on a network"},
    Refused{"<?xml", "this is an XML document (perhaps a streaming manifest): it holds no audio"},
    Refused{"<MPD", "this is a streaming manifest (DASH): it only names other files"},
    Refused{"<!DOCTYPE", "this is a web page: it holds no audio"},
    Refused{"<html", "this is a web page: it holds no audio"},
    Refused{"%PDF", "this is a PDF document: it holds no audio"},
    Refused{"MThd", "this is a MIDI file: it holds notes, no recorded sound"},
    Refused{"\x89PNG"sv, picture},
    Refused{"\xFF\xD8\xFF"sv, picture},
    Refused{"GIF8", picture},
    Refused{"PK\x03\x04"sv, archive},
    Refused{"Rar!", archive},
    Refused{"7z\xBC\xAF"sv, archive},
    Refused{"\x1F\x8B"sv, archive},
    Refused{"\x7F"
            "ELF"sv,
            "this is a program: it holds no audio"},
    Refused{"MZ", "this is a program: it holds no audio"},
};

// Beside raw streams. libavformat would read them too, but of several values only the first.
constexpr std::array ending_in_tags = {"wv"sv, "ape"sv, "mpc"sv, "mpc8"sv, "tta"sv, "tak"sv};

using Bytes = std::span<const std::uint8_t>;

std::string_view as_text(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

bool has_at(Bytes bytes, std::size_t offset, std::string_view wanted) {
  return bytes.size() >= offset && as_text(bytes).substr(offset).starts_with(wanted);
}

/// The length of the ID3v2 tags at `position` (id3.org, ID3v2.4 section 3.1), which may stand before any raw stream.
ByteCount id3v2_length(int descriptor, ByteCount position) {
  ByteCount length = 0;
  for (int tags = 0; tags < 8; ++tags) {
    std::array<std::uint8_t, 10> header{};
    if (av::read_at(descriptor, position + length, header) < header.size() || !has_at(header, 0, "ID3")) break;
    if (((header[6] | header[7] | header[8] | header[9]) & 0x80) != 0) break;
    length += 10 + (header[6] << 21 | header[7] << 14 | header[8] << 7 | header[9]);
    if ((header[5] & 0x10) != 0) length += 10;
  }
  return length;
}

bool is_mp4(Bytes head) {
  for (const auto box : {"ftyp"sv, "moov"sv, "mdat"sv, "free"sv, "skip"sv, "wide"sv, "pnot"sv, "styp"sv}) {
    if (has_at(head, 4, box)) return true;
  }
  return false;
}

/// 188-byte packets, or 192 with a time stamp before each, or 204 with parity behind (ISO 13818-1).
bool is_mpegts(Bytes head) {
  for (const auto& [packet, offset] : {std::pair{188, 0}, std::pair{192, 4}, std::pair{204, 0}}) {
    std::size_t packets = 0;
    for (auto at = static_cast<std::size_t>(offset); at < head.size() && packets < 5 && head[at] == 0x47;
         at += static_cast<std::size_t>(packet)) {
      ++packets;
    }
    if (packets == 5) return true;
  }
  return false;
}

bool is_text(Bytes head) {
  const Bytes some = head.first(std::min<std::size_t>(head.size(), 512));
  return std::ranges::all_of(
      some, [](std::uint8_t byte) { return byte >= 0x20 || byte == '\t' || byte == '\n' || byte == '\r'; });
}

const char* demuxer_of(RawStream kind) {
  switch (kind) {
    case RawStream::mp3: return "mp3";
    case RawStream::adts: return "aac";
    case RawStream::ac3: return "ac3";
    case RawStream::eac3: return "eac3";
    case RawStream::dts: return "dts";
    case RawStream::loas: return "loas";
    case RawStream::none: break;
  }
  return nullptr;
}

const Container* find_by_magic(Bytes head) {
  for (const Magic& magic : magics) {
    if (has_at(head, 0, magic.bytes) && has_at(head, magic.second_offset, magic.second)) {
      return &get_container(magic.demuxer);
    }
  }
  // "The free lunch" is no MP4.
  if (is_text(head)) return nullptr;
  if (is_mp4(head)) return &get_container("mov");
  if (is_mpegts(head)) return &get_container("mpegts");
  return nullptr;
}

Failure refuse(Bytes head) {
  std::string_view text = as_text(head);
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  text.remove_prefix(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  for (const Refused& refused : refusals) {
    if (text.starts_with(refused.bytes)) return failure(ErrorCode::unsupported_media, std::string(refused.message));
  }
  if (is_text(head)) return failure(ErrorCode::unsupported_media, "this is text: it holds no audio");
  return failure(ErrorCode::unsupported_media, "this is not audio, or a kind of audio that cannot be read");
}

}  // namespace

std::span<const Container> containers() { return all_containers; }

const Container& get_container(std::string_view demuxer) {
  return *std::ranges::find(all_containers, demuxer,
                            [](const Container& container) { return std::string_view(container.demuxer); });
}

Result<Sniffed> sniff(int descriptor, ByteCount size) {
  if (size == 0) return failure(ErrorCode::unsupported_media, "the file is empty");
  const ByteCount id3_length = id3v2_length(descriptor, 0);
  if (id3_length > size) {
    return failure(
        ErrorCode::unprocessable,
        fmt::format("the file is cut short: its tag alone takes {} bytes, and there are {}", id3_length, size));
  }
  const auto buffer = std::make_unique_for_overwrite<std::uint8_t[]>(head_size);
  const auto read_head = [&](std::size_t count) {
    const std::span<std::uint8_t> room(buffer.get(), count);
    return Bytes(room.first(av::read_at(descriptor, id3_length, room)));
  };
  Bytes head = read_head(start_size);
  if (head.empty()) return failure(ErrorCode::unsupported_media, "the file holds a tag and no audio");

  // libavformat reads an ID3v2 tag in front of anything, so the demuxer gets the file from its start.
  if (const Container* container = find_by_magic(head)) {
    const bool may_end_in_tags = std::ranges::find(ending_in_tags, container->demuxer) != ending_in_tags.end();
    return Sniffed{container, 0, may_end_in_tags ? find_trailing_tags(descriptor, size).begin : size};
  }

  const auto find_raw = [&] {
    const bool is_all = id3_length + static_cast<ByteCount>(head.size()) >= size;
    return find_raw_stream(head, is_all ? Extent::ends_file : Extent::goes_on);
  };
  RawStart start = find_raw();
  if (start.kind == RawStream::none || start.offset > 0) {
    head = read_head(head_size);
    start = find_raw();
  }
  const char* demuxer = demuxer_of(start.kind);
  if (demuxer == nullptr) return refuse(head);
  const ByteCount begin = id3_length == 0 ? static_cast<ByteCount>(start.offset) : 0;
  return Sniffed{&get_container(demuxer), begin, std::max(begin, find_trailing_tags(descriptor, size).begin)};
}

}  // namespace decant::audio
