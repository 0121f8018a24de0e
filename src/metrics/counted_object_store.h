#pragma once

#include <memory>

#include "metrics/metrics.h"
#include "tasks/object_store.h"

namespace decant::metrics {

/// An object store whose calls are counted. Reading from what it opened is not. `metrics` outlives it.
class CountedObjectStore final : public tasks::ObjectStore {
 public:
  CountedObjectStore(std::unique_ptr<tasks::ObjectStore> store, Metrics& metrics)
      : store_(std::move(store)), metrics_(metrics) {}

  Result<std::unique_ptr<tasks::ObjectReader>> open(const std::string& key) override;
  Result<void> remove(const std::string& key) override;
  Result<void> put(const std::string& key, const SpoolFile& file) override;
  Result<Descriptor> fetch(const std::string& key) override;
  Result<void> list(const std::function<bool(const tasks::ObjectInfo&)>& visit) override;
  Result<std::optional<tasks::ObjectLink>> make_link(
      const std::string& key, const std::variant<tasks::DownloadLink, tasks::UploadLink>& link) override;
  Result<void> remove_unfinished(WallTime before) override;

 private:
  template <class T>
  Result<T> count(std::string_view operation, Result<T> answer);

  std::unique_ptr<tasks::ObjectStore> store_;
  Metrics& metrics_;
};

}  // namespace decant::metrics
