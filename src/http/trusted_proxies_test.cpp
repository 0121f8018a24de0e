#include "http/trusted_proxies.h"

#include <gtest/gtest.h>

namespace decant::http {
namespace {

using boost::asio::ip::make_address;

std::string client_of(std::string_view peer, std::string_view forwarded_for) {
  const auto proxies = TrustedProxies::parse({"10.0.0.0/8", "192.0.2.1", "fd00::/8"});
  return proxies->client_of(normalize(make_address(std::string(peer))), forwarded_for).to_string();
}

TEST(TrustedProxies, BelievesOnlyTheProxies) {
  EXPECT_EQ(client_of("203.0.113.9", "1.2.3.4"), "203.0.113.9");
  EXPECT_EQ(client_of("10.1.2.3", "1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(client_of("::ffff:10.1.2.3", "1.2.3.4"), "1.2.3.4");
  EXPECT_EQ(client_of("fd00::7", "2001:db8::1"), "2001:db8::1");
  EXPECT_EQ(client_of("192.0.2.2", "1.2.3.4"), "192.0.2.2");
}

TEST(TrustedProxies, TakesTheLastThatIsNoProxy) {
  EXPECT_EQ(client_of("10.0.0.1", "6.6.6.6, 1.2.3.4, 10.0.0.2"), "1.2.3.4");
  EXPECT_EQ(client_of("10.0.0.1", "10.0.0.3, 10.0.0.2"), "10.0.0.3");
  EXPECT_EQ(client_of("10.0.0.1", "1.2.3.4:5678"), "1.2.3.4");
  EXPECT_EQ(client_of("10.0.0.1", "[2001:db8::1]:80"), "2001:db8::1");
  EXPECT_EQ(client_of("10.0.0.1", "::ffff:1.2.3.4"), "1.2.3.4");
}

TEST(TrustedProxies, StopsAtWhatIsNoAddress) {
  EXPECT_EQ(client_of("10.0.0.1", ""), "10.0.0.1");
  EXPECT_EQ(client_of("10.0.0.1", "1.2.3.4, unknown"), "10.0.0.1");
  EXPECT_EQ(client_of("10.0.0.1", "1.2.3.4, <script>, 10.0.0.2"), "10.0.0.2");
  EXPECT_EQ(client_of("10.0.0.1", "1.2.3.4,"), "10.0.0.1");
}

TEST(TrustedProxies, NamesTheEntryThatIsWrong) {
  for (const char* bad : {"", "proxy.example", "10.0.0.0/33", "::1/129", "10.0.0.0/8/8"}) {
    const auto proxies = TrustedProxies::parse({"10.0.0.0/8", bad});
    ASSERT_FALSE(proxies) << bad;
    EXPECT_THAT(proxies.error().message, testing::HasSubstr(bad));
  }
}

}  // namespace
}  // namespace decant::http
