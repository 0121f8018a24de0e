#include "metrics/metrics.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <set>

#include "contract/temporary_folder.h"

namespace decant::metrics {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAreArray;
using testing::HasSubstr;
using testing::Not;

tasks::FormatCatalog catalog() {
  tasks::FormatCatalog formats;
  formats.targets.push_back({.name = "mp3"});
  formats.targets.push_back({.name = "ogg"});
  return formats;
}

tasks::Task task(std::string source, std::string target) {
  tasks::Task task;
  task.source.extension = std::move(source);
  task.target = std::move(target);
  return task;
}

class MetricsTest : public testing::Test {
 protected:
  [[nodiscard]] std::string text(const State& state = {}) const { return metrics_.render(state); }

  Metrics metrics_{"1.2.3", catalog()};
};

TEST_F(MetricsTest, TellsWhatItIs) { EXPECT_THAT(text(), HasSubstr("decant_build_info{version=\"1.2.3\"} 1\n")); }

TEST_F(MetricsTest, ShowsCountersAsZeroBeforeTheFirstEvent) {
  for (const char* line : {"decant_lease_lost_total 0\n", "decant_fence_rejected_total 0\n",
                           "decant_audio_seconds_total 0\n", "decant_swept_total{reason=\"orphan\"} 0\n"}) {
    EXPECT_THAT(text(), HasSubstr(line));
  }
}

TEST_F(MetricsTest, CountsTasksByResultAndFormats) {
  const tasks::Task done = task("wav", "mp3");
  metrics_.task_finished({.task = done, .result = tasks::State::PROCESSED, .took = 700ms, .audio = 90s});
  metrics_.task_finished({.task = done, .result = tasks::State::PROCESSED, .took = 2s, .audio = 30s});
  metrics_.task_finished({.task = done, .result = tasks::State::FAILED, .took = 4s});
  const std::string shown = text();
  EXPECT_THAT(shown, HasSubstr("decant_tasks_finished_total{from=\"wav\",result=\"processed\",to=\"mp3\"} 2\n"));
  EXPECT_THAT(shown, HasSubstr("decant_tasks_finished_total{from=\"wav\",result=\"failed\",to=\"mp3\"} 1\n"));
  EXPECT_THAT(shown, HasSubstr("decant_audio_seconds_total 120\n"));
  EXPECT_THAT(shown, HasSubstr("decant_task_duration_seconds_count{to=\"mp3\"} 3\n"));
  EXPECT_THAT(shown, HasSubstr("decant_task_duration_seconds_bucket{to=\"mp3\",le=\"1\"} 1\n"));
}

TEST_F(MetricsTest, ShowsNoFormatThatIsNotOfTheTables) {
  metrics_.task_finished({.task = task("evil\"} 1\nowned 1", "mp3\n"), .result = tasks::State::FAILED});
  EXPECT_THAT(text(), HasSubstr("decant_tasks_finished_total{from=\"other\",result=\"failed\",to=\"other\"} 1\n"));
  EXPECT_THAT(text(), Not(HasSubstr("owned")));
}

TEST_F(MetricsTest, BelievesNoLengthBeyondReason) {
  metrics_.task_finished({.task = task("wav", "mp3"), .audio = tasks::AudioTime::max()});
  metrics_.task_finished({.task = task("wav", "mp3"), .audio = tasks::AudioTime::min()});
  EXPECT_THAT(text(), HasSubstr("decant_audio_seconds_total 604800\n"));
}

TEST_F(MetricsTest, CountsLostLeasesAndRefusals) {
  metrics_.lease_lost();
  metrics_.fence_rejected();
  metrics_.fence_rejected();
  EXPECT_THAT(text(), HasSubstr("decant_lease_lost_total 1\n"));
  EXPECT_THAT(text(), HasSubstr("decant_fence_rejected_total 2\n"));
}

TEST_F(MetricsTest, CountsWhatTheBrokerAnswered) {
  metrics_.delivery_settled({});
  metrics_.delivery_settled(failure(ErrorCode::unavailable, "away: host 10.0.0.1"));
  EXPECT_THAT(text(), HasSubstr("decant_ack_results_total{status=\"ok\"} 1\n"));
  EXPECT_THAT(text(), HasSubstr("decant_ack_results_total{status=\"unavailable\"} 1\n"));
}

TEST_F(MetricsTest, CountsSweepsByReason) {
  metrics_.swept({.released = 1,
                  .rung_again = 2,
                  .expired = 3,
                  .purged = 4,
                  .uploads_expired = 5,
                  .orphans_removed = 6,
                  .failed_steps = 7});
  int count = 0;
  for (const char* reason :
       {"lease_expired", "rung_again", "retention", "canceled", "upload_expired", "orphan", "failed_step"}) {
    EXPECT_THAT(text(), HasSubstr(fmt::format("decant_swept_total{{reason=\"{}\"}} {}\n", reason, ++count)));
  }
}

TEST_F(MetricsTest, CountsSpansByWhatBecameOfThem) {
  EXPECT_THAT(text(), HasSubstr("decant_spans_total{result=\"exported\"} 0\n"));
  EXPECT_THAT(text(), HasSubstr("decant_spans_total{result=\"failed\"} 0\n"));
  metrics_.spans_settled("dropped", 2);
  metrics_.spans_settled("dropped", 1);
  EXPECT_THAT(text(), HasSubstr("decant_spans_total{result=\"dropped\"} 3\n"));
}

TEST_F(MetricsTest, CountsRequestsByRouteAndStatus) {
  metrics_.request_answered("GET /api/tasks/{id}", 200, 3ms);
  metrics_.request_answered("GET /api/tasks/{id}", 404, 1ms);
  metrics_.request_answered("", 431, 0ms);
  const std::string shown = text();
  EXPECT_THAT(shown, HasSubstr("decant_http_requests_total{route=\"GET /api/tasks/{id}\",status=\"200\"} 1\n"));
  EXPECT_THAT(shown, HasSubstr("decant_http_requests_total{route=\"none\",status=\"431\"} 1\n"));
  EXPECT_THAT(
      shown, HasSubstr("decant_http_request_duration_seconds_bucket{route=\"GET /api/tasks/{id}\",le=\"0.0025\"} 1\n"));
  EXPECT_THAT(shown, HasSubstr("decant_http_request_duration_seconds_count{route=\"GET /api/tasks/{id}\"} 2\n"));
}

TEST_F(MetricsTest, LetsNoLabelBreakOutOfItsQuotes) {
  metrics_.request_answered("GET /\"} 1\nowned 1\n\\", 200, 1ms);
  EXPECT_THAT(text(), HasSubstr(R"(route="GET /\"} 1\nowned 1\n\\")"));
  EXPECT_THAT(text(), Not(HasSubstr("\nowned")));
}

TEST_F(MetricsTest, ShowsTheStateItIsGiven) {
  State state;
  state.database_answers = true;
  state.queue =
      tasks::QueueStats{.ready = 3, .delayed = 1, .leased = 2, .processed = 7, .failed = 4, .oldest_ready_age = 1500ms};
  state.outbox = tasks::OutboxStats{.waiting = 1, .oldest_age = 2500ms};
  state.slots = Slots{.all = 4, .busy = 2};
  state.disk = DiskSpace{.size = 1000, .free = 10};
  const std::string shown = text(state);
  for (const char* line : {"decant_database_up 1\n", "decant_queue_backlog 5\n",
                           "decant_queue_tasks{state=\"ready\"} 3\n", "decant_queue_tasks{state=\"delayed\"} 1\n",
                           "decant_queue_tasks{state=\"leased\"} 2\n", "decant_queue_tasks{state=\"processed\"} 7\n",
                           "decant_queue_tasks{state=\"failed\"} 4\n", "decant_queue_oldest_ready_age_seconds 1.5\n",
                           "decant_outbox_oldest_age_seconds 2.5\n", "decant_worker_slots 4\n",
                           "decant_worker_busy 2\n", "decant_disk_size_bytes 1000\n", "decant_disk_free_bytes 10\n"}) {
    EXPECT_THAT(shown, HasSubstr(line));
  }
}

TEST_F(MetricsTest, ShowsNothingOfWhatIsAway) {
  const std::string shown = text();
  EXPECT_THAT(shown, HasSubstr("decant_database_up 0\n"));
  for (const char* name : {"decant_queue", "decant_outbox", "decant_worker", "decant_disk"}) {
    EXPECT_THAT(shown, Not(HasSubstr(name)));
  }
}

TEST(Metrics, KnowsEverySourceFormatOfTheEngine) {
  // By the text of the engine's table, which nothing but decant-engine links.
  std::ifstream file(std::string(std::getenv("DECANT_SOURCE")) + "/src/audio/sniff.cpp");
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  const std::regex row("Container\\{\"[^\"]+\", \"[^\"]+\", \"([^\"]+)\"");
  std::set<std::string> extensions;
  for (std::sregex_iterator each(text.begin(), text.end(), row); each != std::sregex_iterator(); ++each) {
    extensions.insert((*each)[1]);
  }
  EXPECT_GT(extensions.size(), 20U);
  EXPECT_THAT(source_formats(), ElementsAreArray(extensions));
}

TEST_F(MetricsTest, IsWhatPromtoolTakes) {
  metrics_.task_finished({.task = task("wav", "mp3"), .result = tasks::State::PROCESSED, .took = 1s, .audio = 1s});
  metrics_.delivery_settled({});
  metrics_.request_answered("GET /livez", 200, 1ms);
  metrics_.object_store_asked("put", {});
  const contract::TemporaryFolder folder;
  const auto path = folder.path() / "metrics.txt";
  std::ofstream(path) << text({.database_answers = true,
                               .queue = tasks::QueueStats{},
                               .outbox = tasks::OutboxStats{},
                               .slots = Slots{},
                               .disk = DiskSpace{}});
  const std::string command =
      fmt::format("promtool check metrics <'{}' >'{}' 2>&1", path.string(), (folder.path() / "told").string());
  const int status = std::system(command.c_str());
  std::ifstream told(folder.path() / "told");
  EXPECT_EQ(status, 0) << std::string{std::istreambuf_iterator<char>(told), {}};
}

}  // namespace
}  // namespace decant::metrics
