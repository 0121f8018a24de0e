#include "http/list_cache.h"

namespace decant::http {
namespace {

ByteCount size_of(const std::string& query, const ListPage& page) {
  return static_cast<ByteCount>(query.size() + page.json->size() + page.next_link.size());
}

}  // namespace

std::optional<ListPage> ListCache::find(const std::string& query, std::int64_t version) const {
  const std::lock_guard lock(mutex_);
  if (version != version_) return std::nullopt;
  const auto found = pages_.find(query);
  if (found == pages_.end()) return std::nullopt;
  return found->second;
}

void ListCache::keep(const std::string& query, std::int64_t version, ListPage page) {
  const ByteCount size = size_of(query, page);
  if (size > most_bytes_) return;
  const std::lock_guard lock(mutex_);
  if (version != version_) {
    pages_.clear();
    bytes_ = 0;
    version_ = version;
  }
  // Any may go: what a page is worth nobody knows, and the next change takes them all.
  while (bytes_ + size > most_bytes_) {
    bytes_ -= size_of(pages_.begin()->first, pages_.begin()->second);
    pages_.erase(pages_.begin());
  }
  if (pages_.emplace(query, std::move(page)).second) bytes_ += size;
}

}  // namespace decant::http
