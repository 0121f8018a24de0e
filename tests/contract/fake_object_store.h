#pragma once

#include <sys/mman.h>

#include <functional>
#include <map>
#include <mutex>
#include <optional>

#include "tasks/object_key.h"
#include "tasks/object_store.h"

namespace decant::contract {

/// An ObjectStore in memory that can be told to fail. Thread-safe. Several may share one `Objects`.
class FakeObjectStore final : public tasks::ObjectStore {
 public:
  struct Object {
    std::string content;
    WallTime modified{};
  };
  struct Objects {
    std::mutex mutex;
    std::map<std::string, Object> by_key;
  };

  /// A shared_ptr because a second store of the same place may outlive the first.
  explicit FakeObjectStore(const Clock& clock, std::shared_ptr<Objects> objects = std::make_shared<Objects>())
      : clock_(clock), objects_(std::move(objects)) {}

  /// From now on put() fails so; nothing mends it.
  void fail_puts(std::optional<Error> error) {
    const std::lock_guard lock(objects_->mutex);
    put_error_ = std::move(error);
  }
  void fail_removes(std::optional<Error> error) {
    const std::lock_guard lock(objects_->mutex);
    remove_error_ = std::move(error);
  }
  /// From now on open() calls this first.
  void on_open(std::function<void()> call) {
    const std::lock_guard lock(objects_->mutex);
    on_open_ = std::move(call);
  }
  /// How often remove() was called.
  [[nodiscard]] int removes() const {
    const std::lock_guard lock(objects_->mutex);
    return removes_;
  }
  void insert(const std::string& key, std::string content) {
    const std::lock_guard lock(objects_->mutex);
    objects_->by_key[key] = {std::move(content), clock_.wall_now()};
  }
  [[nodiscard]] std::vector<std::string> keys() const {
    const std::lock_guard lock(objects_->mutex);
    std::vector<std::string> keys;
    for (const auto& [key, object] : objects_->by_key) keys.push_back(key);
    return keys;
  }
  [[nodiscard]] std::optional<std::string> content(const std::string& key) const {
    const std::lock_guard lock(objects_->mutex);
    const auto found = objects_->by_key.find(key);
    if (found == objects_->by_key.end()) return std::nullopt;
    return found->second.content;
  }

  Result<std::unique_ptr<tasks::ObjectReader>> open(const std::string& key) override {
    DECANT_CHECK(check(key));
    std::function<void()> call;
    {
      const std::lock_guard lock(objects_->mutex);
      call = on_open_;
    }
    if (call) call();
    auto found = content(key);
    if (!found) return missing();
    return std::make_unique<Reader>(*std::move(found));
  }

  Result<void> remove(const std::string& key) override {
    DECANT_CHECK(check(key));
    const std::lock_guard lock(objects_->mutex);
    ++removes_;
    if (remove_error_) return Failure(*remove_error_);
    objects_->by_key.erase(key);
    return {};
  }

  Result<void> put(const std::string& key, const SpoolFile& file) override {
    DECANT_CHECK(check(key));
    DECANT_TRY(const ByteCount size, file.size());
    std::string content(static_cast<std::size_t>(size), '\0');
    if (::pread(file.descriptor(), content.data(), content.size(), 0) != size) return system_failure(errno, "read");
    const std::lock_guard lock(objects_->mutex);
    if (put_error_) return Failure(*put_error_);
    if (!objects_->by_key.emplace(key, Object{std::move(content), clock_.wall_now()}).second) {
      return failure(ErrorCode::conflict, "an object with this key exists");
    }
    return {};
  }

  Result<Descriptor> fetch(const std::string& key) override {
    DECANT_CHECK(check(key));
    const auto found = content(key);
    if (!found) return missing();
    Descriptor file{::memfd_create("object", MFD_CLOEXEC)};
    DECANT_CHECK(write_all(file.get(), std::as_bytes(std::span(*found))));
    return file;
  }

  Result<void> list(const std::function<bool(const tasks::ObjectInfo&)>& visit) override {
    std::vector<tasks::ObjectInfo> infos;
    {
      const std::lock_guard lock(objects_->mutex);
      for (const auto& [key, object] : objects_->by_key) {
        infos.push_back({key, static_cast<ByteCount>(object.content.size()), object.modified});
      }
    }
    for (const tasks::ObjectInfo& info : infos) {
      if (!visit(info)) break;
    }
    return {};
  }

  /// From now on make_link() gives `base` with the key behind it.
  void give_links(std::string base) {
    const std::lock_guard lock(objects_->mutex);
    link_base_ = std::move(base);
  }
  Result<std::optional<tasks::ObjectLink>> make_link(
      const std::string& key, const std::variant<tasks::DownloadLink, tasks::UploadLink>& link) override {
    const std::lock_guard lock(objects_->mutex);
    if (const auto* download = std::get_if<tasks::DownloadLink>(&link)) last_link_ = *download;
    if (!link_base_) return std::nullopt;
    tasks::ObjectLink made{*link_base_ + key};
    if (const auto* upload = std::get_if<tasks::UploadLink>(&link)) {
      made.headers = {{"content-length", std::to_string(upload->size)}, {"x-amz-content-sha256", upload->sha256}};
    }
    return made;
  }
  [[nodiscard]] tasks::DownloadLink last_link() const {
    const std::lock_guard lock(objects_->mutex);
    return last_link_;
  }

  Result<void> remove_unfinished(WallTime before) override {
    const std::lock_guard lock(objects_->mutex);
    unfinished_removed_before_ = before;
    return {};
  }
  /// What remove_unfinished() was called with last: this store is never left with anything unfinished.
  [[nodiscard]] std::optional<WallTime> unfinished_removed_before() const {
    const std::lock_guard lock(objects_->mutex);
    return unfinished_removed_before_;
  }

 private:
  class Reader final : public tasks::ObjectReader {
   public:
    explicit Reader(std::string content) : content_(std::move(content)) {}
    [[nodiscard]] ByteCount size() const override { return static_cast<ByteCount>(content_.size()); }
    [[nodiscard]] int descriptor() const override { return -1; }
    Result<std::size_t> read(ByteCount offset, std::span<std::byte> buffer) override {
      const auto rest = std::as_bytes(std::span(content_)).subspan(static_cast<std::size_t>(offset));
      const auto part = rest.first(std::min(rest.size(), buffer.size()));
      std::ranges::copy(part, buffer.begin());
      return part.size();
    }

   private:
    std::string content_;
  };

  static Result<void> check(const std::string& key) {
    if (!tasks::is_object_key(key)) return failure(ErrorCode::invalid_argument, "this is no object key", key);
    return {};
  }
  static Failure missing() { return failure(ErrorCode::not_found, "there is no such object"); }

  const Clock& clock_;
  std::shared_ptr<Objects> objects_;
  std::optional<Error> put_error_;
  std::optional<Error> remove_error_;
  std::function<void()> on_open_;
  int removes_ = 0;
  std::optional<std::string> link_base_;
  tasks::DownloadLink last_link_;
  std::optional<WallTime> unfinished_removed_before_;
};

}  // namespace decant::contract
