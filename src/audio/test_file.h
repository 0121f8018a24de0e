#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <span>
#include <string_view>

#include "base/file.h"

namespace decant::audio {

/// A nameless file in memory with this content.
inline Descriptor make_test_file(std::string_view content) {
  Descriptor file(::memfd_create("test", MFD_CLOEXEC));
  if (::pwrite(file.get(), content.data(), content.size(), 0) != static_cast<ssize_t>(content.size())) file.close();
  return file;
}

}  // namespace decant::audio
