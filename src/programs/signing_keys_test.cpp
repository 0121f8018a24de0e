#include "programs/signing_keys.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>
#include <thread>

#include "base/ids.h"

namespace decant::programs {
namespace {

class SigningKeys : public testing::Test {
 protected:
  SigningKeys() { std::filesystem::create_directory(folder_); }
  ~SigningKeys() override { std::filesystem::remove_all(folder_); }

  void write(const std::string& text, mode_t mode = 0600) const {
    std::ofstream(path()) << text;
    ::chmod(path().c_str(), mode);
  }
  [[nodiscard]] std::string path() const { return (folder_ / "jwt.key").string(); }

  std::filesystem::path folder_ = std::filesystem::temp_directory_path() / ("decant-" + random_hex(8));
  const std::string a_ = std::string(32, 'a');
  const std::string b_ = std::string(32, 'b');
};

TEST_F(SigningKeys, FirstStartMakesOneForItsOwnerOnly) {
  const auto made = load_signing_keys(path());
  ASSERT_TRUE(made) << made.error().message;
  EXPECT_EQ(made->current.size(), 64U);
  EXPECT_FALSE(made->previous);
  struct stat status{};
  ASSERT_EQ(::stat(path().c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777, 0600U);
  EXPECT_EQ(load_signing_keys(path())->current, made->current);
}

TEST_F(SigningKeys, RacingStartsAgree) {
  std::vector<std::string> secrets(8);
  {
    std::vector<std::jthread> starts;
    for (std::string& secret : secrets)
      starts.emplace_back([&secret, this] { secret = load_signing_keys(path())->current; });
  }
  for (const std::string& secret : secrets) EXPECT_EQ(secret, secrets.front());
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder_), {}), 1);
}

TEST_F(SigningKeys, TheSecondLineIsThePreviousSecret) {
  write(a_ + "\n" + b_ + "\n");
  EXPECT_EQ(load_signing_keys(path())->current, a_);
  EXPECT_EQ(load_signing_keys(path())->previous, b_);
}

TEST_F(SigningKeys, RefusesWhatOthersMayReadAndShortSecrets) {
  write(a_ + "\n", 0640);
  EXPECT_NE(load_signing_keys(path()).error().message.find("chmod 600"), std::string::npos);
  write("short\n");
  EXPECT_FALSE(load_signing_keys(path()));
  write("");
  EXPECT_FALSE(load_signing_keys(path()));
  write(a_ + "\nshort\n");
  EXPECT_FALSE(load_signing_keys(path()));
}

}  // namespace
}  // namespace decant::programs
