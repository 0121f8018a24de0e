#include "programs/batch/plan.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace decant::programs::batch {
namespace {

using enum ListedFile::Found;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// Each with an inode of its own.
Listing list(std::vector<ListedFile> files) {
  for (std::size_t i = 0; i < files.size(); ++i) files[i].id.inode = i + 1;
  return {.files = std::move(files)};
}

ListedFile in(const std::string& folder, const std::string& relative) {
  return {.found = in_folder, .path = folder + relative, .relative = relative};
}

ListedFile named(const std::string& path, const std::string& name) {
  return {.found = by_name, .path = path, .relative = name};
}

std::vector<std::string> pairs(const Plan& plan) {
  std::vector<std::string> lines;
  for (const PlannedFile& file : plan.files) {
    lines.push_back(file.input.path + (file.work == PlannedFile::Work::copy ? " = " : " > ") + file.output);
  }
  return lines;
}

TEST(MakePlan, KeepsTheStructureUnderAnOutputFolder) {
  const auto plan = make_plan(list({in("Music/", "A/1.flac"), in("Music/", "A/No. 5"), in("Music/", "B/x.y.WAV")}),
                              {.extension = "opus", .folder = "out/"});
  ASSERT_TRUE(plan);
  EXPECT_THAT(pairs(*plan), ElementsAre("Music/A/1.flac > out/A/1.opus", "Music/B/x.y.WAV > out/B/x.y.opus"));
  ASSERT_EQ(plan->skipped.size(), 1U);
  EXPECT_EQ(plan->skipped[0].path, "Music/A/No. 5");
}

TEST(MakePlan, PutsResultsBesideTheirInputs) {
  const auto plan = make_plan(list({named("x/-a.wav", "-a.wav"), named("film.mkv", "film.mkv"), named("b", "b")}),
                              {.extension = "mp3"});
  ASSERT_TRUE(plan);
  EXPECT_THAT(pairs(*plan), ElementsAre("x/-a.wav > x/-a.mp3", "film.mkv > film.mp3", "b > b.mp3"));
}

TEST(MakePlan, KeepsBytesOfNamesThatAreNoUtf8) {
  const auto plan = make_plan(list({in("m/", "caf\xe9.wav")}), {.extension = "mp3", .folder = "out"});
  EXPECT_THAT(pairs(*plan), ElementsAre("m/caf\xe9.wav > out/caf\xe9.mp3"));
}

TEST(MakePlan, CopiesOthersOnlyWhenTold) {
  const Listing listing = list({in("m/", "cover.jpg"), in("m/", "film.mkv")});
  EXPECT_THAT(make_plan(listing, {.extension = "mp3", .folder = "out"})->files, IsEmpty());
  const auto plan = make_plan(listing, {.extension = "mp3", .folder = "out", .others = PlanOptions::Others::copy});
  EXPECT_THAT(pairs(*plan), ElementsAre("m/cover.jpg = out/cover.jpg", "m/film.mkv = out/film.mkv"));
}

TEST(MakePlan, RefusesTwoInputsForOneOutput) {
  const auto plan = make_plan(list({in("m/", "a.wav"), in("m/", "a.flac")}), {.extension = "mp3", .folder = "out"});
  ASSERT_FALSE(plan);
  ASSERT_EQ(plan.error().fields.size(), 1U);
  EXPECT_THAT(plan.error().fields[0].message, HasSubstr("m/a.wav and m/a.flac would both become out/a.mp3"));
}

TEST(MakePlan, TakesAFileNamedTwiceOnce) {
  Listing listing = list({named("a.wav", "a.wav"), named("./a.wav", "a.wav")});
  listing.files[1].id = listing.files[0].id;
  EXPECT_THAT(pairs(*make_plan(listing, {.extension = "mp3"})), ElementsAre("a.wav > a.mp3"));
}

TEST(MakePlan, NeverReplacesAnInput) {
  const auto itself = make_plan(list({named("a.mp3", "a.mp3")}), {.extension = "mp3"});
  ASSERT_FALSE(itself);
  EXPECT_THAT(itself.error().fields[0].message, HasSubstr("itself"));
  const auto another = make_plan(list({named("x/a.wav", "a.wav"), named("out/../out/a.mp3", "b.mp3")}),
                                 {.extension = "mp3", .folder = "out"});
  ASSERT_FALSE(another);
  EXPECT_THAT(another.error().fields[0].message, HasSubstr("is an input"));
}

TEST(MakePlan, LeavesInAFolderWhatIsThereAlready) {
  // As the second run over a folder finds it: the first one's result beside its input.
  const auto plan = make_plan(list({in("m/", "a.mp3"), in("m/", "a.wav")}), {.extension = "mp3"});
  ASSERT_TRUE(plan);
  EXPECT_THAT(pairs(*plan), ElementsAre("m/a.wav > m/a.mp3"));
  ASSERT_EQ(plan->skipped.size(), 1U);
  EXPECT_EQ(plan->skipped[0].path, "m/a.mp3");
}

TEST(MakePlan, TellsOnlySomeOfManyConflicts) {
  std::vector<ListedFile> files;
  for (int i = 0; i < 100; ++i) {
    const std::string name = fmt::format("{}.mp3", i);
    files.push_back(named(name, name));
  }
  const auto plan = make_plan(list(std::move(files)), {.extension = "mp3"});
  ASSERT_FALSE(plan);
  EXPECT_LT(plan.error().fields.size(), 30U);
  EXPECT_EQ(plan.error().fields.back().message, "and 80 more");
}

}  // namespace
}  // namespace decant::programs::batch
