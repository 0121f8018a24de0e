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

class UploadCall : public ::testing::Test {
 protected:
  explicit UploadCall(ApiOptions options = TestingApi::quick_options()) : api(std::move(options)) {}

  Answer upload(const std::vector<FormPart>& parts, const std::string& fields = {}) {
    return api.upload(bearer + fields, parts);
  }
  json::value task_of(const std::vector<FormPart>& parts) {
    const Answer answer = upload(parts);
    EXPECT_EQ(answer.status, 201) << answer.body;
    return answer.status == 201 ? json_of(answer).at("task") : json::value();
  }
  void expect_nothing_kept() {
    EXPECT_THAT(api.objects.keys(), IsEmpty());
    EXPECT_EQ(api.ask("GET", "/api/tasks", bearer).body, "[]");
  }

  TestingApi api;
  std::string bearer = api.bearer();
};

const FormPart audio{"audio", "fake audio", "a.mp3"};
const std::string png("\x89PNG\r\n\x1A\n\0\0\0\x0DIHDR\0\0\1\0\0\0\0\x80\x08\2\0\0\0crc.data\0\0\0\0IENDcrc.", 49);
const FormPart to_wav{"newFormat", "wav"};

TEST_F(UploadCall, MakesATask) {
  const Answer answer = upload({to_wav, audio});
  ASSERT_EQ(answer.status, 201) << answer.body;
  const json::value task = json_of(answer).at("task");
  EXPECT_EQ(answer.field("Location"), "/api/tasks/" + std::string(task.at("id").as_string()));
  EXPECT_EQ(api.broker.rings(), 1);
  EXPECT_EQ(api.objects.content(api.objects.keys().front()), "fake audio");
}

TEST_F(UploadCall, TakesFieldsInAnyOrderAndForm) {
  const json::value task = task_of({{"bitrate", "192k"},
                                    {"audio", "fake audio", "a.mp3"},
                                    {"options", R"({"channels":2,"bitrate":64000})"},
                                    {"start", "1:30.5"},
                                    {"quality", ""},
                                    {"newFormat", ".MP3"},
                                    {"filename", "b.mp3"}});
  EXPECT_EQ(task.at("options"), (json::object{{"bitrate", 192000}, {"channels", 2}, {"start", 90.5}}));
  EXPECT_EQ(task.at("name"), json::string("b.mp3"));
  EXPECT_EQ(task.at("convertedExt"), json::string("mp3"));
}

TEST_F(UploadCall, KeepsNamesForShow) {
  const std::map<std::string, std::string> names = {{"日本.mp3", "日本.mp3"},
                                                    {"SONG.MP3", "SONG.MP3"},
                                                    {"a.mp3.mp3", "a.mp3.mp3"},
                                                    {"../../etc/passwd", "../../etc/passwd"},
                                                    {"-rf.mp3", "-rf.mp3"},
                                                    {"😀.mp3", "😀.mp3"},
                                                    {"a\xFF.mp3", "a\uFFFD.mp3"},
                                                    {std::string(200, 'x') + ".mp3", std::string(200, 'x') + ".mp3"},
                                                    {std::string(4096, 'x'), std::string(255, 'x')},
                                                    {"", "audio.mp3"},
                                                    {"\u202Egpj.mp3", "gpj.mp3"}};
  for (const auto& [raw, shown] : names) {
    EXPECT_EQ(task_of({to_wav, {"audio", "fake audio", raw}}).at("name"), json::string(shown)) << raw;
    EXPECT_EQ(task_of({to_wav, audio, {"filename", raw}}).at("name"), json::string(shown)) << raw;
  }
  EXPECT_EQ(task_of({to_wav, audio, {"filename", std::string("a\0\r\nb", 5)}}).at("name"), json::string("ab"));
  for (const std::string& key : api.objects.keys())
    EXPECT_THAT(key, ::testing::MatchesRegex("sources/[0-9a-f-]+/[0-9a-f]+.mp3"));
}

