#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/file.h"

namespace decant::http {

/// One page of a list as it is sent.
struct ListPage {
  std::shared_ptr<const std::string> json;
  std::string next_link;  ///< RFC 8288; empty: it is the last
};

/// Pages of lists, kept while nothing that a list shows has changed: those of one version (TaskStore::list_version),
/// `most_bytes` of them at the most. Thread-safe.
class ListCache {
 public:
  explicit ListCache(ByteCount most_bytes) : most_bytes_(most_bytes) {}

  [[nodiscard]] std::optional<ListPage> find(const std::string& query, std::int64_t version) const;
  /// `version`: that of before the page was read.
  void keep(const std::string& query, std::int64_t version, ListPage page);

 private:
  const ByteCount most_bytes_;
  mutable std::mutex mutex_;
  std::int64_t version_ = 0;  ///< of all pages
  ByteCount bytes_ = 0;
  std::unordered_map<std::string, ListPage> pages_;
};

}  // namespace decant::http
