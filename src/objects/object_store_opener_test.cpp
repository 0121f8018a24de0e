#include "objects/object_store_opener.h"

#include <gtest/gtest.h>

#include "contract/temporary_folder.h"

namespace decant::objects {
namespace {

class ObjectStoreOpener : public testing::Test {
 protected:
  Result<std::unique_ptr<tasks::ObjectStore>> open(const std::string& url) {
    return open_object_store(url, {}, clock_, logger_);
  }

  SystemClock clock_;
  Logger logger_{LogLevel::error, LogFormat::text};
};

TEST_F(ObjectStoreOpener, OpensAFolderAndMakesIt) {
  const contract::TemporaryFolder folder;
  const auto store = open("file://" + (folder.path() / "deep" / "objects").string());
  ASSERT_TRUE(store) << store.error().describe();
  EXPECT_TRUE(std::filesystem::is_directory(folder.path() / "deep" / "objects"));
}

TEST_F(ObjectStoreOpener, RefusesOtherUrls) {
  for (const char* url : {"", "objects", "/objects", "file:objects", "file://host/objects", "file://", "S3://bucket"}) {
    const auto store = open(url);
    ASSERT_FALSE(store) << url;
    EXPECT_EQ(store.error().code, ErrorCode::invalid_argument) << url;
    EXPECT_THAT(store.error().message, testing::HasSubstr("file:///")) << url;
  }
}

}  // namespace
}  // namespace decant::objects
