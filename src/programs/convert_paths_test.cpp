#include "programs/convert_paths.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>

namespace decant::programs {
namespace {

using enum ConvertPaths::To;
using testing::ElementsAre;
using Folders = ConvertCommand::Folders;

const std::map<std::string, PathKind> disk = {
    {"a.wav", PathKind::file}, {"b.flac", PathKind::file},  {"b.mp3", PathKind::file},
    {"x.dat", PathKind::file}, {"Music", PathKind::folder}, {"out", PathKind::folder},
};

Result<ConvertPaths> read(const std::vector<std::string>& paths, std::string_view target = {},
                          Folders folders = Folders::refuse) {
  static const tasks::TargetFormat mp3{.name = "mp3", .extension = "mp3"};
  return read_convert_paths(paths, target.empty() ? nullptr : &mp3, folders, [](const std::string& path) {
    const auto found = disk.find(path);
    return found == disk.end() ? PathKind::absent : found->second;
  });
}

TEST(ConvertPaths, TwoAreInputAndOutput) {
  for (const char* output : {"new.mp3", "new", "b.flac", "-"}) {
    const auto paths = read({"a.wav", output});
    ASSERT_TRUE(paths) << output;
    EXPECT_EQ(paths->to, file) << output;
    EXPECT_THAT(paths->inputs, ElementsAre("a.wav"));
    EXPECT_EQ(paths->output, output);
  }
}

TEST(ConvertPaths, WithAFormatAnExistingFileOfAnotherOneIsAnInput) {
  EXPECT_EQ(read({"a.wav", "b.flac"}, "mp3")->to, beside);
  EXPECT_THAT(read({"a.wav", "b.flac"}, "mp3")->inputs, ElementsAre("a.wav", "b.flac"));
  for (const char* output : {"b.mp3", "x.dat", "new.flac", "new", "-"}) {
    EXPECT_EQ(read({"a.wav", output}, "mp3")->to, file) << output;
  }
}

TEST(ConvertPaths, ALastFolderTakesTheResults) {
  for (const char* output : {"out", "new/"}) {
    const auto paths = read({"a.wav", output}, "mp3");
    EXPECT_EQ(paths->to, folder) << output;
    EXPECT_EQ(paths->output, output);
  }
  EXPECT_EQ(read({"a.wav", "b.flac", "new"}, "mp3")->output, "new");
  EXPECT_EQ(read({"Music", "new"}, "mp3", Folders::enter)->output, "new");
}

TEST(ConvertPaths, OthersGoBesideTheirInputs) {
  EXPECT_EQ(read({"a.wav"}, "mp3")->to, beside);
  EXPECT_EQ(read({"Music"}, "mp3", Folders::enter)->to, beside);
  EXPECT_EQ(read({"a.wav", "Music", "b.flac"}, "mp3", Folders::enter)->to, beside);
}

TEST(ConvertPaths, NonsenseIsSaid) {
  EXPECT_NE(read({"Music", "out"}, "mp3").error().message.find("--recursive"), std::string::npos);
  EXPECT_NE(read({"Music", "new.mp3"}).error().message.find("--recursive"), std::string::npos);
  EXPECT_NE(read({"a.wav", "b.flac", "new.mp3"}, "mp3").error().message.find("new.mp3"), std::string::npos);
  EXPECT_FALSE(read({"-"}, "mp3"));
  EXPECT_FALSE(read({"a.wav", "-", "out"}, "mp3"));
}

}  // namespace
}  // namespace decant::programs
