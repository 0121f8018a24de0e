#include "objects/file/file_object_store.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <csignal>
#include <fstream>

#include "contract/fake_object_store.h"
#include "contract/object_store_contract.h"
#include "contract/temporary_folder.h"

namespace decant::objects {
namespace {

using contract::MakeObjectStore;
using contract::ObjectStoreContract;
using contract::TemporaryFolder;

std::unique_ptr<tasks::ObjectStore> open_store(const std::filesystem::path& folder) {
  return FileObjectStore::open_folder(folder).value();
}

MakeObjectStore make_file_store() {
  // Shared by the copies of the std::function.
  return [folder = std::make_shared<TemporaryFolder>()] { return open_store(folder->path() / "objects"); };
}

/// The spool files of the suite are on another file system than the objects wherever /dev/shm is one.
MakeObjectStore make_store_elsewhere() {
  return [folder = std::make_shared<TemporaryFolder>("/dev/shm")] { return open_store(folder->path() / "objects"); };
}

MakeObjectStore make_fake_store() {
  return [objects = std::make_shared<contract::FakeObjectStore::Objects>(), clock = std::make_shared<SystemClock>()] {
    return std::make_unique<contract::FakeObjectStore>(*clock, objects);
  };
}

INSTANTIATE_TEST_SUITE_P(File, ObjectStoreContract, testing::Values(make_file_store));
INSTANTIATE_TEST_SUITE_P(FileElsewhere, ObjectStoreContract, testing::Values(make_store_elsewhere));
INSTANTIATE_TEST_SUITE_P(Fake, ObjectStoreContract, testing::Values(make_fake_store));

class FileObjectStoreTest : public testing::Test {
 protected:
  static SpoolFile spool(std::size_t size) {
    SpoolFile file = SpoolFile::make(std::filesystem::temp_directory_path()).value();
    EXPECT_TRUE(file.append(std::vector<std::byte>(size)));
    return file;
  }

  std::vector<std::filesystem::path> files() const {
    std::vector<std::filesystem::path> found;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(root_)) {
      if (!entry.is_directory()) found.push_back(entry.path());
    }
    return found;
  }

  TemporaryFolder folder_;
  std::filesystem::path root_ = folder_.path() / "objects";
  std::unique_ptr<tasks::ObjectStore> store_ = open_store(root_);
};

TEST_F(FileObjectStoreTest, KeepsTheLayoutThatItDocuments) {
  ASSERT_TRUE(store_->put("sources/a/b.mp3", spool(1)));
  EXPECT_THAT(files(), testing::ElementsAre(root_ / "ec" / "sources+a+b.mp3"));
}

TEST_F(FileObjectStoreTest, LinksWithoutACopy) {
  const SpoolFile file = spool(1);
  ASSERT_TRUE(store_->put("key", file));
  struct stat spooled{};
  struct stat stored{};
  ASSERT_EQ(::fstat(file.descriptor(), &spooled), 0);
  ASSERT_EQ(::stat(files().front().c_str(), &stored), 0);
  EXPECT_EQ(spooled.st_ino, stored.st_ino);
}

TEST_F(FileObjectStoreTest, AFullDiskIsQuotaExceededAndLeavesNothing) {
  constexpr std::size_t size = 1 << 20;
  const SpoolFile file = spool(size);
  // An unlinked file cannot be linked again, so the second put has to write.
  ASSERT_TRUE(store_->put("first", file));
  ASSERT_TRUE(store_->remove("first"));
  ASSERT_TRUE(files().empty());

  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto ignore_before = std::signal(SIGXFSZ, SIG_IGN);
  const rlimit half{size / 2, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &half), 0);
  const auto stored = store_->put("second", file);
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &before), 0);
  std::signal(SIGXFSZ, ignore_before);

  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::quota_exceeded);
  EXPECT_TRUE(files().empty());
  EXPECT_TRUE(store_->put("second", file));
}

TEST_F(FileObjectStoreTest, FollowsNoSymbolicLink) {
  const std::filesystem::path secret = folder_.path() / "secret";
  std::ofstream(secret) << "secret";
  ASSERT_TRUE(store_->put("key", spool(1)));
  const std::filesystem::path object = files().front();
  std::filesystem::remove(object);
  std::filesystem::create_symlink(secret, object);
  EXPECT_FALSE(store_->open("key"));
  EXPECT_FALSE(store_->fetch("key"));

  const std::filesystem::path shard = object.parent_path();
  std::filesystem::remove_all(shard);
  std::filesystem::create_directory(folder_.path() / "outside");
  std::filesystem::create_directory_symlink(folder_.path() / "outside", shard);
  EXPECT_FALSE(store_->put("key", spool(1)));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path() / "outside"));
}

TEST_F(FileObjectStoreTest, IsNeverModifiedBeforeItWasPut) {
  const SpoolFile file = spool(1);
  const timespec long_ago[2] = {{1000, 0}, {1000, 0}};
  ASSERT_EQ(::futimens(file.descriptor(), long_ago), 0);
  // The kernel stamps inodes with a clock that is up to a tick behind.
  const WallTime before = SystemClock().wall_now() - std::chrono::milliseconds(20);
  ASSERT_TRUE(store_->put("key", file));
  WallTime modified{};
  ASSERT_TRUE(store_->list([&](const tasks::ObjectInfo& info) {
    modified = info.modified;
    return true;
  }));
  EXPECT_GE(modified, before);
}

TEST_F(FileObjectStoreTest, ListsOnlyObjects) {
  ASSERT_TRUE(store_->put("key", spool(1)));
  std::ofstream(root_ / "00" / ".half-written") << "x";
  std::ofstream(root_ / "00" / "Made by hand") << "x";
  std::filesystem::create_directory(root_ / "00" / "folder");
  int listed = 0;
  ASSERT_TRUE(store_->list([&](const tasks::ObjectInfo&) { return ++listed, true; }));
  EXPECT_EQ(listed, 1);
}

TEST_F(FileObjectStoreTest, RemovesOnlyStaleTemporaries) {
  std::ofstream(root_ / "00" / ".half-written") << "x";
  ASSERT_TRUE(store_->put("key", spool(1)));
  const WallTime now = SystemClock().wall_now();
  ASSERT_TRUE(store_->remove_unfinished(now - std::chrono::hours(1)));
  EXPECT_EQ(files().size(), 2U);
  ASSERT_TRUE(store_->remove_unfinished(now + std::chrono::hours(1)));
  EXPECT_THAT(files(), testing::ElementsAre(testing::Property(&std::filesystem::path::filename, "key")));
}

TEST(FileObjectStore, SaysWhichFolderItCannotMake) {
  TemporaryFolder folder;
  std::ofstream(folder.path() / "file") << "x";
  const auto store = FileObjectStore::open_folder(folder.path() / "file");
  ASSERT_FALSE(store);
  EXPECT_THAT(store.error().describe(), testing::HasSubstr((folder.path() / "file").string()));
}

}  // namespace
}  // namespace decant::objects
