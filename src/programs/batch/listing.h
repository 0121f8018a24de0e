#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "programs/batch/file_status.h"

namespace decant::programs::batch {

struct ListedFile {
  enum class Found { by_name, in_folder };
  Found found = Found::by_name;
  std::string path;      ///< to open it
  std::string relative;  ///< where it stands under an output folder: "Artist/01.flac"
  FileId id = {};
  FileVersion version = {};
};

/// A file that is left alone, and why.
struct SkippedFile {
  std::string path;
  std::string reason;
};

struct UnreadableFile {
  std::string path;
  Error error;
};

struct Listing {
  std::vector<ListedFile> files;  ///< regular files, in the order of the inputs, those of a folder by name
  std::vector<SkippedFile> skipped;
  std::vector<UnreadableFile> unreadable;
};

/// The files among `inputs` and in the folders among them, links to files followed. As with rsync, "Music" stands under
/// an output folder with its name and "Music/" without it. Not listed are hidden names in folders, the folder `output`
/// (there or not, or empty), and what links to folders lead to, so that no loop can be walked. invalid_argument when an
/// input is the folder `output` itself. Blocks.
Result<Listing> list_files(const std::vector<std::string>& inputs, const std::string& output);

}  // namespace decant::programs::batch
