#include "sandbox/unmap_libraries.h"

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

/// Of memory; page-aligned, as all here.
struct Pages {
  ElfW(Addr) begin = 0;
  ElfW(Addr) end = 0;
};

/// One library in memory.
struct Image {
  std::string_view name;  ///< of its file
  std::vector<Pages> parts;
  Pages first_values;  ///< what its thread-local variables begin with; empty when with zeros, as most do
};

std::string_view file_name(const char* path) {
  const std::string_view text(path);
  return text.substr(text.rfind('/') + 1);
}

Pages pages_of(ElfW(Addr) begin, ElfW(Xword) size) {
  const auto page = static_cast<ElfW(Addr)>(::sysconf(_SC_PAGESIZE));
  return {begin / page * page, (begin + size + page - 1) / page * page};
}

std::vector<Image> find_images() {
  std::vector<Image> images;
  ::dl_iterate_phdr(
      [](dl_phdr_info* info, std::size_t, void* into) {
        Image image{.name = file_name(info->dlpi_name)};
        for (const ElfW(Phdr) & part : std::span(info->dlpi_phdr, info->dlpi_phnum)) {
          const ElfW(Addr) begin = info->dlpi_addr + part.p_vaddr;
          if (part.p_type == PT_TLS && part.p_filesz > 0) image.first_values = pages_of(begin, part.p_filesz);
          if (part.p_type == PT_LOAD) image.parts.push_back(pages_of(begin, part.p_memsz));
        }
        // The program itself has no name, the kernel's part no file.
        const bool is_library = !image.name.empty() && info->dlpi_name[0] == '/';
        if (is_library) static_cast<std::vector<Image>*>(into)->push_back(std::move(image));
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

void unmap(ElfW(Addr) begin, ElfW(Addr) end) {
  if (begin < end) ::munmap(std::bit_cast<void*>(begin), end - begin);
}

/// Each thread that begins gets a copy of every library's thread-local variables, so what they begin with stays.
void unmap(const Image& image) {
  for (const Pages& part : image.parts) {
    unmap(part.begin, std::clamp(image.first_values.begin, part.begin, part.end));
    unmap(std::clamp(image.first_values.end, part.begin, part.end), part.end);
  }
}

}  // namespace

void unmap_libraries_but(std::span<const std::string_view> needed) {
  if (!relaxed::libraries_are_unmapped || needed.empty()) return;
  const std::vector<std::string_view> named = named_by_program();
  for (const Image& image : find_images()) {
    const bool stays = image.name.starts_with("ld-linux") || std::ranges::find(named, image.name) != named.end() ||
                       std::ranges::any_of(needed, [&](std::string_view name) { return image.name.starts_with(name); });
    if (!stays) unmap(image);
  }
}

}  // namespace decant::sandbox