TEST_F(UploadCall, TakesACover) {
  const json::value task = task_of({{"cover", png, "front.png"}, to_wav, audio});
  EXPECT_EQ(api.objects.keys().size(), 2U);
  api.convert_next();
  const std::string id(task.at("id").as_string());
  const auto result = [&] { return api.ask("GET", "/api/download/" + id, bearer).body; };
  EXPECT_EQ(result(), "wav:" + png + ":fake audio");
  ASSERT_EQ(api.ask_json("PUT", "/api/tasks/" + id, R"({"newFormat":"mp3"})", bearer).status, 200);
  api.convert_next();
  EXPECT_EQ(result(), "mp3:" + png + ":fake audio") << "converted again, it has the same cover";
  ASSERT_EQ(api.ask_json("PUT", "/api/tasks/" + id, R"({"newFormat":"mp3","pictures":"drop"})", bearer).status, 200);
  api.convert_next();
  EXPECT_EQ(result(), "mp3:fake audio");
  EXPECT_EQ(api.ask("DELETE", "/api/tasks/" + id, bearer).status, 204);
  EXPECT_THAT(api.objects.keys(), IsEmpty());
}

TEST_F(UploadCall, ACoverThatWasNotChosenIsNone) {
  task_of({{"cover", "", ""}, to_wav, audio});
  EXPECT_EQ(api.objects.keys().size(), 1U);
}

TEST_F(UploadCall, RefusesHostileCovers) {
  const std::string huge = std::string(png).replace(16, 4, "\x7F\xFF\xFF\xFF");
  struct Case {
    std::string cover;
    int status;
  };
  for (const Case& bad :
       {Case{"", 415}, Case{"<svg xmlns=\"http://www.w3.org/2000/svg\"/>", 415}, Case{png.substr(0, 20), 422},
        Case{png.substr(0, 40), 422}, Case{huge, 422}, Case{png + std::string(1000, 'x'), 413}}) {
    const Answer answer = upload({to_wav, audio, {"cover", bad.cover, "front.png"}});
    EXPECT_EQ(answer.status, bad.status) << answer.body;
    if (bad.status != 413) EXPECT_THAT(wrong_fields_of(answer), ElementsAre("cover"));
  }
  EXPECT_THAT(wrong_fields_of(upload({to_wav, audio, {"pictures", "drop"}, {"cover", png, "front.png"}})),
              ElementsAre("cover"));
  expect_nothing_kept();
}

TEST_F(UploadCall, TheNameSaysNothingAboutTheContent) {
  EXPECT_EQ(task_of({to_wav, {"audio", "fake audio", "picture.png"}}).at("originalExt"), json::string("mp3"));
}

TEST_F(UploadCall, RefusesWhatIsNoAudioAndKeepsNothing) {
  const std::map<std::string, int> bad = {
      {"just some text", 415}, {"", 415}, {"#EXTM3U\nhttp://x/", 415}, {"fake silence", 422}};
  for (const auto& [content, status] : bad) {
    const Answer answer = upload({to_wav, {"audio", content, "a.mp3"}});
    EXPECT_EQ(answer.status, status) << content;
    EXPECT_THAT(std::string(json_of(answer).at("detail").as_string()), ::testing::Not(IsEmpty()));
  }
  expect_nothing_kept();
}

