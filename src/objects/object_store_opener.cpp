#include "objects/object_store_opener.h"

#include <array>
#include <string_view>

#include "objects/file/file_object_store.h"

namespace decant::objects {
namespace {

Result<std::unique_ptr<tasks::ObjectStore>> open_file_store(std::string_view rest, const ObjectStoreOptions& options,
                                                            const Clock& clock, Logger& logger) {
  if (!rest.starts_with('/')) {
    return failure(ErrorCode::invalid_argument,
                   "a file: object store needs an absolute folder: file:///var/lib/decant/objects");
  }
  return FileObjectStore::open_folder(std::filesystem::path(rest), options.stale_temporary_age, clock, logger);
}

Result<std::unique_ptr<tasks::ObjectStore>> refuse(std::string_view, const ObjectStoreOptions&, const Clock&, Logger&) {
  return failure(ErrorCode::invalid_argument,
                 "this build of decant stores objects in files only: file:///absolute/folder");
}

struct Scheme {
  std::string_view prefix;
  Result<std::unique_ptr<tasks::ObjectStore>> (*open)(std::string_view rest, const ObjectStoreOptions&, const Clock&,
                                                      Logger&);
};

constexpr std::array schemes = {
    Scheme{"file://", open_file_store},
    Scheme{"s3://", refuse},
    Scheme{"gs://", refuse},
};

}  // namespace

Result<std::unique_ptr<tasks::ObjectStore>> open_object_store(const std::string& url, const ObjectStoreOptions& options,
                                                              const Clock& clock, Logger& logger) {
  for (const Scheme& scheme : schemes) {
    if (url.starts_with(scheme.prefix))
      return scheme.open(std::string_view(url).substr(scheme.prefix.size()), options, clock, logger);
  }
  return failure(ErrorCode::invalid_argument, "an object store is named by a URL like file:///absolute/folder", url);
}

}  // namespace decant::objects
