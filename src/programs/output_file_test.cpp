#include "programs/output_file.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "base/ids.h"

namespace decant::programs {
namespace {

class OutputFiles : public testing::Test {
 protected:
  OutputFiles() { std::filesystem::create_directory(folder_); }
  ~OutputFiles() override { std::filesystem::remove_all(folder_); }

  [[nodiscard]] Result<OutputFile> make(OutputFile::Existing existing) const {
    return OutputFile::make(path(), existing, -1);
  }
  void write(const std::string& text) const { std::ofstream(path()) << text; }
  [[nodiscard]] std::string content() const {
    std::string text;
    std::getline(std::ifstream(path()), text);
    return text;
  }
  [[nodiscard]] std::string path() const { return (folder_ / "out.mp3").string(); }
  [[nodiscard]] long files() const { return std::distance(std::filesystem::directory_iterator(folder_), {}); }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("decant-" + random_hex(8));
};

Result<void> write_word(const OutputFile& file) {
  return write_all(file.descriptor(), std::as_bytes(std::span("new", 3)));
}

TEST_F(OutputFiles, AppearsCompleteOrNotAtAll) {
  {
    auto file = make(OutputFile::Existing::refuse);
    ASSERT_TRUE(file);
    ASSERT_TRUE(write_word(*file));
    EXPECT_FALSE(std::filesystem::exists(path()));
    ASSERT_TRUE(file->publish());
  }
  EXPECT_EQ(content(), "new");
  EXPECT_EQ(files(), 1);
}

TEST_F(OutputFiles, LeavesNothingWhenItWasNotPublished) {
  {
    ASSERT_TRUE(make(OutputFile::Existing::refuse));
  }
  EXPECT_EQ(files(), 0);
}

TEST_F(OutputFiles, KeepsAnExistingFileUnlessTold) {
  write("old");
  EXPECT_EQ(make(OutputFile::Existing::refuse).error().code, ErrorCode::conflict);
  auto file = make(OutputFile::Existing::replace);
  ASSERT_TRUE(file);
  ASSERT_TRUE(write_word(*file));
  EXPECT_EQ(content(), "old");
  ASSERT_TRUE(file->publish());
  EXPECT_EQ(content(), "new");
}

TEST_F(OutputFiles, KeepsAFileThatCameMeanwhile) {
  auto file = make(OutputFile::Existing::refuse);
  write("other");
  EXPECT_EQ(file->publish().error().code, ErrorCode::conflict);
  EXPECT_EQ(content(), "other");
}

TEST_F(OutputFiles, NeverReplacesItsInput) {
  write("old");
  const auto input = open_for_reading(path());
  EXPECT_FALSE(OutputFile::make(path(), OutputFile::Existing::replace, input->get()));
  std::filesystem::create_hard_link(path(), folder_ / "same.mp3");
  EXPECT_FALSE(OutputFile::make((folder_ / "same.mp3").string(), OutputFile::Existing::replace, input->get()));
}

TEST_F(OutputFiles, SaysWhatIsWrongWithThePlace) {
  const auto file = OutputFile::make((folder_ / "none" / "out.mp3").string(), OutputFile::Existing::refuse, -1);
  ASSERT_FALSE(file);
  EXPECT_NE(file.error().message.find("No such file"), std::string::npos);
  EXPECT_FALSE(OutputFile::make(folder_.string(), OutputFile::Existing::replace, -1));
}

}  // namespace
}  // namespace decant::programs
