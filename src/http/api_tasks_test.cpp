#include "http/api_tasks.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/api_fixture.h"

namespace decant::http {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::vector<std::string> ids_of(const Answer& answer) {
  EXPECT_EQ(answer.status, 200) << answer.body;
  std::vector<std::string> ids;
  for (const json::value& task : json_of(answer).as_array()) ids.emplace_back(task.at("id").as_string());
  return ids;
}

class TasksCall : public ::testing::Test {
 protected:
  Answer get(const std::string& target) { return api.ask("GET", target, bearer); }
  std::vector<std::string> list(const std::string& query = {}) { return ids_of(get("/api/tasks" + query)); }

  TestingApi api;
  std::string bearer = api.bearer();
};

TEST_F(TasksCall, ShowsATaskFromUploadToResult) {
  const std::string id = api.add_task();
  const json::value fresh = json_of(get("/api/tasks/" + id));
  EXPECT_EQ(fresh.at("id"), json::string(id));
  EXPECT_EQ(fresh.at("timestamp"), json::string("2027-01-15T08:00:00.000Z"));
  EXPECT_EQ(fresh.at("name"), json::string("a.mp3"));
  EXPECT_EQ(fresh.at("originalExt"), json::string("mp3"));
  EXPECT_EQ(fresh.at("convertedExt"), json::string("wav"));
  EXPECT_EQ(fresh.at("state"), json::string("UPLOADED"));
  EXPECT_EQ(fresh.at("user"), json::string(api.id_of("ada").text()));
  EXPECT_EQ(fresh.at("attempts"), 0);
  for (const char* nothing : {"error", "report", "result"}) EXPECT_TRUE(fresh.at(nothing).is_null()) << nothing;
  EXPECT_TRUE(fresh.at("links").at("result").is_null());

  api.convert_next();
  const json::value done = json_of(get("/api/tasks/" + id));
  EXPECT_EQ(done.at("state"), json::string("PROCESSED"));
  EXPECT_EQ(done.at("report").at("notes").at(0), json::string("fake"));
  EXPECT_EQ(done.at("result").at("size"), 14);
  EXPECT_EQ(done.at("result").at("mimeType"), json::string("audio/wav"));
  EXPECT_EQ(done.at("result").at("format"), json::string("wav"));
  for (const char* link : {"self", "original", "result"}) {
    EXPECT_EQ(get(std::string(done.at("links").at(link).as_string())).status, 200) << link;
  }
}

TEST_F(TasksCall, TimestampsAreTheTasksOwn) {
  const std::string first = api.add_task();
  api.clock.advance(std::chrono::minutes(1));
  const std::string second = api.add_task();
  EXPECT_NE(json_of(get("/api/tasks/" + first)).at("timestamp"), json_of(get("/api/tasks/" + second)).at("timestamp"));
}

TEST_F(TasksCall, ListsInBothOrdersAndByState) {
  const std::vector<std::string> ids = {api.add_task(), api.add_task(), api.add_task()};
  const std::vector<std::string> reversed(ids.rbegin(), ids.rend());
  for (const char* oldest_first : {"", "?order=0", "?order=asc", "?order=ASC"}) EXPECT_EQ(list(oldest_first), ids);
  for (const char* newest_first : {"?order=1", "?order=desc"}) EXPECT_EQ(list(newest_first), reversed);
  api.convert_next();
  EXPECT_THAT(list("?state=PROCESSED"), ElementsAre(ids[0]));
  EXPECT_THAT(list("?state=UPLOADED"), ElementsAre(ids[1], ids[2]));
  EXPECT_THAT(list("?state=FAILED"), IsEmpty());
  EXPECT_THAT(list("?after=" + ids[1]), ElementsAre(ids[2]));
}

TEST_F(TasksCall, PagesByLinksUntilTheLast) {
  std::vector<std::string> ids;
  for (int i = 0; i < 5; ++i) ids.push_back(api.add_task());
  std::vector<std::string> seen;
  std::vector<std::size_t> sizes;
  std::string target = "/api/tasks?max=2&order=desc&state=UPLOADED";
  while (!target.empty()) {
    const Answer page = get(target);
    const std::vector<std::string> found = ids_of(page);
    seen.insert(seen.begin(), found.rbegin(), found.rend());
    sizes.push_back(found.size());
    const std::string link = page.field("Link");
    if (!link.empty()) EXPECT_THAT(link, ::testing::EndsWith(R"(>; rel="next")"));
    target = link.empty() ? "" : link.substr(1, link.find('>') - 1);
    ASSERT_LE(sizes.size(), 3U);
  }
  EXPECT_EQ(seen, ids);
  EXPECT_THAT(sizes, ElementsAre(2, 2, 1));
  EXPECT_EQ(get("/api/tasks?max=5").field("Link"), "") << "nothing follows";
}

TEST_F(TasksCall, ListsWhatChangedSinceTheLastList) {
  const auto states = [&] {
    std::vector<std::string> found;
    for (const json::value& task : json_of(get("/api/tasks")).as_array()) {
      found.emplace_back(
          fmt::format("{} {}", task.at("state").as_string().c_str(), json::serialize(task.at("progress"))));
    }
    return found;
  };
  const std::string id = api.add_task();
  for (int i = 0; i < 2; ++i) EXPECT_THAT(states(), ElementsAre("UPLOADED 0"));
  const auto claim = api.database.claim({.wanted = {}, .worker = "w", .lease = std::chrono::seconds(30)}).value();
  ASSERT_TRUE(api.database.heartbeat(claim->task.id, claim->task.fence, std::chrono::seconds(30), 0.5).value());
  for (int i = 0; i < 2; ++i) EXPECT_THAT(states(), ElementsAre("PROCESSING 5E-1"));
  const std::string other = api.bearer("bob");
  EXPECT_THAT(ids_of(api.ask("GET", "/api/tasks", other)), IsEmpty()) << "another's, of the same version";
  EXPECT_EQ(api.ask("DELETE", "/api/tasks/" + id, bearer).status, 204);
  EXPECT_THAT(list(), IsEmpty());
}

TEST_F(TasksCall, RefusesWrongQueriesByName) {
  const std::map<std::string, std::string> wrong = {
      {"max=abc", "max"},          {"max=0", "max"},       {"max=1001", "max"},
      {"max=-1", "max"},           {"max=", "max"},        {"max=1e3", "max"},
      {"order=2", "order"},        {"order=", "order"},    {"state=DONE", "state"},
      {"state=uploaded", "state"}, {"after=abc", "after"}, {"max=99999999999999999999", "max"}};
  for (const auto& [query, name] : wrong) {
    const Answer answer = get("/api/tasks?" + query);
    EXPECT_EQ(answer.status, 400) << query;
    EXPECT_THAT(wrong_fields_of(answer), ElementsAre(name)) << query;
  }
}

TEST_F(TasksCall, AnothersTaskLooksLikeNoTask) {
  const std::string id = api.add_task();
  const std::string other = api.bearer("bob");
  const std::string unknown = tasks::TaskId::make(api.clock.wall_now()).text();
  EXPECT_THAT(ids_of(api.ask("GET", "/api/tasks", other)), IsEmpty());
  EXPECT_THAT(ids_of(api.ask("GET", "/api/tasks?after=" + id, other)), IsEmpty());
  std::set<std::string> answers;
  for (const std::string& guess : {id, unknown, std::string("abc"), id + "0"}) {
    for (const auto& [method, path, body] :
         {std::tuple{"GET", "/api/tasks/", ""}, std::tuple{"DELETE", "/api/tasks/", ""},
          std::tuple{"PUT", "/api/tasks/", R"({"newFormat":"mp3"})"}, std::tuple{"GET", "/api/download/", ""}}) {
      const Answer answer = api.ask_json(method, path + guess, body, other + "X-Request-Id: same-one\r\n");
      EXPECT_EQ(answer.status, 404) << method << " " << path << guess;
      answers.insert(answer.body);
    }
  }
  EXPECT_EQ(answers.size(), 1U) << "an answer tells one from the other";
  EXPECT_EQ(get("/api/tasks/" + id).status, 200);
}

TEST_F(TasksCall, ConvertsAgainAndKeepsTheOldResultMeanwhile) {
  const std::string id = api.add_task();
  api.convert_next();
  const Answer answer = api.ask_json("PUT", "/api/tasks/" + id, R"({"newFormat":"MP3","bitrate":"128k"})", bearer);
  ASSERT_EQ(answer.status, 200) << answer.body;
  const json::value task = json_of(answer).at("task");
  EXPECT_EQ(task.at("state"), json::string("UPLOADED"));
  EXPECT_EQ(task.at("convertedExt"), json::string("mp3"));
  EXPECT_EQ(task.at("options"), (json::object{{"bitrate", 128000}}));
  EXPECT_EQ(task.at("result").at("format"), json::string("wav"));
  EXPECT_EQ(get("/api/download/" + id).body, "wav:fake audio");
  EXPECT_EQ(get("/api/download/" + id).field("Content-Type"), "audio/wav");
  api.convert_next();
  EXPECT_EQ(get("/api/download/" + id).body, "mp3:fake audio");
  EXPECT_EQ(api.broker.rings(), 2);
}

TEST_F(TasksCall, RefusesWrongReconversionsByName) {
  const std::string id = api.add_task();
  const std::map<std::string, std::string> wrong = {
      {R"({})", "newFormat"},
      {R"({"newFormat":7})", "newFormat"},
      {R"({"newFormat":"flac9"})", "newFormat"},
      {R"({"newFormat":"wav","bitrate":192000})", "bitrate"},
      {R"({"newFormat":"mp3","bitRate":192000})", "bitRate"},
      {R"({"newFormat":"mp3","sampleRate":"fast"})", "sampleRate"},
      {R"({"newFormat":"mp3","channels":[2]})", "channels"},
      {R"({"newFormat":"mp3","options":7})", "options"},
      {R"({"newFormat":"mp3","options":{"quality":99}})", "quality"},
      {R"({"newFormat":"mp3","quality":1,"options":{"quality":2}})", "quality"},
      {R"({"newFormat":"mp3","start":10,"end":5})", "end"}};
  for (const auto& [body, name] : wrong) {
    const Answer answer = api.ask_json("PUT", "/api/tasks/" + id, body, bearer);
    EXPECT_EQ(answer.status, 400) << body;
    EXPECT_THAT(wrong_fields_of(answer), ElementsAre(name)) << body;
  }
  EXPECT_EQ(json_of(get("/api/tasks/" + id)).at("convertedExt"), json::string("wav"));
  EXPECT_EQ(get("/api/tasks").status, 200) << "the peer's worker was dead by now";
}

TEST_F(TasksCall, ForgetsATaskAndItsFiles) {
  const std::string id = api.add_task();
  api.convert_next();
  EXPECT_EQ(api.objects.keys().size(), 2U);
  EXPECT_EQ(api.ask("DELETE", "/api/tasks/" + id, bearer).status, 204);
  EXPECT_THAT(api.objects.keys(), IsEmpty());
  EXPECT_EQ(get("/api/tasks/" + id).status, 404);
  EXPECT_EQ(get("/api/download/" + id + "?which=original").status, 404);
  EXPECT_THAT(list(), IsEmpty());
  EXPECT_EQ(api.ask("DELETE", "/api/tasks/" + id, bearer).status, 404);
}

TEST_F(TasksCall, NobodyButAWorkerMarksATask) {
  const std::string id = api.add_task();
  for (const char* method : {"POST", "PATCH"}) {
    EXPECT_EQ(api.ask_json(method, "/api/tasks/" + id, R"({"state":"PROCESSED"})", bearer).status, 405) << method;
  }
  EXPECT_EQ(api.ask_json("PUT", "/api/tasks/" + id, R"({"newFormat":"wav","state":"PROCESSED"})", bearer).status, 400);
  EXPECT_EQ(json_of(get("/api/tasks/" + id)).at("state"), json::string("UPLOADED"));
}

}  // namespace
}  // namespace decant::http
