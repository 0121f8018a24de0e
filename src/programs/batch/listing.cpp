#include "programs/batch/listing.h"

#include <dirent.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>

namespace decant::programs::batch {
namespace {

/// "" for "Music/", "." and "..", else "Music/".
std::string folder_prefix(const std::string& path) {
  const std::string name = std::filesystem::path(path).filename().string();
  return name.empty() || name == "." || name == ".." ? "" : name + '/';
}

bool is_link(const std::string& path) {
  std::error_code error;
  return std::filesystem::is_symlink(path, error);
}

class Lister {
 public:
  explicit Lister(const std::string& output) {
    if (const auto status = find_status(output)) output_ = status->id;
  }

  Result<void> add(const std::string& path) {
    const auto status = find_status(path);
    if (!status) {
      note_unreadable(path, errno);
    } else if (status->kind != FileStatus::Kind::folder) {
      add_file(ListedFile::Found::by_name, path, std::filesystem::path(path).filename().string(), *status);
    } else if (status->id == output_) {
      return failure(ErrorCode::invalid_argument,
                     path + " is both the input and the output; without an output, results go beside their inputs");
    } else {
      walk(path.ends_with('/') ? path : path + '/', folder_prefix(path));
    }
    return {};
  }

  Listing take() { return std::move(listing_); }

 private:
  void note_unreadable(const std::string& path, int error_number) {
    listing_.unreadable.push_back({path, system_failure(error_number, "read it").error()});
  }

  void add_file(ListedFile::Found found, const std::string& path, std::string relative, const FileStatus& status) {
    if (status.kind == FileStatus::Kind::regular) {
      listing_.files.push_back({found, path, std::move(relative), status.id, status.version});
    } else {
      listing_.skipped.push_back({path, "no regular file"});
    }
  }

  /// The visible names in a folder, sorted, so that every run does the same.
  std::vector<std::string> read_names(const std::string& folder) {
    const std::unique_ptr<DIR, int (*)(DIR*)> stream(::opendir(folder.c_str()), &::closedir);
    std::vector<std::string> names;
    if (stream) {
      errno = 0;  // the only way to tell the end from a failure
      while (const dirent* entry = ::readdir(stream.get())) {
        if (entry->d_name[0] != '.') names.emplace_back(entry->d_name);
      }
    }
    if (errno != 0) note_unreadable(folder, errno);
    std::ranges::sort(names);
    return names;
  }

  /// Both end with '/', or are empty.
  void walk(const std::string& folder, const std::string& prefix) {
    for (const std::string& name : read_names(folder)) {
      const std::string path = folder + name;
      const auto status = find_status(path);
      if (!status) {
        note_unreadable(path, errno);
      } else if (status->kind != FileStatus::Kind::folder) {
        add_file(ListedFile::Found::in_folder, path, prefix + name, *status);
      } else if (is_link(path)) {
        listing_.skipped.push_back({path, "a link to a folder"});
      } else if (status->id != output_) {
        walk(path + '/', prefix + name + '/');
      }
    }
  }

  std::optional<FileId> output_;
  Listing listing_;
};

}  // namespace

Result<Listing> list_files(const std::vector<std::string>& inputs, const std::string& output) {
  Lister lister(output);
  for (const std::string& input : inputs) DECANT_CHECK(lister.add(input));
  return lister.take();
}

}  // namespace decant::programs::batch
