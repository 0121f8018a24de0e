#include "objects/object_store_opener.h"

#include <array>
#include <string_view>

#include "objects/file/file_object_store.h"
#include "objects/s3/bucket_opener.h"

namespace decant::objects {
namespace {

constexpr std::string_view file_scheme = "file://";

Result<std::unique_ptr<tasks::ObjectStore>> open_file_store(const std::string& url, const ObjectStoreOptions&,
                                                            const Clock&, Logger&) {
  const std::string path = url.substr(file_scheme.size());
  if (!path.starts_with('/')) {
    return failure(ErrorCode::invalid_argument,
                   "a file: object store needs an absolute folder: file:///var/lib/decant/objects");
  }
  return FileObjectStore::open_folder(path);
}

struct Scheme {
  std::string_view prefix;
  Result<std::unique_ptr<tasks::ObjectStore>> (*open)(const std::string& url, const ObjectStoreOptions&, const Clock&,
                                                      Logger&);
};

constexpr std::array schemes = {
    Scheme{file_scheme, open_file_store},
    Scheme{"s3://", open_bucket},
    Scheme{"gs://", open_bucket},
};

}  // namespace

Result<std::unique_ptr<tasks::ObjectStore>> open_object_store(const std::string& url, const ObjectStoreOptions& options,
                                                              const Clock& clock, Logger& logger) {
  for (const Scheme& scheme : schemes) {
    if (url.starts_with(scheme.prefix)) return scheme.open(url, options, clock, logger);
  }
  return failure(ErrorCode::invalid_argument,
                 "an object store is named by a URL like file:///absolute/folder, s3://bucket/prefix or "
                 "gs://bucket/prefix");
}

}  // namespace decant::objects
