#include "objects/file/file_object_store.h"

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <optional>
#include <string_view>
#include <system_error>

#include "objects/file/place_file.h"
#include "tasks/object_key.h"

namespace decant::objects {
namespace {

constexpr int shard_count = 256;
constexpr char separator = '+';

std::string shard_name(int shard) { return fmt::format("{:02x}", shard); }

int find_shard(std::string_view key) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char character : key) hash = (hash ^ static_cast<unsigned char>(character)) * 0x100000001b3;
  return static_cast<int>(hash % shard_count);
}

std::string name_of(std::string key) {
  std::ranges::replace(key, '/', separator);
  return key;
}

std::optional<std::string> find_key(std::string name) {
  std::ranges::replace(name, separator, '/');
  if (!tasks::is_object_key(name)) return std::nullopt;
  return name;
}

WallTime changed_at(const struct stat& status) {
  const auto since_epoch =
      std::chrono::seconds(status.st_ctim.tv_sec) + std::chrono::nanoseconds(status.st_ctim.tv_nsec);
  return WallTime(std::chrono::floor<std::chrono::milliseconds>(since_epoch));
}

Result<Descriptor> open_subfolder(int folder_fd, int shard) {
  const std::string name = shard_name(shard);
  Descriptor opened{::openat(folder_fd, name.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)};
  if (opened.is_open()) return opened;
  // A lost shard is a fault of the store, not a missing object.
  return failure(ErrorCode::unavailable, "the object store is damaged",
                 name + ": " + std::generic_category().message(errno));
}

/// Where a key lives.
struct Place {
  Descriptor shard;
  std::string name;
};

Result<Place> find_place(int folder_fd, const std::string& key) {
  if (!tasks::is_object_key(key)) return failure(ErrorCode::invalid_argument, "this is no object key", key);
  DECANT_TRY(Descriptor shard, open_subfolder(folder_fd, find_shard(key)));
  return Place{std::move(shard), name_of(key)};
}

struct CloseFolder {
  void operator()(DIR* folder) const { ::closedir(folder); }
};

/// Calls `visit` with the name of each entry until it returns false; false when it did.
Result<bool> visit_names(int shard_fd, const std::function<bool(const char*)>& visit) {
  // A description of its own, for the directory offset belongs to it.
  const int fd = ::openat(shard_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (fd < 0) return system_failure(errno, "list the objects");
  const std::unique_ptr<DIR, CloseFolder> folder{::fdopendir(fd)};
  for (;;) {
    errno = 0;
    const struct dirent* entry = ::readdir(folder.get());
    if (entry == nullptr) break;
    if (!visit(entry->d_name)) return false;
  }
  if (errno != 0) return system_failure(errno, "list the objects");
  return true;
}

/// Nothing for what is no regular file, or gone meanwhile.
std::optional<struct stat> find_status(int shard_fd, const char* name) {
  struct stat status{};
  if (::fstatat(shard_fd, name, &status, AT_SYMLINK_NOFOLLOW) != 0 || !S_ISREG(status.st_mode)) return std::nullopt;
  return status;
}

class FileReader final : public tasks::ObjectReader {
 public:
  FileReader(Descriptor file, ByteCount size) : file_(std::move(file)), size_(size) {}
  [[nodiscard]] ByteCount size() const override { return size_; }
  [[nodiscard]] int descriptor() const override { return file_.get(); }
  Result<std::size_t> read(ByteCount offset, std::span<std::byte> buffer) override {
    for (;;) {
      const ssize_t got = ::pread(file_.get(), buffer.data(), buffer.size(), offset);
      if (got >= 0) return static_cast<std::size_t>(got);
      if (errno != EINTR) return system_failure(errno, "read the object");
    }
  }

 private:
  Descriptor file_;
  ByteCount size_;
};

}  // namespace

Result<std::unique_ptr<tasks::ObjectStore>> FileObjectStore::open_folder(const std::filesystem::path& path) {
  std::error_code error;
  std::filesystem::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return system_failure(errno, "make the object folder", path.string());
  Descriptor folder{::open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
  if (!folder.is_open()) return system_failure(errno, "open the object folder", path.string());
  for (int shard = 0; shard < shard_count; ++shard) {
    if (::mkdirat(folder.get(), shard_name(shard).c_str(), 0700) != 0 && errno != EEXIST) {
      return system_failure(errno, "make the object folder", path.string());
    }
    DECANT_CHECK(open_subfolder(folder.get(), shard));
  }
  if (::fsync(folder.get()) != 0) return system_failure(errno, "make the object folder", path.string());
  return std::unique_ptr<tasks::ObjectStore>(new FileObjectStore(std::move(folder)));
}

Result<Descriptor> FileObjectStore::fetch(const std::string& key) {
  DECANT_TRY(const Place place, find_place(folder_.get(), key));
  // O_NONBLOCK so that a FIFO put there by hand cannot hang the caller.
  Descriptor file{::openat(place.shard.get(), place.name.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)};
  if (!file.is_open()) return system_failure(errno, "open the object", key);
  struct stat status{};
  if (::fstat(file.get(), &status) != 0) return system_failure(errno, "open the object", key);
  if (!S_ISREG(status.st_mode)) return failure(ErrorCode::internal, "could not open the object: it is not a file", key);
  return file;
}

Result<std::unique_ptr<tasks::ObjectReader>> FileObjectStore::open(const std::string& key) {
  DECANT_TRY(Descriptor file, fetch(key));
  DECANT_TRY(const ByteCount size, file_size(file.get()));
  return std::make_unique<FileReader>(std::move(file), size);
}

Result<void> FileObjectStore::remove(const std::string& key) {
  DECANT_TRY(const Place place, find_place(folder_.get(), key));
  if (::unlinkat(place.shard.get(), place.name.c_str(), 0) != 0 && errno != ENOENT) {
    return system_failure(errno, "remove the object", key);
  }
  return {};
}

Result<void> FileObjectStore::put(const std::string& key, const SpoolFile& file) {
  DECANT_TRY(const Place place, find_place(folder_.get(), key));
  return place_file(file, place.shard.get(), place.name);
}

Result<void> FileObjectStore::list(const std::function<bool(const tasks::ObjectInfo&)>& visit) {
  for (int shard = 0; shard < shard_count; ++shard) {
    DECANT_TRY(const Descriptor opened, open_subfolder(folder_.get(), shard));
    DECANT_TRY(const bool goes_on, visit_names(opened.get(), [&](const char* name) {
                 const auto key = find_key(name);
                 if (!key) return true;
                 const auto status = find_status(opened.get(), name);
                 return !status || visit({*key, status->st_size, changed_at(*status)});
               }));
    if (!goes_on) break;
  }
  return {};
}

Result<std::optional<tasks::ObjectLink>> FileObjectStore::make_link(
    const std::string&, const std::variant<tasks::DownloadLink, tasks::UploadLink>&) {
  return std::nullopt;
}

Result<void> FileObjectStore::remove_unfinished(WallTime before) {
  for (int shard = 0; shard < shard_count; ++shard) {
    DECANT_TRY(const Descriptor opened, open_subfolder(folder_.get(), shard));
    DECANT_CHECK(visit_names(opened.get(), [&](const char* name) {
      if (name[0] != temporary_prefix) return true;
      const auto status = find_status(opened.get(), name);
      if (status && changed_at(*status) < before) ::unlinkat(opened.get(), name, 0);
      return true;
    }));
  }
  return {};
}

}  // namespace decant::objects
