#include "base/trace_context.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace decant {
namespace {

constexpr std::string_view example = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

std::string replaced(std::size_t at, std::string_view with) {
  std::string text(example);
  return text.replace(at, with.size(), with);
}

TEST(TraceContext, ReadsTheRecommendationsExample) {
  const auto context = TraceContext::parse(example);
  ASSERT_TRUE(context);
  EXPECT_EQ(context->trace_id(), "4bf92f3577b34da6a3ce929d0e0e4736");
  EXPECT_EQ(context->span_id(), "00f067aa0ba902b7");
  EXPECT_TRUE(context->is_sampled());
  EXPECT_EQ(context->text(), example);
  EXPECT_FALSE(TraceContext::parse(replaced(53, "00"))->is_sampled());
}

TEST(TraceContext, KeepsOfTheFlagsOnlyTheKnownOne) {
  EXPECT_EQ(TraceContext::parse(replaced(53, "ff"))->text(), example);
  EXPECT_EQ(TraceContext::parse(replaced(53, "03"))->text(), example);
  EXPECT_EQ(TraceContext::parse(replaced(53, "fe"))->text(), replaced(53, "00"));
}

TEST(TraceContext, TakesOfALaterVersionWhatItKnows) {
  for (const std::string& later : {replaced(0, "01"), replaced(0, "cc") + "-what-the-future-will-be-like",
                                   replaced(0, "fe") + "-", replaced(0, "01") + "-\x01\xff"}) {
    const auto context = TraceContext::parse(later);
    ASSERT_TRUE(context) << later;
    EXPECT_EQ(context->text(), example) << "and passes it on as its own version";
  }
}

TEST(TraceContext, IgnoresWhatIsNone) {
  const std::string text(example);
  const std::vector<std::string> wrong = {
      "",
      "00",
      text.substr(0, 54),
      text + "0",
      text + "-",
      text + "-00",
      " " + text,
      text + " ",
      text + "\n",
      replaced(0, "ff"),
      replaced(0, "0x"),
      replaced(0, "-1"),
      replaced(0, "FE"),
      replaced(0, "01") + "0",
      replaced(0, "01") + ".x",
      replaced(2, "_"),
      replaced(35, "_"),
      replaced(52, "_"),
      replaced(3, "4BF9"),
      replaced(3, "g"),
      replaced(3, std::string_view("\0", 1)),
      replaced(3, "\xc3\xa9"),
      replaced(3, "00000000000000000000000000000000"),
      replaced(36, "0000000000000000"),
      replaced(36, "00F067AA0BA902B7"),
      replaced(36, "-"),
      replaced(53, "0g"),
      replaced(53, "-1"),
      replaced(53, "0A"),
      text + ", " + text,
      replaced(0, "01") + ", " + text,
      replaced(0, "01") + "-x, " + text,
      "{\"$gt\":\"\"}",
      std::string(100'000, '0'),
      std::string(55, '-'),
      "00-\xff\xff" + text.substr(5),
      "traceparent: " + text,
      "00 4bf92f3577b34da6a3ce929d0e0e4736 00f067aa0ba902b7 01",
  };
  for (const std::string& each : wrong) EXPECT_FALSE(TraceContext::parse(each)) << each.substr(0, 200);
}

// Every byte in every place: what is taken is well-formed, whatever was given.
TEST(TraceContext, GivesOnWhatIsWellFormedOnly) {
  for (std::size_t at = 0; at < example.size(); ++at) {
    for (int byte = 0; byte < 256; ++byte) {
      const char character = static_cast<char>(byte);
      const auto context = TraceContext::parse(replaced(at, {&character, 1}));
      if (!context) continue;
      EXPECT_THAT(context->text(), testing::MatchesRegex("00-[0-9a-f]{32}-[0-9a-f]{16}-0[01]")) << at << " " << byte;
      EXPECT_EQ(TraceContext::parse(context->text()), context);
    }
  }
}

TEST(TraceContext, BeginsTracesOfTheirOwn) {
  const TraceContext one = TraceContext::begin();
  const TraceContext other = TraceContext::begin();
  EXPECT_EQ(TraceContext::parse(one.text()), one);
  EXPECT_TRUE(one.is_sampled());
  EXPECT_NE(one.trace_id(), other.trace_id());
  EXPECT_NE(one.span_id(), other.span_id());
}

TEST(TraceContext, GoesOnInTheSameTrace) {
  for (const std::string& text : {std::string(example), replaced(53, "00")}) {
    const TraceContext context = TraceContext::parse(text).value();
    const TraceContext next = context.next_span();
    EXPECT_EQ(TraceContext::parse(next.text()), next);
    EXPECT_EQ(next.trace_id(), context.trace_id());
    EXPECT_NE(next.span_id(), context.span_id());
    EXPECT_EQ(next.is_sampled(), context.is_sampled());
  }
}

TEST(TraceContext, MayBeNone) {
  const TraceContext none;
  EXPECT_FALSE(none.is_set());
  EXPECT_EQ(none.text(), "");
  EXPECT_EQ(none.trace_id(), "");
  EXPECT_EQ(none.span_id(), "");
  EXPECT_FALSE(none.is_sampled());
  EXPECT_FALSE(none.next_span().is_set());
}

}  // namespace
}  // namespace decant
