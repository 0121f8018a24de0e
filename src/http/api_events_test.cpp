#include <fmt/format.h>
#include <gmock/gmock.h>

#include <boost/json.hpp>
#include <thread>

#include "http/api_fixture.h"

namespace decant::http {
namespace {

namespace json = boost::json;
using std::chrono::milliseconds;
using testing::HasSubstr;

ApiOptions prompt_options() {
  ApiOptions options = TestingApi::quick_options();
  options.events.watch.interval = milliseconds(2);
  return options;
}

struct Event {
  std::string name;
  json::value data;
  std::string id;
};

/// A stream of events, read as the WHATWG's specification has it.
class Listening {
 public:
  Listening(const TestingApi& api, const std::string& path, const std::string& fields) : client_(api.connect()) {
    client_.send(request("GET", path, fields));
    head_ = client_.read_answer_head().value_or(Answer{});
  }

  [[nodiscard]] const Answer& head() const { return head_; }
  [[nodiscard]] const std::string& last_id() const { return last_id_; }

  /// The next line; nothing at the end of the stream.
  std::optional<std::string> next_line() {
    std::size_t end;
    while ((end = text_.find('\n')) == std::string::npos) {
      if (!read_chunk()) return std::nullopt;
    }
    std::string line = text_.substr(0, end);
    text_.erase(0, end + 1);
    return line;
  }
  /// The next event with data; nothing at the end of the stream.
  std::optional<Event> next() {
    Event event;
    while (const auto line = next_line()) {
      if (line->empty()) {
        if (!event.data.is_null()) return event;
        event = {};
      } else if (line->starts_with("event: ")) {
        event.name = line->substr(7);
      } else if (line->starts_with("data: ")) {
        event.data = json::parse(line->substr(6));
      } else if (line->starts_with("id: ")) {
        last_id_ = event.id = line->substr(4);
      }
    }
    return std::nullopt;
  }
  /// Reads on until the task comes to that state.
  bool hear(const std::string& task, std::string_view state) {
    while (const auto event = next()) {
      if (event->data.at("id").as_string() == task && event->data.at("state").as_string() == state) return true;
    }
    return false;
  }
  /// Until the server has said from where to go on.
  void await_id() {
    while (last_id_.empty()) {
      const auto line = next_line();
      ASSERT_TRUE(line);
      if (line->starts_with("id: ")) last_id_ = line->substr(4);
    }
  }

 private:
  bool read_chunk() {
    std::string size;
    while (!size.ends_with("\r\n")) {
      const auto byte = client_.read_bytes(1);
      if (!byte) return false;
      size += *byte;
    }
    const auto count = static_cast<std::size_t>(std::stoul(size, nullptr, 16));
    const auto chunk = client_.read_bytes(count + 2);
    if (!chunk || count == 0) return false;
    text_ += chunk->substr(0, count);
    return true;
  }

