#pragma once

#include <filesystem>
#include <memory>
#include <string>

#include "base/log.h"
#include "objects/s3/s3_client.h"
#include "tasks/object_store.h"

namespace decant::objects {

struct S3StoreOptions {
  std::filesystem::path spool_folder;  ///< where fetch() downloads to
  ByteCount part_size = 16 << 20;      ///< larger files go up in parts of it; at least 5 MiB, but for the last
  ByteCount window = 1 << 20;          ///< what a reader holds in memory
};

/// Objects of a bucket of Amazon S3, of what speaks its protocol (Ceph, MinIO, R2), or of Google Cloud Storage. Every
/// object is private. Its SHA-256 is kept in its metadata ("sha256").
///
/// What is sent is verified by the store (signed SHA-256, or Content-MD5), what fetch() brings against that metadata.
/// Uploads in parts that end halfway are aborted; those of a process that died are left to remove_unfinished(). A key
/// that exists is refused by a conditional PUT, or by a look before an upload in parts: a store that ignores the
/// condition could replace an object, which the random part of every key keeps from happening.
///
/// A reader asks for one window after another and holds no connection in between. What lies behind the first window is
/// lost to it when the object is removed.
class S3ObjectStore final : public tasks::ObjectStore {
 public:
  S3ObjectStore(S3StoreOptions options, std::unique_ptr<S3Client> client, Logger& logger)
      : options_(std::move(options)), client_(std::move(client)), logger_(logger) {}

  /// Whether the bucket can be listed. Fails when the store refuses; that it cannot be reached is only logged, for it
  /// may come back.
  Result<void> check();

  Result<std::unique_ptr<tasks::ObjectReader>> open(const std::string& key) override;
  Result<void> remove(const std::string& key) override;
  Result<void> put(const std::string& key, const SpoolFile& file) override;
  Result<Descriptor> fetch(const std::string& key) override;
  Result<void> list(const std::function<bool(const tasks::ObjectInfo&)>& visit) override;
  Result<std::optional<tasks::ObjectLink>> make_link(
      const std::string& key, const std::variant<tasks::DownloadLink, tasks::UploadLink>& link) override;
  Result<void> remove_unfinished(WallTime before) override;

 private:
  struct Content {
    std::string key;
    const SpoolFile& file;
    ByteCount size = 0;
    std::string sha256;
  };
  Result<std::optional<tasks::ObjectLink>> make_download_link(const std::string& key, const tasks::DownloadLink& link);
  Result<std::optional<tasks::ObjectLink>> make_upload_link(const std::string& key, const tasks::UploadLink& link);
  Result<void> put_whole(const Content& content);
  Result<void> put_in_parts(const Content& content);
  Result<std::string> begin_upload(const Content& content);
  Result<void> upload_parts(const Content& content, const std::string& upload);
  Result<void> complete_upload(const Content& content, const std::string& upload,
                               const std::vector<std::string>& etags);
  Result<void> abort_upload(const std::string& key, const std::string& upload);
  /// Whether the key holds just this; not_found when it holds nothing.
  Result<bool> holds(const Content& content);
  [[nodiscard]] std::string metadata_name() const;

  S3StoreOptions options_;
  std::unique_ptr<S3Client> client_;
  Logger& logger_;
};

}  // namespace decant::objects
