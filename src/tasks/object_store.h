#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <variant>
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

/// How a client is to put one new object into the store directly.
struct UploadLink {
  std::chrono::seconds lifetime{};
  ByteCount size = 0;
  std::string sha256;  ///< of its content, lower-case hexadecimal
};

/// Where to send a request to the store, and the fields that must be sent with it, names in lower case.
struct ObjectLink {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers = {};
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
  /// key exists; a remote store may take the very same content for a put whose answer was lost.
  virtual Result<void> put(const std::string& key, const SpoolFile& file) = 0;
  /// A descriptor for reading the object as a regular local file (a download to `spool_folder` where the store is
  /// remote).
  virtual Result<Descriptor> fetch(const std::string& key) = 0;
  /// Calls `visit` for every object, in no order, until it returns false. Objects that come or go meanwhile may be
  /// missed.
  virtual Result<void> list(const std::function<bool(const ObjectInfo&)>& visit) = 0;
  /// By a DownloadLink whoever has it may GET the object from the store until its lifetime is over, with those fields;
  /// by an UploadLink PUT it there: just those bytes, once, and never for others to read. Nothing where the store
  /// cannot have such links. Does not look whether there is such an object. too_large past what one request may bring.
  virtual Result<std::optional<ObjectLink>> make_link(const std::string& key,
                                                      const std::variant<DownloadLink, UploadLink>& link) = 0;
  /// Removes what put()s that began before that time and died halfway left behind. One that still runs fails.
  virtual Result<void> remove_unfinished(WallTime before) = 0;
};

}  // namespace decant::tasks
