#include "audio/completeness/completeness.h"

#include "audio/av/io.h"

namespace decant::audio {

namespace {

struct Check {
  std::string_view demuxer;
  Result<Claims> (*check)(const FileView& file);
};

// Kinds of files that are not here tell nothing that could be checked without decoding them.
constexpr std::array checks = {
    Check{"wav", check_riff},  Check{"avi", check_riff}, Check{"xwma", check_riff},
    Check{"aiff", check_form}, Check{"iff", check_form}, Check{"w64", check_wave64},
    Check{"caf", check_caf},   Check{"au", check_au},    Check{"dsf", check_dsf},
    Check{"mov", check_mp4},   Check{"asf", check_asf},  Check{"matroska", check_matroska},
    Check{"flac", check_flac}, Check{"ogg", check_ogg},  Check{"wv", check_wavpack},
    Check{"mp3", check_mp3},
};

}  // namespace

std::vector<std::uint8_t> FileView::read(ByteCount position, std::size_t count) const {
  const ByteCount left = position < 0 ? 0 : std::max<ByteCount>(size - position, 0);
  std::vector<std::uint8_t> bytes(static_cast<std::size_t>(std::min<ByteCount>(left, static_cast<ByteCount>(count))));
  bytes.resize(av::read_at(descriptor, position, bytes));
  return bytes;
}

Failure cut_short(ByteCount missing, ByteCount total) {
  return failure(ErrorCode::unprocessable,
                 fmt::format("the file is cut short: {} of {} bytes are missing", missing, total));
}

Result<Claims> check_complete(const Sniffed& sniffed, int descriptor, ByteCount size) {
  const auto found = std::ranges::find(checks, std::string_view(sniffed.container->demuxer), &Check::demuxer);
  if (found == checks.end()) return Claims{};
  return found->check({descriptor, sniffed.begin, sniffed.end, size});
}

}  // namespace decant::audio
