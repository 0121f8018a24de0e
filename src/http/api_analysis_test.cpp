#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "http/api_fixture.h"

namespace decant::http {
namespace {

using ::testing::HasSubstr;

class AnalysisCall : public ::testing::Test {
 protected:
  Answer get(const std::string& rest, const std::string& fields = {}) {
    return api.ask("GET", "/api/tasks/" + id + rest, bearer + fields);
  }
  std::string upload(const std::string& analyses) {
    const Answer made =
        api.upload(bearer, {{"newFormat", "wav"}, {"analysis", analyses}, {"audio", "fake audio", "a.mp3"}});
    EXPECT_EQ(made.status, 201) << made.body;
    return made.field("Location").substr(11);
  }

  TestingApi api;
  std::string bearer = api.bearer();
  std::string id = upload("waveform,spectrogram");
};

TEST_F(AnalysisCall, HasNothingBeforeTheResult) {
  EXPECT_EQ(get("/waveform").status, 409);
  EXPECT_EQ(get("/spectrogram").status, 409);
}

TEST_F(AnalysisCall, GivesTheWaveformAsJsonUnlessBinaryIsAskedFor) {
  api.convert_next();
  const std::string text =
      R"({"version":2,"channels":1,"sample_rate":256,"samples_per_pixel":1000,"bits":8,"length":2,"data":[-1,2,-3,4]})";
  for (const Answer& answer : {get("/waveform"), get("/waveform?format=json"), get("/waveform", "Accept: */*\r\n")}) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Content-Type"), "application/json");
    EXPECT_EQ(answer.body, text);
  }
  for (const Answer& answer : {get("/waveform?format=dat"), get("/waveform", "Accept: application/octet-stream\r\n")}) {
    EXPECT_EQ(answer.status, 200);
    EXPECT_EQ(answer.field("Content-Type"), "application/octet-stream");
    EXPECT_EQ(answer.body, contract::FakeConverter::fake_waveform());
  }
  EXPECT_EQ(get("/waveform?format=xml").status, 400);
  EXPECT_EQ(get("/waveform?format=dat", "Range: bytes=0-3\r\n").status, 206);
}

TEST_F(AnalysisCall, GivesTheSpectrogram) {
  api.convert_next();
  const Answer answer = get("/spectrogram");
  EXPECT_EQ(answer.status, 200);
  EXPECT_EQ(answer.field("Content-Type"), "image/png");
  EXPECT_EQ(answer.body, "fake picture");
}

TEST_F(AnalysisCall, IsLinkedFromTheTask) {
  api.convert_next();
  const boost::json::value links = boost::json::parse(get("").body).at("links");
  for (const char* analysis : {"waveform", "spectrogram"}) {
    EXPECT_EQ(api.ask("GET", std::string(links.at(analysis).as_string()), bearer).status, 200) << analysis;
  }
}

TEST_F(AnalysisCall, KnowsWhatTheClientHas) {
  api.convert_next();
  const std::string json = get("/waveform").field("ETag");
  const std::string dat = get("/waveform?format=dat").field("ETag");
  EXPECT_NE(json, dat);
  EXPECT_EQ(get("/waveform", "If-None-Match: " + json + "\r\n").status, 304);
  EXPECT_EQ(get("/waveform?format=dat", "If-None-Match: " + json + "\r\n").status, 200);
}

TEST_F(AnalysisCall, SaysHowToGetWhatWasNotMade) {
  api.convert_next();
  id = upload("loudness");
  api.convert_next();
  const Answer answer = get("/waveform");
  EXPECT_EQ(answer.status, 404);
  EXPECT_THAT(answer.body, HasSubstr("convert with the analysis waveform"));
}

TEST_F(AnalysisCall, BelongsToItsUser) {
  api.convert_next();
  EXPECT_EQ(api.ask("GET", "/api/tasks/" + id + "/waveform", api.bearer("eve")).status, 404);
  EXPECT_EQ(api.ask("GET", "/api/tasks/" + id + "/waveform").status, 401);
}

TEST_F(AnalysisCall, GoesWithTheTask) {
  api.convert_next();
  EXPECT_EQ(api.ask("DELETE", "/api/tasks/" + id, bearer).status, 204);
  EXPECT_THAT(api.objects.keys(), ::testing::IsEmpty());
}

TEST_F(AnalysisCall, RefusesUnknownAnalyses) {
  const Answer answer =
      api.upload(bearer, {{"newFormat", "wav"}, {"analysis", "bpm"}, {"audio", "fake audio", "a.mp3"}});
  EXPECT_EQ(answer.status, 400);
  EXPECT_THAT(wrong_fields_of(answer), ::testing::ElementsAre("analysis"));
}

}  // namespace
}  // namespace decant::http
