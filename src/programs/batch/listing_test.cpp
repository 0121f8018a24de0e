#include "programs/batch/listing.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/ids.h"

namespace decant::programs::batch {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;

class ListFiles : public testing::Test {
 protected:
  ListFiles() { fs::create_directory(root_); }
  ~ListFiles() override { fs::remove_all(root_); }

  void write(const std::string& name) const {
    fs::create_directories((root_ / name).parent_path());
    std::ofstream(root_ / name) << "x";
  }
  [[nodiscard]] std::string path(const std::string& name) const { return (root_ / name).string(); }
  [[nodiscard]] Listing list(const std::string& input, const std::string& output = "") const {
    return *list_files({path(input)}, output.empty() ? "" : path(output));
  }
  static std::vector<std::string> relatives(const Listing& listing) {
    std::vector<std::string> names;
    for (const ListedFile& file : listing.files) names.push_back(file.relative);
    return names;
  }

  fs::path root_ = fs::temp_directory_path() / ("decant-" + random_hex(8));
};

TEST_F(ListFiles, WalksInTheOrderOfNamesWithoutHiddenOnes) {
  for (const char* name : {"m/b.wav", "m/a/z.wav", "m/a/-y.wav", "m/.hidden.wav", "m/.git/c.wav"}) write(name);
  fs::create_directory(root_ / "m/empty");
  EXPECT_THAT(relatives(list("m/")), ElementsAre("a/-y.wav", "a/z.wav", "b.wav"));
  EXPECT_THAT(relatives(list("m")), ElementsAre("m/a/-y.wav", "m/a/z.wav", "m/b.wav"));
  EXPECT_THAT(relatives(list("m/.")), ElementsAre("a/-y.wav", "a/z.wav", "b.wav"));
  EXPECT_EQ(list("m/b.wav").files[0].found, ListedFile::Found::by_name);
}

TEST_F(ListFiles, FollowsLinksToFilesAndNoneToFolders) {
  write("m/a/x.wav");
  fs::create_symlink("a/x.wav", root_ / "m/link.wav");
  fs::create_directory_symlink("..", root_ / "m/a/loop");
  fs::create_symlink("nowhere", root_ / "m/broken.wav");
  const Listing listing = list("m/");
  EXPECT_THAT(relatives(listing), ElementsAre("a/x.wav", "link.wav"));
  ASSERT_EQ(listing.skipped.size(), 1U);
  EXPECT_EQ(listing.skipped[0].path, path("m/a/loop"));
  ASSERT_EQ(listing.unreadable.size(), 1U);
  EXPECT_EQ(listing.unreadable[0].path, path("m/broken.wav"));
}

TEST_F(ListFiles, DoesNotWalkTheOutput) {
  write("m/a.wav");
  write("m/out/b.wav");
  EXPECT_THAT(relatives(list("m/", "m/out")), ElementsAre("a.wav"));
  fs::create_directory_symlink("m/out", root_ / "elsewhere");
  EXPECT_THAT(relatives(list("m/", "elsewhere")), ElementsAre("a.wav"));
  EXPECT_EQ(list_files({path("m")}, path("m/.")).error().code, ErrorCode::invalid_argument);
}

TEST_F(ListFiles, NamesWhatIsNotThereAndGoesOn) {
  write("a.wav");
  const auto listing = list_files({path("none.wav"), path("a.wav")}, "");
  ASSERT_TRUE(listing);
  EXPECT_THAT(relatives(*listing), ElementsAre("a.wav"));
  ASSERT_EQ(listing->unreadable.size(), 1U);
  EXPECT_EQ(listing->unreadable[0].error.code, ErrorCode::not_found);
}

}  // namespace
}  // namespace decant::programs::batch
