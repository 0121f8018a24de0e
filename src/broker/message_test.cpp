#include "broker/message.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"

namespace decant::broker {
namespace {

constexpr std::string_view id = "0198a6f2-8c3e-7d11-9b7a-3f5a2f4f1c55";

std::string make_message(std::string_view task, std::string_view generation) {
  return fmt::format(R"({{"task_id":{},"generation":{}}})", task, generation);
}

TEST(Message, TakesTheWayThereAndBack) {
  const tasks::TaskRef task{tasks::TaskId::make(ManualClock().wall_now()), std::numeric_limits<std::int64_t>::max()};
  const auto parsed = parse_message(encode_message(task));
  ASSERT_TRUE(parsed);
  EXPECT_EQ(parsed->task, task.task);
  EXPECT_EQ(parsed->generation, task.generation);
}

TEST(Message, LooksAsDocumented) {
  EXPECT_EQ(encode_message({*tasks::TaskId::parse(id), 7}),
            R"({"task_id":"0198a6f2-8c3e-7d11-9b7a-3f5a2f4f1c55","generation":7})");
}

TEST(Message, TakesWhatOtherWritersOfJsonMake) {
  const std::string spaced = fmt::format("{{\r\n \"generation\" : 7,\t\"task_id\":\"{}\" }}\n", id);
  EXPECT_EQ(parse_message(spaced).value().generation, 7);
  const std::string escaped = fmt::format(R"({{"\u0074ask_id":"\u0030{}","generation":7}})", id.substr(1));
  EXPECT_EQ(parse_message(escaped).value().task.text(), id);
}

TEST(Message, IgnoresWhatANewerWriterAdds) {
  const std::string message = fmt::format(
      R"({{"trace":{{"generation":9,"task_id":"x"}},"task_id":"{}","hops":[1,{{"a":null}}],"generation":2,"x":true}})",
      id);
  EXPECT_EQ(parse_message(message).value().generation, 2);
}

TEST(Message, RefusesWrongTypes) {
  const std::string quoted = fmt::format("\"{}\"", id);
  for (const char* generation : {"0", "-1", "1.0", "1e0", "\"1\"", "null", "true", "[1]", "{}", "9223372036854775808",
                                 "99999999999999999999999", "-9223372036854775809"})
    EXPECT_FALSE(parse_message(make_message(quoted, generation))) << generation;
  for (const char* task : {"null", "1", "\"\"", "\"x\"", "[]", "{}", "\"../../etc/passwd\"",
                           "\"0198a6f2-8c3e-7d11-9b7a-3f5a2f4f1c55\\u0000\"", "\"' OR 1=1 --\""})
    EXPECT_FALSE(parse_message(make_message(task, "1"))) << task;
}

TEST(Message, RefusesWhatIsNoSuchObject) {
  const std::string good = make_message(fmt::format("\"{}\"", id), "1");
  for (const std::string& message :
       {std::string(), std::string("null"), std::string("7"), fmt::format("\"{}\"", id), "[" + good + "]", good + good,
        good + "x", "\xef\xbb\xbf" + good, good.substr(0, good.size() - 1), "'" + good, std::string("{}"),
        fmt::format(R"({{"task_id":"{}"}})", id), std::string(R"({"generation":1})"), "/*x*/" + good,
        good.substr(0, good.size() - 1) + ",}", fmt::format(R"([{{}},"task_id","{}","generation",1])", id)})
    EXPECT_FALSE(parse_message(message)) << message;
}

TEST(Message, RefusesRepeatedNames) {
  const std::string good = make_message(fmt::format("\"{}\"", id), "1");
  const std::string inner = good.substr(1, good.size() - 2);
  EXPECT_FALSE(parse_message("{" + inner + R"(,"generation":2})"));
  EXPECT_FALSE(parse_message("{" + inner + R"(,"gener\u0061tion":1})"));
  EXPECT_FALSE(parse_message("{" + inner + R"(,"other":1,"other":1})"));
}

TEST(Message, RefusesBytesThatAreNoText) {
  const std::string good = make_message(fmt::format("\"{}\"", id), "1");
  for (const std::string& bytes : {std::string("\0", 1), std::string("\xff"), std::string("\xc0\x80"),
                                   std::string("\xed\xa0\x80"), std::string("\x1b[2J"), std::string("\n")})
    EXPECT_FALSE(parse_message(good.substr(0, good.size() - 1) + ",\"x\":\"" + bytes + "\"}")) << bytes;
  EXPECT_FALSE(parse_message(good + std::string("\0", 1)));
  EXPECT_FALSE(parse_message(std::string(100, '\0')));
}

TEST(Message, RefusesWhatIsTooLongOrTooDeep) {
  const std::string good = make_message(fmt::format("\"{}\"", id), "1");
  EXPECT_TRUE(parse_message(good + std::string(longest_message - good.size(), ' ')));
  EXPECT_FALSE(parse_message(good + std::string(longest_message - good.size() + 1, ' ')));
  EXPECT_FALSE(parse_message(std::string(100'000'000, '[')));
  const auto nested = [&](std::size_t levels) {
    return good.substr(0, good.size() - 1) + ",\"x\":" + std::string(levels, '[') + std::string(levels, ']') + "}";
  };
  EXPECT_TRUE(parse_message(nested(deepest_message - 1)));
  EXPECT_FALSE(parse_message(nested(deepest_message)));
  EXPECT_FALSE(parse_message(nested(400)));
}

TEST(Message, NeverRepeatsAHostileMessageToWhoAsked) {
  const auto refused = parse_message(R"({"task_id":"secret-token","generation":1})");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::invalid_argument);
  EXPECT_THAT(refused.error().describe(), testing::Not(testing::HasSubstr("secret-token")));
}

TEST(RefusedMessages, AreCountedAndSeldomLogged) {
  Logger logger(LogLevel::info, LogFormat::json);
  RefusedMessages refused(logger);
  const std::string hostile = "\x1b[2J\n" + std::string(1000, 'x');
  const auto why = parse_message(hostile);
  testing::internal::CaptureStderr();
  for (int i = 0; i < 1000; ++i) refused.add(hostile, why.error());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_EQ(refused.count(), 1000U);
  EXPECT_EQ(std::ranges::count(log, '\n'), 10) << "1, 2, 4 … 512";
  EXPECT_EQ(log.find('\x1b'), std::string::npos);
  EXPECT_LT(log.size(), 10U * 400U);
}

}  // namespace
}  // namespace decant::broker
