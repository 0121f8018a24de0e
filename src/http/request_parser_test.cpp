#include "http/request_parser.h"

#include <gtest/gtest.h>

#include <random>

namespace decant::http {
namespace {

constexpr HeadLimits limits{.bytes = 1000, .target_bytes = 100, .fields = 10};

/// Feeds as a connection does: what is left stands in front of what comes next. Says what came out: the request line,
/// the fields and the body, or the error.
std::string read(std::string_view bytes, std::vector<std::size_t> pieces) {
  RequestParser parser(limits);
  std::string buffer;
  std::string body;
  std::vector<std::byte> room(7);
  std::size_t piece = 0;
  const auto fill = [&] {
    if (bytes.empty()) return false;
    const std::size_t count = std::min(bytes.size(), piece < pieces.size() ? pieces[piece++] : bytes.size());
    buffer += bytes.substr(0, count);
    bytes.remove_prefix(count);
    return true;
  };
  const auto data = [&] { return std::as_bytes(std::span(buffer)); };
  while (!parser.is_head_complete()) {
    const auto used = parser.feed_head(data());
    if (!used) return std::to_string(used.error().status);
    buffer.erase(0, *used);
    if (!parser.is_head_complete() && !fill()) return "incomplete head";
  }
  while (!parser.is_body_complete()) {
    const auto step = parser.feed_chunked(data(), room);
    if (!step) return "bad body";  // how much came before it depends on the cuts
    body.append(reinterpret_cast<const char*>(room.data()), step->produced);
    buffer.erase(0, step->used);
    if (step->used == 0 && !fill()) return "incomplete body " + body;
  }
  const RequestHead& head = parser.head();
  std::string text = head.method + " " + head.target + " " + std::to_string(head.minor_version);
  for (const auto& [name, value] : head.fields) text += "|" + name + "=" + value;
  return text + "|" + body + "|" + buffer + std::string(bytes);
}

TEST(RequestParser, SaysTheSameHoweverTheRequestIsCut) {
  const std::string good =
      "POST /a?b HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\nX:  a b \r\nX: c\r\n\r\n"
      "5\r\nhello\r\n0c ;name=\"a;\\\"b\"\r\n\r\n0\r\n\r\n--abc\r\n0\r\nTrailer: t\r\nHost: evil\r\n\r\nGET /next";
  const std::string expected =
      "POST /a?b 1|Host=h|Transfer-Encoding=chunked|X=a b, c|hello\r\n0\r\n\r\n--abc|GET /next";
  ASSERT_EQ(read(good, {}), expected);
  for (std::size_t first = 1; first < good.size(); ++first) ASSERT_EQ(read(good, {first}), expected) << first;
  std::mt19937 random(1);
  for (int round = 0; round < 500; ++round) {
    std::vector<std::size_t> pieces(good.size());
    for (std::size_t& piece : pieces) piece = 1 + random() % 8;
    ASSERT_EQ(read(good, pieces), expected);
  }
}

TEST(RequestParser, OutlivesEveryChangedByte) {
  const std::string good =
      "POST /a HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5;e=\"x\"\r\nhello\r\n0\r\nTrailer: t\r\n "
      "fold\r\n\r\n";
  std::mt19937 random(2);
  for (std::size_t position = 0; position < good.size(); ++position) {
    for (int byte = 0; byte < 256; ++byte) {
      std::string changed = good;
      changed[position] = static_cast<char>(byte);
      ASSERT_EQ(read(changed, {}), read(changed, {position, 1, 1, 1 + random() % 4})) << position << " " << byte;
    }
  }
}

TEST(RequestParser, KeepsItsLimits) {
  EXPECT_EQ(read("GET /" + std::string(100, 'a') + " HTTP/1.1\r\n\r\n", {}), "414");
  EXPECT_EQ(read("GET /" + std::string(2000, 'a'), {500}), "414");
  EXPECT_EQ(read("GET / HTTP/1.1\r\nX: " + std::string(2000, 'a'), {500}), "431");
  std::string fields;
  for (int i = 0; i < 10; ++i) fields += "X: a\r\n";
  EXPECT_THAT(read("GET / HTTP/1.1\r\n" + fields + "\r\n", {}), testing::StartsWith("GET / 1|X="));
  EXPECT_EQ(read("GET / HTTP/1.1\r\n" + fields + "X: a\r\n\r\n", {}), "431");
}

}  // namespace
}  // namespace decant::http
