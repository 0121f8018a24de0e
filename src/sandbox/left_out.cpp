#include "sandbox/left_out.h"

#include <link.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <string>
#include <vector>

#include "sandbox/relaxed.h"

namespace decant::sandbox {
namespace {

/// One library in memory.
struct Image {
  std::string_view name;  ///< of its file
  ElfW(Addr) begin = 0;   ///< page-aligned, as all here
  ElfW(Addr) end = 0;
  /// What its thread-local variables begin with; empty when with zeros, as most do.
  ElfW(Addr) first_values_begin = 0;
  ElfW(Addr) first_values_end = 0;
};

std::string_view file_name(const char* path) {
  const std::string_view text(path);
  return text.substr(text.rfind('/') + 1);
}

std::vector<Image> find_images() {
  std::vector<Image> images;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* into) {
        const auto page = static_cast<ElfW(Addr)>(::sysconf(_SC_PAGESIZE));
        const auto first_page = [page](ElfW(Addr) address) { return address / page * page; };
        const auto pages_end = [page](ElfW(Addr) address) { return (address + page - 1) / page * page; };
        Image image{.name = file_name(info->dlpi_name), .begin = ~ElfW(Addr){0}};
        for (const ElfW(Phdr) & part : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
          const ElfW(Addr) begin = info->dlpi_addr + part.p_vaddr;
          if (part.p_type == PT_TLS && part.p_filesz > 0) {
            image.first_values_begin = first_page(begin);
            image.first_values_end = pages_end(begin + part.p_filesz);
          }
          if (part.p_type != PT_LOAD) continue;
          image.begin = std::min(image.begin, first_page(begin));
          image.end = std::max(image.end, pages_end(begin + part.p_memsz));
        }
        // The program itself has no name, the kernel's part no file.
        const bool is_library = !image.name.empty() && info->dlpi_name[0] == '/';
        if (is_library && image.begin < image.end) static_cast<std::vector<Image>*>(into)->push_back(image);
        return 0;
      },
      &images);
  return images;
}

/// The libraries that the program was linked with, not those that they brought along.
std::vector<std::string_view> named_by_program() {
  std::vector<std::string_view> names;
  const char* strings = nullptr;
  for (const ElfW(Dyn)* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_STRTAB) strings = std::bit_cast<const char*>(entry->d_un.d_ptr);
  }
  for (const ElfW(Dyn)* entry = _DYNAMIC; entry->d_tag != DT_NULL; ++entry) {
    if (entry->d_tag == DT_NEEDED) names.emplace_back(strings + entry->d_un.d_val);
  }
  return names;
}

ByteCount leave_out(ElfW(Addr) begin, ElfW(Addr) end) {
  if (begin >= end) return 0;
  // ENOMEM: there are gaps between a library's parts, which does not hinder it.
  (void)::madvise(std::bit_cast<void*>(begin), end - begin, MADV_DONTFORK);
  return static_cast<ByteCount>(end - begin);
}

}  // namespace

ByteCount leave_out_libraries(std::span<const std::string_view> needed) {
  if (!relaxed::libraries_are_left_out || needed.empty()) return 0;
  const std::vector<std::string_view> named = named_by_program();
  ByteCount bytes = 0;
  for (const Image& image : find_images()) {
    const bool stays = image.name.starts_with("ld-linux") || std::ranges::find(named, image.name) != named.end() ||
                       std::ranges::any_of(needed, [&](std::string_view name) { return image.name.starts_with(name); });
    if (stays) continue;
    if (image.first_values_begin == image.first_values_end) {
      bytes += leave_out(image.begin, image.end);
    } else {
      // Each thread that begins gets a copy of every library's thread-local variables.
      bytes += leave_out(image.begin, image.first_values_begin) + leave_out(image.first_values_end, image.end);
    }
  }
  return bytes;
}

}  // namespace decant::sandbox