TEST_F(UploadCall, RefusesWrongFormsByName) {
  const auto refused = [&](const std::vector<FormPart>& parts) {
    const Answer answer = upload(parts);
    EXPECT_EQ(answer.status, 400) << answer.body;
    return wrong_fields_of(answer);
  };
  EXPECT_THAT(refused({to_wav}), ElementsAre("audio"));
  EXPECT_THAT(refused({audio}), ElementsAre("newFormat"));
  EXPECT_THAT(refused({audio, {"newFormat", "flac9"}}), ElementsAre("newFormat"));
  EXPECT_THAT(refused({audio, to_wav, audio}), ElementsAre("audio"));
  EXPECT_THAT(refused({audio, to_wav, to_wav}), ElementsAre("newFormat"));
  EXPECT_THAT(refused({audio, to_wav, {"bitRate", "1"}}), ElementsAre("bitRate"));
  EXPECT_THAT(refused({audio, to_wav, {"bitrate", "1"}}), ElementsAre("bitrate"));
  EXPECT_THAT(refused({audio, to_wav, {"options", "[]"}}), ElementsAre("options"));
  EXPECT_THAT(refused({audio, to_wav, {"filename", std::string(9000, 'x')}}), ElementsAre("filename"));
  EXPECT_THAT(refused({audio, to_wav, {"metadata", R"({"a=b":"x"})"}}), ElementsAre("metadata"));
  EXPECT_THAT(refused({audio, to_wav, {"metadata", std::string(50'000, 'x')}}), ElementsAre("metadata"));
  EXPECT_THAT(refused({audio, to_wav, {"chapters", "some"}}), ElementsAre("chapters"));
  EXPECT_EQ(api.ask("POST", "/api/tasks", bearer + "Content-Type: application/json\r\n", "{}").status, 415);
  EXPECT_EQ(api.ask("POST", "/api/tasks", bearer + std::string(form_type), "no form").status, 400);
  std::vector<FormPart> many(40, FormPart{"x", ""});
  for (std::size_t i = 0; i < many.size(); ++i) many[i].name += std::to_string(i);
  EXPECT_EQ(upload(many).status, 413);
  expect_nothing_kept();
}

TEST_F(UploadCall, AWrongFormatIsRefusedBeforeTheFileIsSent) {
  RawClient client = api.connect();
  const std::string start = form_body({{"newFormat", "flac9"}, {"audio", std::string(300'000, 'x'), "a.mp3"}});
  client.send(
      fmt::format("POST /api/tasks HTTP/1.1\r\nHost: test\r\n{}{}Content-Length: 3000000\r\n\r\n", bearer, form_type));
  client.send(start.substr(0, 290'000));
  const auto answer = client.read_answer();
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->status, 400);
  EXPECT_THAT(wrong_fields_of(*answer), ElementsAre("newFormat"));
}

TEST_F(UploadCall, AnUploadLargerThanTheLimitIs413) {
  const std::string large((4 << 20) + 1, 'x');
  EXPECT_EQ(upload({to_wav, {"audio", "fake audio" + large, "a.mp3"}}).status, 413);
  RawClient client = api.connect();
  client.send(fmt::format("POST /api/tasks HTTP/1.1\r\nHost: test\r\n{}{}Content-Length: 300000000\r\n\r\n", bearer,
                          form_type));
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 413) << "said before anything is sent";
  expect_nothing_kept();
}

TEST_F(UploadCall, ALargeUploadArrivesWhole) {
  std::string content = "fake audio";
  for (int i = 0; content.size() < (3U << 20); ++i) content += fmt::format("{}\r\n--limi", i);
  const json::value task = task_of({to_wav, {"audio", content, "a.mp3"}});
  EXPECT_EQ(api.objects.content(api.objects.keys().front()), content);
  const std::string id(task.at("id").as_string());
  const Answer original = api.ask("GET", "/api/download/" + id + "?which=original", bearer);
  EXPECT_EQ(original.body, content);
}

TEST_F(UploadCall, AnUploadThatBreaksOffLeavesNothing) {
  {
    RawClient client = api.connect();
    const std::string body = form_body({to_wav, audio});
    client.send(fmt::format("POST /api/tasks HTTP/1.1\r\nHost: test\r\n{}{}Content-Length: {}\r\n\r\n", bearer,
                            form_type, body.size()));
    client.send(body.substr(0, body.size() - 10));
    client.finish_sending();
    (void)client.read_to_end();
  }
  EXPECT_EQ(upload({to_wav, {"audio", "fake audio", "a.mp3"}}, "").status, 201) << "its slot is free again";
  EXPECT_EQ(api.objects.keys().size(), 1U);
}

TEST_F(UploadCall, SentAgainWithItsKeyItIsTheSameTask) {
  const std::string key = "Idempotency-Key: 5b1c\r\n";
  const Answer first = upload({to_wav, audio}, key);
  const Answer again = upload({to_wav, audio}, key);
  EXPECT_EQ(again.status, 201);
  EXPECT_EQ(again.field("Location"), first.field("Location"));
  EXPECT_EQ(api.objects.keys().size(), 1U);
  EXPECT_EQ(upload({to_wav, {"audio", "fake audio 2", "a.mp3"}}, key).status, 422);
  EXPECT_EQ(upload({to_wav, {"channels", "1"}, audio}, key).status, 422);
  EXPECT_NE(upload({to_wav, audio}).field("Location"), first.field("Location"));
  EXPECT_NE(api.upload(api.bearer("bob") + key, {to_wav, audio}).field("Location"), first.field("Location"));
  api.clock.advance(std::chrono::hours(24));
  const std::string bearer_of_next_day =
      fmt::format("Authorization: Bearer {}\r\n", std::string(json_of(api.log_in("ada")).at("token").as_string()));
  EXPECT_NE(api.upload(bearer_of_next_day + key, {to_wav, audio}).field("Location"), first.field("Location"));
  EXPECT_THAT(wrong_fields_of(api.upload(bearer_of_next_day + "Idempotency-Key: a b\r\n", {to_wav, audio})),
              ElementsAre("Idempotency-Key"));
}

TEST_F(UploadCall, AFullDiskIsSaidAndKeepsNothing) {
  api.objects.fail_puts(Error{ErrorCode::quota_exceeded, "the disk is full"});
  EXPECT_EQ(upload({to_wav, audio}).status, 507);
  expect_nothing_kept();
}

class QuotaCall : public UploadCall {
 protected:
  QuotaCall() : UploadCall(with_quota()) {}
  static ApiOptions with_quota() {
    ApiOptions options = TestingApi::quick_options();
    options.quota = 25;
    options.uploads_per_user = 1;
    return options;
  }
};

TEST_F(QuotaCall, IsExact) {
  EXPECT_EQ(upload({to_wav, audio}).status, 201);
  EXPECT_EQ(upload({to_wav, audio}).status, 201);
  const Answer refused = upload({to_wav, audio});
  EXPECT_EQ(refused.status, 507);
  EXPECT_EQ(json_of(refused).at("code").as_string(), "quota_exceeded");
  EXPECT_EQ(api.objects.keys().size(), 2U);
  EXPECT_EQ(api.upload(api.bearer("bob"), {to_wav, audio}).status, 201) << "everybody has their own";
}

TEST_F(QuotaCall, IsCheckedByLengthBeforeAnythingIsSent) {
  RawClient client = api.connect();
  client.send(
      fmt::format("POST /api/tasks HTTP/1.1\r\nHost: test\r\n{}{}Content-Length: 2000000\r\n\r\n", bearer, form_type));
  EXPECT_EQ(client.read_answer().value_or(Answer{}).status, 507);
}

TEST_F(QuotaCall, UploadsAtOnceAreBoundedForEachUser) {
  const std::string other = api.bearer("bob");
  RawClient slow = api.connect();
  slow.send(
      fmt::format("POST /api/tasks HTTP/1.1\r\nHost: test\r\nExpect: 100-continue\r\n{}{}Content-Length: 300\r\n\r\n",
                  bearer, form_type));
  EXPECT_EQ(slow.read_answer_head().value_or(Answer{}).status, 100) << "it waits for the body now";
  const Answer refused = upload({to_wav, audio});
  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.field("Retry-After"), "");
  EXPECT_EQ(api.upload(other, {to_wav, audio}).status, 201) << "a stalled upload stops nobody else";
}

}  // namespace
}  // namespace decant::http
