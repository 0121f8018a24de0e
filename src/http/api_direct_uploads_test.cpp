#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/api_fixture.h"

namespace decant::http {
namespace {

namespace json = boost::json;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

const std::string announcement =
    R"({"size":10,"sha256":"72401f193251f177a310936253acb57e91e29d2aa582093974351e65e267bb32","filename":"a.mp3",)"
    R"("newFormat":"wav","options":{"channels":1}})";

ApiOptions options() {
  ApiOptions options = TestingApi::quick_options();
  options.direct_uploads_per_user = 2;
  options.quota = 25;
  return options;
}

class DirectUploadCall : public ::testing::Test {
 protected:
  DirectUploadCall() { api.objects.give_links("https://store.example/"); }

  [[nodiscard]] Answer announce(const std::string& body = announcement) const {
    return api.ask_json("POST", "/api/uploads/direct", body, bearer);
  }
  [[nodiscard]] Answer confirm(const Answer& announced, const std::string& by) const {
    return api.ask("POST", announced.field("Location"), by);
  }
  void put(const Answer& announced, std::string content) {
    const std::string url = json_of(announced).at("url").as_string().c_str();
    api.objects.insert(url.substr(std::string("https://store.example/").size()), std::move(content));
  }

  TestingApi api{options()};
  std::string bearer = api.bearer();
};

TEST_F(DirectUploadCall, GoesAroundTheWebTier) {
  const Answer announced = announce();
  ASSERT_EQ(announced.status, 201) << announced.body;
  EXPECT_EQ(announced.field("Cache-Control"), "no-store");
  const json::value open = json_of(announced);
  EXPECT_EQ(open.at("method"), "PUT");
  EXPECT_EQ(open.at("headers").at("content-length"), "10");
  EXPECT_EQ(open.at("confirm").as_string(), announced.field("Location"));

  EXPECT_EQ(confirm(announced, bearer).status, 409) << "it is not there yet";
  put(announced, "fake audio");
  const Answer confirmed = confirm(announced, bearer);
  ASSERT_EQ(confirmed.status, 201) << confirmed.body;
  const json::value task = json_of(confirmed).at("task");
  EXPECT_EQ(task.at("id"), open.at("id"));
  EXPECT_EQ(task.at("name"), "a.mp3");
  EXPECT_EQ(task.at("options").at("channels"), 1);
  EXPECT_EQ(confirmed.field("Location"), std::string("/api/tasks/") + open.at("id").as_string().c_str());
  EXPECT_EQ(json_of(confirm(announced, bearer)).at("task").at("id"), open.at("id")) << "again is the same";
  api.convert_next();
  EXPECT_EQ(api.ask("GET", "/api/download/" + std::string(open.at("id").as_string()), bearer).body, "wav:fake audio");
}

TEST_F(DirectUploadCall, WhatIsNoAudioIsRefusedAsElsewhere) {
  const Answer announced = announce(
      R"({"size":4,"sha256":"9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08","newFormat":"wav"})");
  put(announced, "test");
  EXPECT_EQ(confirm(announced, bearer).status, 415);
}

TEST_F(DirectUploadCall, IsForItsOwnerOnly) {
  const Answer announced = announce();
  put(announced, "fake audio");
  EXPECT_EQ(confirm(announced, api.bearer("eve")).status, 404);
  EXPECT_EQ(confirm(announced, "").status, 401);
  EXPECT_EQ(api.ask_json("POST", "/api/uploads/direct", announcement).status, 401);
  EXPECT_EQ(api.ask("POST", "/api/uploads/direct/x", bearer).status, 404);
}

TEST_F(DirectUploadCall, SaysWhatIsWrong) {
  const auto wrong_fields = [&](const std::string& body) { return wrong_fields_of(announce(body)); };
  EXPECT_THAT(wrong_fields("{}"), ElementsAre("sha256"));
  EXPECT_THAT(wrong_fields(R"({"sha256":"x","size":"1","newFormat":"wav"})"), ElementsAre("size"));
  EXPECT_THAT(wrong_fields(R"({"sha256":"x","size":1.5,"newFormat":"wav"})"), ElementsAre("size"));
  EXPECT_THAT(wrong_fields(R"({"sha256":"x","size":1,"filename":1,"newFormat":"wav"})"), ElementsAre("filename"));
  EXPECT_THAT(wrong_fields(R"({"sha256":"x","size":1,"newFormat":"wav"})"), ElementsAre("sha256"));
  EXPECT_THAT(wrong_fields(R"({"sha256":"x","size":1})"), ElementsAre("newFormat"));
  EXPECT_THAT(wrong_fields(R"({"sha256":"x","size":1,"newFormat":"wav","bitrat":1})"), ElementsAre("bitrat"));
  EXPECT_EQ(announce("nothing").status, 400);
}

TEST_F(DirectUploadCall, LimitsHold) {
  ASSERT_EQ(announce().status, 201);
  ASSERT_EQ(announce().status, 201);
  EXPECT_EQ(announce().status, 507) << "the third would not fit";
  EXPECT_EQ(api.upload(bearer, {{"newFormat", "wav"}, {"audio", "fake audio", "a.mp3"}}).status, 507)
      << "what is announced counts";
  const std::string small = R"({"size":1,"sha256":")" + std::string(64, 'a') + R"(","newFormat":"wav"})";
  EXPECT_EQ(announce(small).status, 429);
  const std::string large = R"({"size":4194305,"sha256":")" + std::string(64, 'a') + R"(","newFormat":"wav"})";
  EXPECT_EQ(announce(large).status, 413);
}

TEST_F(DirectUploadCall, AStoreThatGivesNoLinksSaysWhatToDo) {
  TestingApi plain;
  const Answer answer = plain.ask_json("POST", "/api/uploads/direct", announcement, plain.bearer());
  EXPECT_EQ(answer.status, 409);
  EXPECT_THAT(answer.body, HasSubstr("POST /api/tasks"));
}

}  // namespace
}  // namespace decant::http
