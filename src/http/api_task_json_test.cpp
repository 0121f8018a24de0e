#include "http/api_task_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace decant::http {
namespace {

namespace json = boost::json;

tasks::Task make_task() {
  tasks::Task task;
  task.id = tasks::TaskId::make(WallTime(std::chrono::milliseconds(1)));
  task.user = tasks::UserId::make(WallTime(std::chrono::milliseconds(2)));
  task.created = WallTime(std::chrono::milliseconds(1'800'000'000'123));
  task.name = "say \"hi\" \\ </script> 日本.mp3";
  task.target = "aac";
  task.source.extension = "flac";
  return task;
}

tasks::FormatCatalog make_catalog() {
  tasks::FormatCatalog catalog;
  catalog.targets.push_back({.name = "aac", .title = "AAC", .extension = "m4a"});
  return catalog;
}

TEST(TaskJson, EscapesWhatUsersChose) {
  const json::value task = json::parse(task_json(make_task(), make_catalog()));
  EXPECT_EQ(task.at("name"), json::string("say \"hi\" \\ </script> 日本.mp3"));
  EXPECT_EQ(task.at("timestamp"), json::string("2027-01-15T08:00:00.123Z"));
  EXPECT_EQ(task.at("convertedExt"), json::string("m4a"));
  EXPECT_EQ(task.at("originalExt"), json::string("flac"));
}

TEST(TaskJson, TellsAFailureByCodeAndWords) {
  tasks::Task task = make_task();
  task.state = tasks::State::FAILED;
  task.progress = 1.0 / 3;
  task.error = tasks::TaskError{ErrorCode::unprocessable, "breaks at \"0:42\"\n"};
  const json::value shown = json::parse(task_json(task, make_catalog()));
  EXPECT_EQ(shown.at("error"), (json::object{{"code", "unprocessable"}, {"message", "breaks at \"0:42\"\n"}}));
  EXPECT_DOUBLE_EQ(shown.at("progress").as_double(), 0.3333);
}

TEST(TaskJson, AFormatThatIsNoLongerWrittenIsShownByItsName) {
  tasks::Task task = make_task();
  task.target = "gone";
  EXPECT_EQ(json::parse(task_json(task, make_catalog())).at("convertedExt"), json::string("gone"));
}

TEST(TaskJson, LinksWhatAnalysesMadeOnceTheConversionIsDone) {
  tasks::Task task = make_task();
  task.options.analysis.wanted = {tasks::Analysis::waveform, tasks::Analysis::loudness};
  task.state = tasks::State::PROCESSING;
  EXPECT_TRUE(json::parse(task_json(task, make_catalog())).at("links").at("waveform").is_null());

  task.state = tasks::State::PROCESSED;
  const json::value links = json::parse(task_json(task, make_catalog())).at("links");
  EXPECT_EQ(links.at("waveform"), json::string("/api/tasks/" + task.id.text() + "/waveform"));
  EXPECT_TRUE(links.at("spectrogram").is_null());
}

TEST(TasksJson, IsAnArrayOfAnyLength) {
  EXPECT_EQ(tasks_json({}, make_catalog()), "[]");
  EXPECT_EQ(json::parse(tasks_json({make_task(), make_task()}, make_catalog())).as_array().size(), 2U);
}

}  // namespace
}  // namespace decant::http
