#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/api_fixture.h"

namespace decant::http {
namespace {

using ::testing::HasSubstr;

class DownloadCall : public ::testing::Test {
 protected:
  Answer get(const std::string& rest, const std::string& fields = {}) {
    return api.ask("GET", "/api/download/" + id + rest, bearer + fields);
  }

  TestingApi api;
  std::string bearer = api.bearer();
  std::string id = api.add_task();
};

TEST_F(DownloadCall, SaysThatThereIsNoResultYet) {
  const Answer answer = get("");
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.body, HasSubstr("UPLOADED"));
  EXPECT_EQ(get("?which=original").body, "fake audio");
}

TEST_F(DownloadCall, GivesTheResultUnlessTheOriginalIsAskedFor) {
  api.convert_next();
  EXPECT_EQ(get("").body, "wav:fake audio");
  EXPECT_EQ(get("?which=result").body, "wav:fake audio");
  EXPECT_EQ(get("?which=original").body, "fake audio");
  EXPECT_EQ(get("?which=both").status, 400);
  EXPECT_EQ(get("").field("Content-Type"), "audio/wav");
  EXPECT_EQ(get("?which=original").field("Content-Type"), "audio/mpeg");
}

TEST_F(DownloadCall, NamesTheFileByUploadAndFormat) {
  const std::map<std::string, std::string> names = {{"a.mp3.mp3", "a.mp3.wav"},
                                                    {"SONG.MP3", "SONG.wav"},
                                                    {"日本.mp3", "filename*=UTF-8''%E6%97%A5%E6%9C%AC.wav"},
                                                    {"plain", "plain.wav"}};
  for (const auto& [name, result] : names) {
    const Answer made = api.upload(bearer, {{"newFormat", "wav"}, {"audio", "fake audio", name}});
    const std::string path = "/api/download/" + made.field("Location").substr(11);
    while (api.ask("GET", path, bearer).status == 409) api.convert_next();
    EXPECT_THAT(api.ask("GET", path, bearer).field("Content-Disposition"), HasSubstr(result)) << name;
  }
  const Answer made = api.upload(bearer, {{"newFormat", "mp3"}, {"audio", "fake audio", "SONG.MP3"}});
  EXPECT_THAT(api.ask("GET", "/api/download/" + made.field("Location").substr(11) + "?which=original", bearer)
                  .field("Content-Disposition"),
              HasSubstr("SONG.MP3"));
}

TEST_F(DownloadCall, AResultOfTheSameFormatIsAnotherFile) {
  const Answer made = api.upload(bearer, {{"newFormat", "mp3"}, {"audio", "fake audio", "SONG.MP3"}});
  id = made.field("Location").substr(11);
  while (get("").status == 409) api.convert_next();
  EXPECT_EQ(get("").body, "mp3:fake audio");
  EXPECT_EQ(get("?which=original").body, "fake audio");
}

TEST_F(DownloadCall, HonoursRangesAndConditions) {
  const std::string original = "?which=original";
  const Answer whole = get(original);
  const std::string etag = whole.field("ETag");
  EXPECT_EQ(etag, "\"72401f193251f177a310936253acb57e91e29d2aa582093974351e65e267bb32\"");
  EXPECT_NE(whole.field("Last-Modified"), "");
  EXPECT_EQ(whole.field("Accept-Ranges"), "bytes");

  const Answer part = get(original, "Range: bytes=5-\r\n");
  EXPECT_EQ(part.status, 206);
  EXPECT_EQ(part.body, "audio");
  EXPECT_EQ(part.field("Content-Range"), "bytes 5-9/10");
  EXPECT_EQ(part.field("Content-Type"), "audio/mpeg");
  EXPECT_EQ(get(original, "Range: bytes=-3\r\n").body, "dio");
  EXPECT_EQ(get(original, "Range: bytes=10-\r\n").status, 416);
  EXPECT_EQ(get(original, "Range: bytes=5-\r\nIf-Range: \"other\"\r\n").body, "fake audio");

  const Answer same = get(original, "If-None-Match: " + etag + "\r\n");
  EXPECT_EQ(same.status, 304);
  EXPECT_EQ(same.body, "");
  EXPECT_EQ(same.field("ETag"), etag);
  EXPECT_EQ(get(original, "If-None-Match: \"other\"\r\n").status, 200);
}

TEST_F(DownloadCall, AnswersHead) {
  const Answer head = api.ask("HEAD", "/api/download/" + id + "?which=original", bearer);
  EXPECT_EQ(head.status, 200);
  EXPECT_EQ(head.field("Content-Length"), "10");
  EXPECT_THAT(head.field("Content-Disposition"), HasSubstr("attachment"));
}

TEST_F(DownloadCall, HostileContentNeverRunsInThePage) {
  const Answer answer = get("?which=original");
  EXPECT_THAT(answer.field("Content-Disposition"), ::testing::StartsWith("attachment;"));
  EXPECT_THAT(answer.field("Content-Security-Policy"), HasSubstr("sandbox"));
  EXPECT_EQ(answer.field("X-Content-Type-Options"), "nosniff");
}

TEST_F(DownloadCall, TakesTheDownloadCookieAndNoOther) {
  const Answer login = api.log_in("ada");
  const auto status_with = [&](std::string_view name, const std::string& token, std::string_view method = "GET") {
    return api
        .ask(method, "/api/download/" + id + "?which=original", "Cookie: " + std::string(name) + "=" + token + "\r\n")
        .status;
  };
  const std::string download = cookie_of(login, "decant_download").value();
  EXPECT_EQ(status_with("decant_download", download), 200);
  EXPECT_EQ(status_with("decant_download", download, "HEAD"), 200);
  EXPECT_EQ(status_with("decant_refresh", download), 401);
  EXPECT_EQ(status_with("decant_download", cookie_of(login, "decant_refresh").value()), 401);
  EXPECT_EQ(status_with("decant_download", std::string(json_of(login).at("token").as_string())), 401);
  EXPECT_EQ(api.ask("GET", "/api/tasks", "Cookie: decant_download=" + download + "\r\n").status, 401);
  EXPECT_EQ(api.ask("DELETE", "/api/tasks/" + id, "Cookie: decant_download=" + download + "\r\n").status, 401);
}

TEST_F(DownloadCall, ALostFileIsAFaultAndNotACrash) {
  for (const std::string& key : api.objects.keys()) ASSERT_TRUE(api.objects.remove(key));
  const Answer answer = get("?which=original");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, ::testing::Not(HasSubstr("sources/"))) << "keys are nobody's business";
}

}  // namespace
}  // namespace decant::http
