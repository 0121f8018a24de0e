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

TEST_F(DownloadCall, ChaptersComeAsAnArchive) {
  const Answer made =
      api.upload(bearer, {{"newFormat", "wav"}, {"chapters", "split"}, {"audio", "fake audio", "Book.m4b"}});
  ASSERT_EQ(made.status, 201) << made.body;
  const std::string path = "/api/download/" + made.field("Location").substr(11);
  while (api.ask("GET", path, bearer).status == 409) api.convert_next();
  const Answer answer = api.ask("GET", path, bearer);
  EXPECT_EQ(answer.field("Content-Type"), "application/zip");
  EXPECT_THAT(answer.field("Content-Disposition"), HasSubstr("Book.zip"));
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

class RedirectedDownload : public ::testing::Test {
 protected:
  static ApiOptions redirecting() {
    ApiOptions options = TestingApi::quick_options();
    options.downloads = Downloads::redirect;
    return options;
  }
  Answer get(const std::string& fields = {}, std::string_view method = "GET") {
    return api.ask(method, "/api/download/" + id + "?which=original", bearer + fields);
  }

  TestingApi api{redirecting()};
  std::string bearer = api.bearer();
  std::string id = api.add_task();
};

TEST_F(RedirectedDownload, LeadsToTheStore) {
  api.objects.give_links("https://store.example/");
  const Answer answer = get();
  EXPECT_EQ(answer.status, 302);
  EXPECT_THAT(answer.field("Location"), ::testing::StartsWith("https://store.example/sources/"));
  EXPECT_EQ(answer.field("Cache-Control"), "no-store");
  EXPECT_EQ(answer.body, "");
  EXPECT_EQ(api.objects.last_link().content_type, "audio/mpeg");
  EXPECT_THAT(api.objects.last_link().content_disposition, HasSubstr("a.mp3"));
  EXPECT_EQ(api.objects.last_link().lifetime, std::chrono::minutes(5));
  EXPECT_EQ(get("Sec-Fetch-Dest: document\r\n").status, 302);
  EXPECT_EQ(get("Range: bytes=5-\r\n").status, 302) << "the store knows ranges";
}

TEST_F(RedirectedDownload, StaysHereWhereItMust) {
  EXPECT_EQ(get().body, "fake audio") << "the store gives no links";
  api.objects.give_links("https://store.example/");
  EXPECT_EQ(get("Sec-Fetch-Dest: audio\r\n").body, "fake audio") << "the page plays it";
  EXPECT_EQ(get("Sec-Fetch-Dest: empty\r\n").body, "fake audio");
  EXPECT_EQ(get("", "HEAD").status, 200) << "the link holds for GET";
  const std::string etag = get("", "HEAD").field("ETag");
  EXPECT_EQ(get("If-None-Match: " + etag + "\r\n").status, 304);
  EXPECT_EQ(get("Range: bytes=100-\r\n").status, 416);
}

TEST_F(RedirectedDownload, IsForTheOwnerOnly) {
  api.objects.give_links("https://store.example/");
  EXPECT_EQ(api.ask("GET", "/api/download/" + id + "?which=original", api.bearer("eve")).status, 404);
  EXPECT_EQ(api.ask("GET", "/api/download/" + id + "?which=original", "").status, 401);
}

TEST_F(DownloadCall, AStoreThatFellSilentKeepsNobodyElseWaiting) {
  Gate gate;
  api.objects.on_open([&] { gate.pass(); });
  const std::string bearer = api.bearer();
  std::vector<RawClient> waiting;
  for (int i = 0; i < 8; ++i) {  // more than there are threads
    waiting.push_back(api.connect());
    waiting.back().send("GET /api/download/" + id + "?which=original HTTP/1.1\r\nHost: x\r\n" + bearer + "\r\n");
  }
  gate.wait_for_arrival();
  EXPECT_EQ(api.ask("GET", "/readyz").status, 200);
  EXPECT_EQ(api.ask("GET", "/api/tasks/" + id, bearer).status, 200);
  gate.open();
  for (RawClient& client : waiting) EXPECT_EQ(client.read_answer()->status, 200);
}

TEST_F(DownloadCall, ALostFileIsAFaultAndNotACrash) {
  for (const std::string& key : api.objects.keys()) ASSERT_TRUE(api.objects.remove(key));
  const Answer answer = get("?which=original");
  EXPECT_EQ(answer.status, 500);
  EXPECT_THAT(answer.body, ::testing::Not(HasSubstr("sources/"))) << "keys are nobody's business";
}

}  // namespace
}  // namespace decant::http