  RawClient client_;
  Answer head_;
  std::string text_;
  std::string last_id_;
};

TEST(ApiEvents, AreServerSentEventsThatNobodyKeeps) {
  TestingApi api(prompt_options());
  const Listening listening(api, "/api/events", api.bearer());
  EXPECT_EQ(listening.head().status, 200);
  EXPECT_EQ(listening.head().field("Content-Type"), "text/event-stream");
  EXPECT_EQ(listening.head().field("Cache-Control"), "no-store");
  EXPECT_EQ(listening.head().field("X-Accel-Buffering"), "no");
}

TEST(ApiEvents, TellWhatHappensToOnesTasks) {
  TestingApi api(prompt_options());
  Listening ada(api, "/api/events", api.bearer("ada"));
  Listening eve(api, "/api/events", api.bearer("eve"));
  ada.await_id();
  eve.await_id();
  const std::string task = api.add_task("ada");
  const auto event = ada.next();
  ASSERT_TRUE(event);
  EXPECT_EQ(event->name, "task");
  EXPECT_EQ(json::serialize(event->data),
            fmt::format(R"({{"id":"{}","state":"UPLOADED","progress":0,"attempts":0,"error":null}})", task));
  EXPECT_FALSE(event->id.empty());
  api.convert_next();
  EXPECT_TRUE(ada.hear(task, "PROCESSED"));
  EXPECT_EQ(api.ask("DELETE", "/api/tasks/" + task, api.bearer("ada")).status, 204);
  EXPECT_TRUE(ada.hear(task, "CANCELED"));
  const std::string other = api.add_task("eve");
  EXPECT_EQ(eve.next()->data.at("id").as_string(), other) << "nothing of ada's";
}

TEST(ApiEvents, OfOneTaskBeginWithItsStateAndEndWithIt) {
  TestingApi api(prompt_options());
  const std::string task = api.add_task();
  api.add_task();
  const std::string path = "/api/tasks/" + task + "/events";
  Listening listening(api, path, api.bearer());
  EXPECT_EQ(listening.next()->data.at("state").as_string(), "UPLOADED");
  api.convert_next();
  EXPECT_TRUE(listening.hear(task, "PROCESSED"));
  EXPECT_FALSE(listening.next()) << "that was the end";

  Listening late(api, path, api.bearer());
  EXPECT_EQ(late.next()->data.at("state").as_string(), "PROCESSED");
  EXPECT_FALSE(late.next());
  const std::string came_back = api.bearer() + fmt::format("Last-Event-ID: {}\r\n", late.last_id());
  EXPECT_EQ(api.ask("GET", path, came_back).status, 204) << "an EventSource comes back no more";
}

TEST(ApiEvents, OfATaskThatIsNotOnesOwnAreNotFound) {
  TestingApi api(prompt_options());
  const std::string task = api.add_task("ada");
  const std::string path = "/api/tasks/" + task + "/events";
  EXPECT_EQ(api.ask("GET", path, api.bearer("eve")).status, 404);
  EXPECT_EQ(api.ask("GET", "/api/tasks/nonsense/events", api.bearer("ada")).status, 404);
  EXPECT_EQ(api.ask("GET", path).status, 401);
  EXPECT_EQ(api.ask("GET", "/api/events").status, 401);
  EXPECT_EQ(api.ask("DELETE", "/api/tasks/" + task, api.bearer("ada")).status, 204);
  EXPECT_EQ(api.ask("GET", path, api.bearer("ada")).status, 404);
}

TEST(ApiEvents, WhoComesBackLosesNoFinalState) {
  TestingApi api(prompt_options());
  std::string last_id;
  {
    Listening listening(api, "/api/events", api.bearer());
    listening.await_id();
    const std::string heard = api.add_task();
    EXPECT_TRUE(listening.hear(heard, "UPLOADED"));
    last_id = listening.last_id();
  }
  api.convert_next();
  const std::string missed = api.add_task();
  Listening back(api, "/api/events", api.bearer() + fmt::format("Last-Event-ID: {}\r\n", last_id));
  const auto first = back.next();
  ASSERT_TRUE(first);
  EXPECT_EQ(first->data.at("state").as_string(), "PROCESSED");
  EXPECT_TRUE(first->id.empty()) << "cut off here, it hears all of it again";
  EXPECT_EQ(back.next()->data.at("id").as_string(), missed);
  EXPECT_EQ(api.ask("GET", "/api/events", api.bearer() + "Last-Event-ID: 1; DROP\r\n").status, 400);
}

TEST(ApiEvents, StreamsAreBounded) {
  ApiOptions options = prompt_options();
  options.events.watch.listeners = 3;
  options.events.watch.listeners_per_user = 2;
  TestingApi api(options);
  const Listening first(api, "/api/events", api.bearer("ada"));
  auto second = std::make_unique<Listening>(api, "/api/events", api.bearer("ada"));
  const Answer too_many = api.ask("GET", "/api/events", api.bearer("ada"));
  EXPECT_EQ(too_many.status, 429);
  EXPECT_FALSE(too_many.field("Retry-After").empty());
  const Listening third(api, "/api/events", api.bearer("eve"));
  const Answer full = api.ask("GET", "/api/events", api.bearer("eve"));
  EXPECT_EQ(full.status, 503);
  EXPECT_FALSE(full.field("Retry-After").empty());
  second.reset();
  for (int tries = 0; tries < 500; ++tries) {
    const Listening again(api, "/api/events", api.bearer("eve"));
    if (again.head().status == 200) return;
    std::this_thread::sleep_for(milliseconds(10));
  }
  ADD_FAILURE() << "the place of one that has gone is not given to another";
}

TEST(ApiEvents, ACommentKeepsTheConnectionAndLifeEnds) {
  ApiOptions options = prompt_options();
  options.events.heartbeat = milliseconds(10);
  options.events.lifetime = milliseconds(1500);
  TestingApi api(options);
  Listening listening(api, "/api/events", api.bearer());
  std::vector<std::string> lines;
  while (const auto line = listening.next_line()) lines.push_back(*line);
  EXPECT_THAT(lines, testing::Contains(":"));
  EXPECT_THAT(lines.at(0), HasSubstr("retry: "));
}

TEST(ApiEvents, AClientThatDoesNotReadIsCut) {
  ApiOptions options = prompt_options();
  options.events.heartbeat = milliseconds(100);
  options.events.backlog = 1024;
  options.events.watch.listeners_per_user = 1;
  TestingApi api(options);
  Listening deaf(api, "/api/events", api.bearer());
  deaf.await_id();
  // Far more than the client's socket takes in.
  const std::string long_story(100'000, 'x');
  for (int i = 0; i < 80; ++i) {
    api.add_task();
    const auto claim = api.database.claim({.wanted = {}, .worker = "w", .lease = std::chrono::seconds(30)}).value();
    ASSERT_TRUE(
        api.database.fail(claim->task.id, claim->task.fence, {ErrorCode::unprocessable, long_story}, {}).value());
  }
  for (int tries = 0; tries < 1000; ++tries) {
    if (Listening(api, "/api/events", api.bearer()).head().status == 200) return;
    std::this_thread::sleep_for(milliseconds(10));
  }
  ADD_FAILURE() << "its place is still taken";
}

TEST(ApiEvents, ADisabledAccountHearsNoMore) {
  ApiOptions options = prompt_options();
  options.events.heartbeat = milliseconds(10);
  options.user_cache_lifetime = milliseconds(0);
  TestingApi api(options);
  Listening listening(api, "/api/events", api.bearer());
  listening.await_id();
  ASSERT_TRUE(api.database.disable_user(api.id_of("ada")).value());
  while (listening.next_line()) {
  }
  api.add_task("eve");
}

}  // namespace
}  // namespace decant::http
