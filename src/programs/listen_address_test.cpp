#include "programs/listen_address.h"

#include <gtest/gtest.h>

namespace decant::programs {
namespace {

TEST(ListenAddress, TakesNumericAddressesOfBothFamilies) {
  EXPECT_EQ(page_url(parse_listen_address("127.0.0.1:8080").value()), "http://127.0.0.1:8080/");
  EXPECT_EQ(page_url(parse_listen_address("[::1]:80").value()), "http://[::1]:80/");
  EXPECT_EQ(page_url(parse_listen_address("0.0.0.0:1").value()), "http://127.0.0.1:1/");
  EXPECT_EQ(page_url(parse_listen_address("[::]:1").value()), "http://[::1]:1/");
}

TEST(ListenAddress, RefusesTheRestWithTheRemedy) {
  for (const char* wrong : {"", "8080", ":8080", "localhost:8080", "127.0.0.1", "127.0.0.1:", "127.0.0.1:65536",
                            "127.0.0.1:-1", "127.0.0.1:80x", "::1:80", "[127.0.0.1]:80"}) {
    const auto address = parse_listen_address(wrong);
    ASSERT_FALSE(address) << wrong;
    EXPECT_EQ(address.error().code, ErrorCode::invalid_argument);
    EXPECT_NE(address.error().message.find("127.0.0.1:8080"), std::string::npos);
  }
}

TEST(ListenAddress, ARefusalNamesTheSetting) {
  EXPECT_THAT(parse_listen_address("9464", "metrics_listen").error().message,
              testing::HasSubstr("setting metrics_listen cannot be \"9464\""));
}

}  // namespace
}  // namespace decant::programs
