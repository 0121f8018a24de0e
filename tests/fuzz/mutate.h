#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <vector>

#include "base/file.h"

namespace decant::fuzz {

using Bytes = std::vector<char>;

// Larger inputs only make each round slower.
constexpr std::size_t most_fuzzed_bytes = 512 * 1024;

inline Bytes read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  Bytes bytes{std::istreambuf_iterator<char>(in), {}};
  if (bytes.size() > most_fuzzed_bytes) bytes.resize(most_fuzzed_bytes);
  return bytes;
}

/// Some of: changed bytes (mostly in the headers), a removed piece, a doubled piece, a cut end.
inline Bytes mutate(Bytes bytes, std::mt19937& random) {
  const auto below = [&](std::size_t limit) {
    return std::uniform_int_distribution<std::size_t>(0, limit - 1)(random);
  };
  const std::size_t changes = 1 + below(12);
  for (std::size_t i = 0; i < changes && !bytes.empty(); ++i) {
    const std::size_t place = below(below(3) == 0 ? bytes.size() : std::min<std::size_t>(bytes.size(), 600));
    constexpr char edges[] = {0, 1, 127, -128, -1};
    bytes[place] = below(2) == 0 ? edges[below(sizeof edges)] : static_cast<char>(below(256));
  }
  if (bytes.size() > 64 && below(4) == 0) {
    const std::size_t from = below(bytes.size() - 1);
    const std::size_t count = 1 + below(std::min<std::size_t>(bytes.size() - from, 4096));
    const auto first = bytes.begin() + static_cast<std::ptrdiff_t>(from);
    const Bytes piece(first, first + static_cast<std::ptrdiff_t>(count));
    if (below(2) == 0) {
      bytes.erase(first, first + static_cast<std::ptrdiff_t>(count));
    } else {
      bytes.insert(first, piece.begin(), piece.end());
    }
  }
  if (below(8) == 0) bytes.resize(below(bytes.size() + 1));
  return bytes;
}

inline Descriptor memory_file(const char* name, const Bytes& bytes) {
  Descriptor file(::memfd_create(name, MFD_CLOEXEC));
  if (::pwrite(file.get(), bytes.data(), bytes.size(), 0) != static_cast<ssize_t>(bytes.size())) std::abort();
  return file;
}

}  // namespace decant::fuzz
