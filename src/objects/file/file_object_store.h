#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "tasks/object_store.h"

namespace decant::objects {

/// Objects as files of one folder, shared by any number of processes of one machine.
///
/// Layout: {folder}/{shard}/{name}. `name` is the key with '+' for each '/', so an object is one directory entry and no
/// key can name anything outside its shard; `shard` is one of 256 folders, two hexadecimal digits, the low byte of the
/// FNV-1a hash of the key. The shards are made when the store is opened and never removed. Names that begin with a dot
/// are half-written files of file systems without O_TMPFILE. ObjectInfo::modified is the time of the inode's last
/// change, which linking sets: never older than the put().
class FileObjectStore final : public tasks::ObjectStore {
 public:
  /// Makes the folder (0700) if it is not there.
  static Result<std::unique_ptr<tasks::ObjectStore>> open_folder(const std::filesystem::path& folder);

  Result<std::unique_ptr<tasks::ObjectReader>> open(const std::string& key) override;
  Result<void> remove(const std::string& key) override;
  Result<void> put(const std::string& key, const SpoolFile& file) override;
  Result<Descriptor> fetch(const std::string& key) override;
  Result<void> list(const std::function<bool(const tasks::ObjectInfo&)>& visit) override;
  Result<std::optional<tasks::ObjectLink>> make_link(
      const std::string& key, const std::variant<tasks::DownloadLink, tasks::UploadLink>& link) override;
  Result<void> remove_unfinished(WallTime before) override;

 private:
  explicit FileObjectStore(Descriptor folder) : folder_(std::move(folder)) {}

  Descriptor folder_;
};

}  // namespace decant::objects
