#include "metrics/counted_object_store.h"

namespace decant::metrics {

template <class T>
Result<T> CountedObjectStore::count(std::string_view operation, Result<T> answer) {
  metrics_.object_store_asked(operation, answer ? Result<void>() : std::unexpected(answer.error()));
  return answer;
}

Result<std::unique_ptr<tasks::ObjectReader>> CountedObjectStore::open(const std::string& key) {
  return count("open", store_->open(key));
}

Result<void> CountedObjectStore::remove(const std::string& key) { return count("remove", store_->remove(key)); }

Result<void> CountedObjectStore::put(const std::string& key, const SpoolFile& file) {
  return count("put", store_->put(key, file));
}

Result<Descriptor> CountedObjectStore::fetch(const std::string& key) { return count("fetch", store_->fetch(key)); }

Result<void> CountedObjectStore::list(const std::function<bool(const tasks::ObjectInfo&)>& visit) {
  return count("list", store_->list(visit));
}

// Signs a text; no call of the store's.
Result<std::optional<tasks::ObjectLink>> CountedObjectStore::make_link(
    const std::string& key, const std::variant<tasks::DownloadLink, tasks::UploadLink>& link) {
  return store_->make_link(key, link);
}

Result<void> CountedObjectStore::remove_unfinished(WallTime before) {
  return count("remove_unfinished", store_->remove_unfinished(before));
}

}  // namespace decant::metrics
