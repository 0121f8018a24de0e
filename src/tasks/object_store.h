#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/file.h"

namespace decant::tasks {

struct ObjectInfo {
  std::string key;
  ByteCount size = 0;
  WallTime modified{};
};

/// How a client is to take what it reads from the store directly.
struct DownloadLink {
  std::chrono::seconds lifetime{};
  std::string content_type;
  std::string content_disposition;
};

/// Reads one object from front to back. One thread at a time.
class ObjectReader {
 public:
  virtual ~ObjectReader() = default;
  [[nodiscard]] virtual ByteCount size() const = 0;
  /// A descriptor of the whole object for sendfile and pread, owned by the reader; -1 where the store has none.
  [[nodiscard]] virtual int descriptor() const = 0;
  /// Fills up to buffer.size() bytes from `offset` and says how many; 0 only at the end. Blocks.
  virtual Result<std::size_t> read(ByteCount offset, std::span<std::byte> buffer) = 0;
};

/// Files by key. A key is relative, made by decant alone ("sources/{task}/{random}.{ext}",
/// "results/{task}/{fence}-{random}.{ext}"), of the characters [a-z0-9._/-], without "..", and written once: an object
/// never changes after it is stored. Every call blocks; thread-safe.
class ObjectStore {
 public:
  virtual ~ObjectStore() = default;
  /// not_found when there is none.
  virtual Result<std::unique_ptr<ObjectReader>> open(const std::string& key) = 0;
  /// Removes it; an object that does not exist is no error.
  virtual Result<void> remove(const std::string& key) = 0;
  /// Stores the whole file under a new key; visible complete or not at all, and durable when it returns. The spool file
  /// stays usable for reading and must not be written any more. quota_exceeded when there is no room; conflict when the
  /// key exists.
  virtual Result<void> put(const std::string& key, const SpoolFile& file) = 0;
  /// A descriptor for reading the object as a regular local file (a download to `spool_folder` where the store is
  /// remote).
  virtual Result<Descriptor> fetch(const std::string& key) = 0;
  /// Calls `visit` for every object, in no order, until it returns false. Objects that come or go meanwhile may be
  /// missed.
  virtual Result<void> list(const std::function<bool(const ObjectInfo&)>& visit) = 0;
  /// A URL by which whoever has it reads the object from the store until its lifetime is over, with those fields;
  /// nothing where the store cannot have one. Does not look whether there is such an object.
  virtual Result<std::optional<std::string>> make_link(const std::string& key, const DownloadLink& link) = 0;
  /// Removes what put()s that began before that time and died halfway left behind. One that still runs fails.
  virtual Result<void> remove_unfinished(WallTime before) = 0;
};

}  // namespace decant::tasks
