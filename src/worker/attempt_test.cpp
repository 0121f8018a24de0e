#include "worker/attempt.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "contract/worker_fixture.h"
#include "tasks/result_files.h"

namespace decant::worker {
namespace {

using namespace std::chrono_literals;
using contract::ScriptedConverter;
using tasks::State;

class AttemptTest : public contract::WorkerFixture {
 protected:
  Outcome attempt() {
    const SteadyTime asked = clock_.steady_now();
    const auto claim = queue_.claim({.worker = "test", .lease = lease_options_.lease}).value();
    if (!claim) throw std::logic_error("nothing to claim");
    const LeaseKeeper::Hold hold = keeper_.hold(*claim, std::nullopt, asked);
    return Attempt(attempt_options_, parts_, keeper_, *claim, hold.lease()).run();
  }

  /// What happens while the converter works on the only task; then it ends as its stop token says.
  void meanwhile(std::function<void()> event) {
    converter_.play([event = std::move(event)](const auto& job, const auto& stop) {
      event();
      return stop.stop_requested() ? Result<tasks::ConversionResult>(failure(ErrorCode::canceled, "stopped"))
                                   : ScriptedConverter::succeed(job);
    });
  }

  void fail_with(ErrorCode code) {
    converter_.play(
        [code](const auto&, const auto&) -> Result<tasks::ConversionResult> { return failure(code, "it broke"); });
  }

  LeaseKeeper keeper_{lease_options_, queue_, broker_, observer_, clock_, logger_};
};

TEST_F(AttemptTest, StoresAndCommitsTheResult) {
  const auto id = upload();
  EXPECT_EQ(attempt(), Outcome::processed);
  const tasks::Task task = get(id);
  EXPECT_EQ(task.state, State::PROCESSED);
  EXPECT_THAT(task.report, testing::HasSubstr("fake"));
  ASSERT_TRUE(task.result);
  EXPECT_EQ(task.result->size, 14);
  EXPECT_EQ(task.result->sha256, "6c339b2d545c4e8ad0549d8a743abfbe5e56e29b936c45e5b64d3cefae522897");
  EXPECT_EQ(task.result->mime_type, "audio/mpeg");
  EXPECT_EQ(task.result->extension, "mp3");
  EXPECT_THAT(task.result->key, testing::MatchesRegex("results/" + id.text() + "/1-[0-9a-f]+\\.mp3"));
  EXPECT_EQ(objects_.content(task.result->key), "mp3:fake audio");
}

TEST_F(AttemptTest, TellsOfItselfAndItsStepsAsSpans) {
  std::vector<Span> spans;
  attempt_options_.spans = [&](Span span) { spans.push_back(std::move(span)); };
  tasks::Task task = make_task();
  task.trace = TraceContext::begin();
  const auto id = upload(task);
  const auto started = clock_.wall_now();
  converter_.play([&](const tasks::ConversionJob& job, const auto&) {
    clock_.advance(30ms);
    return ScriptedConverter::succeed(job);
  });
  EXPECT_EQ(attempt(), Outcome::processed);
  std::vector<std::string> names;
  for (const Span& span : spans) names.push_back(span.name);
  ASSERT_THAT(names, testing::ElementsAre("fetch", "convert", "hash", "store", "commit", "attempt"));
  const Span& whole = spans.back();
  EXPECT_EQ(whole.parent, task.trace.span_id());
  EXPECT_EQ(whole.kind, Span::Kind::consumer);
  EXPECT_EQ(whole.start, started);
  EXPECT_EQ(whole.took, 30ms);
  EXPECT_EQ(whole.error, "");
  const std::map<std::string_view, Span::Value> attributes(whole.attributes.begin(), whole.attributes.end());
  EXPECT_EQ(attributes.at("decant.task.id"), Span::Value(id.text()));
  EXPECT_EQ(attributes.at("decant.task.attempt"), Span::Value(std::int64_t{1}));
  EXPECT_EQ(attributes.at("decant.task.target"), Span::Value("mp3"));
  EXPECT_EQ(attributes.at("decant.task.outcome"), Span::Value("processed"));
  std::set<std::string_view> ids;
  for (const Span& span : spans) {
    EXPECT_EQ(span.context.trace_id(), task.trace.trace_id()) << span.name;
    EXPECT_TRUE(ids.insert(span.context.span_id()).second) << span.name;
    if (&span != &whole) EXPECT_EQ(span.parent, whole.context.span_id()) << span.name;
    EXPECT_EQ(span.error, "") << span.name;
  }
  EXPECT_EQ(spans[1].start, started);
  EXPECT_EQ(spans[1].took, 30ms);
  EXPECT_EQ(spans[2].start, started + 30ms);
}

TEST_F(AttemptTest, SpansTellWhatFailed) {
  std::vector<std::string> told;
  attempt_options_.spans = [&](const Span& span) { told.push_back(span.name + " " + span.error); };
  tasks::Task task = make_task();
  task.trace = TraceContext::begin();
  const auto id = upload(task);
  fail_with(ErrorCode::crashed);
  EXPECT_EQ(attempt(), Outcome::retried);
  EXPECT_THAT(told, testing::ElementsAre("fetch ", "convert crashed", "fail ", "attempt crashed"));
  told.clear();
  clock_.advance(std::chrono::hours(1));
  meanwhile([&] { cancel(id); });
  EXPECT_EQ(attempt(), Outcome::lost);
  EXPECT_THAT(told, testing::ElementsAre("fetch ", "convert ", "hash ", "store ", "commit ", "attempt lost"));
}

TEST_F(AttemptTest, MakesNoSpansOfATraceThatIsNotRecorded) {
  attempt_options_.spans = [](const Span& span) { ADD_FAILURE() << span.name; };
  tasks::Task task = make_task();
  task.trace = TraceContext::parse("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00").value();
  upload(task);
  EXPECT_EQ(attempt(), Outcome::processed);
  upload();
  EXPECT_EQ(attempt(), Outcome::processed) << "nor of a task that is in none";
}

TEST_F(AttemptTest, StoresChaptersAsAnArchive) {
  tasks::Task task = make_task();
  task.options.metadata.chapters = tasks::Chapters::split;
  const auto id = upload(task);
  EXPECT_EQ(attempt(), Outcome::processed);
  const tasks::Task made = get(id);
  ASSERT_TRUE(made.result);
  EXPECT_EQ(made.result->mime_type, "application/zip");
  EXPECT_EQ(made.result->extension, "zip");
  EXPECT_THAT(made.result->key, testing::EndsWith(".zip"));
}

TEST_F(AttemptTest, GivesTheConverterWhatTheTaskAsksFor) {
  tasks::Task task = make_task();
  task.options.bitrate = 192000;
  task.media = to_json(tasks::MediaInfo{.duration = std::chrono::seconds(100)});
  upload(task);
  attempt_options_.time_limit_base = 10s;
  attempt_options_.time_limit_factor = 0.5;
  converter_.play([&](const tasks::ConversionJob& job, const auto&) {
    EXPECT_EQ(job.target, "mp3");
    EXPECT_EQ(job.options.bitrate, 192000);
    EXPECT_EQ(job.time_limit, 60s);
    std::array<char, 32> source{};
    EXPECT_EQ(::pread(job.input, source.data(), source.size(), 0), 10);
    EXPECT_STREQ(source.data(), "fake audio");
    return ScriptedConverter::succeed(job);
  });
  EXPECT_EQ(attempt(), Outcome::processed);
}

TEST_F(AttemptTest, GivesTheConverterTheCoverUnlessPicturesAreDropped) {
  tasks::Task task = make_task();
  task.cover = tasks::Cover{.size = 7, .sha256 = "22ff"};
  const auto id = upload(task);
  objects_.insert(tasks::make_cover_key(get(id).source.key), "picture");
  EXPECT_EQ(attempt(), Outcome::processed);
  EXPECT_EQ(objects_.content(get(id).result->key), "mp3:picture:fake audio");
  tasks::ConversionOptions options;
  options.metadata.pictures = tasks::Keep::drop;
  ASSERT_TRUE(database_.reconvert({id, task.user, "mp3", options, 3}));
  EXPECT_EQ(attempt(), Outcome::processed);
  EXPECT_EQ(objects_.content(get(id).result->key), "mp3:fake audio");
}

TEST_F(AttemptTest, LimitsTheTimeOfSourcesOfUnknownOrEndlessDuration) {
  tasks::Task endless = make_task();
  endless.media = to_json(tasks::MediaInfo{.duration = std::chrono::hours(24 * 365)});
  upload(endless);
  upload();
  converter_.play([&](const tasks::ConversionJob& job, const auto&) {
    EXPECT_EQ(job.time_limit, attempt_options_.time_limit_longest);
    return ScriptedConverter::succeed(job);
  });
  EXPECT_EQ(attempt(), Outcome::processed);
  EXPECT_EQ(attempt(), Outcome::processed);
}

TEST_F(AttemptTest, RemovesTheResultThatItReplaces) {
  const auto id = upload();
  attempt();
  const std::string first = get(id).result->key;
  reconvert(id);
  EXPECT_EQ(objects_.content(first), "mp3:fake audio") << "the old result stays until the new one stands";
  EXPECT_EQ(attempt(), Outcome::processed);
  EXPECT_EQ(results(), std::vector{get(id).result->key});
  EXPECT_NE(get(id).result->key, first);
}

TEST_F(AttemptTest, StoresArtifactsBesideTheResultAndRemovesThemWithIt) {
  tasks::Task task = make_task();
  task.options.analysis.wanted = {tasks::Analysis::waveform, tasks::Analysis::spectrogram};
  const auto id = upload(task);
  EXPECT_EQ(attempt(), Outcome::processed);
  const std::string key = get(id).result->key;
  EXPECT_EQ(objects_.content(key + ".waveform.dat"), contract::FakeConverter::fake_waveform());
  EXPECT_EQ(objects_.content(key + ".spectrogram.png"), "fake picture");
  reconvert(id);
  EXPECT_EQ(attempt(), Outcome::processed);
  EXPECT_EQ(results(), std::vector{get(id).result->key});
}

TEST_F(AttemptTest, KeepsNoArtifactOfARefusedCommit) {
  tasks::Task task = make_task();
  task.options.analysis.wanted = {tasks::Analysis::waveform};
  const auto id = upload(task);
  meanwhile([&] { cancel(id); });
  EXPECT_EQ(attempt(), Outcome::lost);
  EXPECT_TRUE(results().empty());
}

TEST_F(AttemptTest, Pitfall1WalksAwayFromALostLease) {
  const auto id = upload();
  meanwhile([&] {
    reconvert(id);
    clock_.advance(lease_options_.heartbeat);
    keeper_.beat();
  });
  EXPECT_EQ(attempt(), Outcome::lost);
  EXPECT_TRUE(results().empty());
  EXPECT_EQ(get(id).state, State::UPLOADED);
  EXPECT_EQ(get(id).attempts, 0);
  EXPECT_FALSE(get(id).error);
}

TEST_F(AttemptTest, StoresNothingOnceTheLeaseIsLost) {
  const auto id = upload();
  converter_.play([&](const auto& job, const auto&) {
    cancel(id);
    clock_.advance(lease_options_.heartbeat);
    keeper_.beat();
    objects_.fail_puts(Error{ErrorCode::internal, "must not be asked"});
    return ScriptedConverter::succeed(job);  // done before it heard
  });
  EXPECT_EQ(attempt(), Outcome::lost);
}

TEST_F(AttemptTest, RemovesItsOwnObjectWhenTheCommitIsRefused) {
  const auto id = upload();
  meanwhile([&] { cancel(id); });
  EXPECT_EQ(attempt(), Outcome::lost);
  EXPECT_EQ(queue_.count(Call::commit), 1);
  EXPECT_TRUE(results().empty());
  EXPECT_TRUE(is_canceled(id));
}

TEST_F(AttemptTest, TellsOfLeasesLostAndFencesRejected) {
  const auto id = upload();
  meanwhile([&] { cancel(id); });
  EXPECT_EQ(attempt(), Outcome::lost);
  EXPECT_EQ(observer_.heard().leases_lost, 1);
  EXPECT_EQ(observer_.heard().fences_rejected, 1) << "the commit";

  const auto other = upload();
  meanwhile([&] {
    cancel(other);
    clock_.advance(lease_options_.heartbeat);
    keeper_.beat();
  });
  EXPECT_EQ(attempt(), Outcome::lost);
  EXPECT_EQ(observer_.heard().leases_lost, 2);
  EXPECT_EQ(observer_.heard().fences_rejected, 2) << "the heartbeat";
  EXPECT_TRUE(observer_.heard().finished.empty());
}

TEST_F(AttemptTest, TellsOfEachTaskThatEnds) {
  upload();
  EXPECT_EQ(attempt(), Outcome::processed);
  EXPECT_THAT(observer_.heard().finished, testing::ElementsAre(State::PROCESSED));
  tasks::Task task = make_task();
  task.max_attempts = 2;
  upload(task);
  fail_with(ErrorCode::crashed);
  EXPECT_EQ(attempt(), Outcome::retried);
  EXPECT_EQ(observer_.heard().finished.size(), 1U) << "not ended yet";
  clock_.advance(attempt_options_.backoff.longest);
  EXPECT_EQ(attempt(), Outcome::failed);
  EXPECT_THAT(observer_.heard().finished, testing::ElementsAre(State::PROCESSED, State::FAILED));
}

TEST_F(AttemptTest, Pitfall1AZombieCannotCommitOverItsSuccessor) {
  const auto id = upload();
  std::string committed;
  meanwhile([&] {
    clock_.advance(lease_options_.lease);
    const auto other = database_.claim({.lease = lease_options_.lease}).value().value();
    ASSERT_TRUE(database_.commit({id, other.task.fence, {.key = "results/other"}, "{}"}, committed).value());
  });
  EXPECT_EQ(attempt(), Outcome::lost);
  EXPECT_EQ(get(id).result->key, "results/other");
  EXPECT_TRUE(results().empty());
}

TEST_F(AttemptTest, TriesAgainWhenTheStoreIsFull) {
  const auto id = upload();
  objects_.fail_puts(Error{ErrorCode::quota_exceeded, "the disk is full"});
  EXPECT_EQ(attempt(), Outcome::retried);
  EXPECT_EQ(get(id).state, State::UPLOADED);
  EXPECT_EQ(get(id).error->code, ErrorCode::quota_exceeded);
  objects_.fail_puts(std::nullopt);
  clock_.advance(attempt_options_.backoff.longest);
  EXPECT_EQ(attempt(), Outcome::processed);
}

TEST_F(AttemptTest, AnObjectStoreThatIsAwaySpendsNoAttempt) {
  const auto id = upload();
  objects_.fail_puts(Error{ErrorCode::unavailable, "away"});
  for (int outage = 0; outage < 5; ++outage) EXPECT_EQ(attempt(), Outcome::given_back);
  EXPECT_EQ(get(id).state, State::UPLOADED);
  EXPECT_EQ(get(id).attempts, 0);
  objects_.fail_puts(std::nullopt);
  EXPECT_EQ(attempt(), Outcome::processed);
}

TEST_F(AttemptTest, Pitfall10ACrashIsTriedUntilTheAttemptsAreSpent) {
  const auto id = upload();
  fail_with(ErrorCode::crashed);
  EXPECT_EQ(attempt(), Outcome::retried);
  clock_.advance(attempt_options_.backoff.longest);
  EXPECT_EQ(attempt(), Outcome::retried);
  clock_.advance(attempt_options_.backoff.longest);
  EXPECT_EQ(attempt(), Outcome::failed);
  EXPECT_EQ(get(id).state, State::FAILED);
  EXPECT_EQ(get(id).error->code, ErrorCode::crashed);
  EXPECT_EQ(get(id).error->message, "it broke");
}

TEST_F(AttemptTest, WhatTheInputCausedIsFinal) {
  const auto id = upload();
  fail_with(ErrorCode::unprocessable);
  EXPECT_EQ(attempt(), Outcome::failed);
  EXPECT_EQ(get(id).state, State::FAILED);
  EXPECT_EQ(get(id).attempts, 1);
}

TEST_F(AttemptTest, AMissingSourceOrFormatIsFinal) {
  const auto without_source = upload();
  ASSERT_TRUE(objects_.remove(get(without_source).source.key));
  EXPECT_EQ(attempt(), Outcome::failed);
  EXPECT_EQ(get(without_source).error->code, ErrorCode::not_found);

  tasks::Task strange = make_task();
  strange.target = "wax cylinder";
  upload(strange);
  EXPECT_EQ(attempt(), Outcome::failed);
  EXPECT_EQ(get(strange.id).error->code, ErrorCode::unprocessable);
}

TEST_F(AttemptTest, AnExceptionIsAFailedAttempt) {
  const auto id = upload();
  converter_.play([](const auto&, const auto&) -> Result<tasks::ConversionResult> { throw std::bad_alloc(); });
  EXPECT_EQ(attempt(), Outcome::retried);
  EXPECT_EQ(get(id).error->code, ErrorCode::internal);
}

TEST_F(AttemptTest, Pitfall16ADrainGivesBackWithoutSpendingTheAttempt) {
  const auto id = upload();
  meanwhile([&] {
    keeper_.drain(clock_.steady_now());
    keeper_.beat();
  });
  EXPECT_EQ(attempt(), Outcome::given_back);
  EXPECT_EQ(get(id).state, State::UPLOADED);
  EXPECT_EQ(get(id).attempts, 0);
  EXPECT_FALSE(get(id).error);
}

TEST_F(AttemptTest, AnEngineThatIsAwayDuringADrainSpendsNoAttempt) {
  const auto id = upload();
  keeper_.drain(clock_.steady_now() + 1h);
  fail_with(ErrorCode::unavailable);
  EXPECT_EQ(attempt(), Outcome::given_back);
  EXPECT_EQ(get(id).attempts, 0);
}

TEST_F(AttemptTest, AnEngineThatIsAwayOtherwiseSpendsOne) {
  const auto id = upload();
  fail_with(ErrorCode::unavailable);
  EXPECT_EQ(attempt(), Outcome::retried);
  EXPECT_EQ(get(id).attempts, 1);
}

TEST_F(AttemptTest, CommitsAgainWhenTheDatabaseWasAway) {
  const auto id = upload();
  queue_.plan(
      [&](Call call) { return call == Call::commit && queue_.count(call) < 3 ? Fate::refused : Fate::answered; });
  EXPECT_EQ(attempt(), Outcome::processed);
  EXPECT_EQ(queue_.count(Call::commit), 3);
  EXPECT_EQ(results(), std::vector{get(id).result->key});
}

TEST_F(AttemptTest, Pitfall3KeepsTheObjectWhenTheAnswerToTheCommitIsLost) {
  const auto id = upload();
  queue_.plan(
      [&](Call call) { return call == Call::commit && queue_.count(call) == 1 ? Fate::answer_lost : Fate::answered; });
  EXPECT_EQ(attempt(), Outcome::unknown);
  EXPECT_EQ(get(id).state, State::PROCESSED);
  EXPECT_EQ(results(), std::vector{get(id).result->key});
}

TEST_F(AttemptTest, LeavesADoubtfulObjectToTheSweepWhenTheLeaseEnds) {
  const auto id = upload();
  queue_.plan([&](Call call) {
    if (call != Call::commit) return Fate::answered;
    clock_.advance(10s);
    return Fate::refused;
  });
  EXPECT_EQ(attempt(), Outcome::unknown);
  EXPECT_EQ(queue_.count(Call::commit), 6);
  EXPECT_EQ(results().size(), 1U);
  EXPECT_EQ(get(id).state, State::PROCESSING);
}

TEST_F(AttemptTest, DoesNotOutstayADrainWhenTheDatabaseIsAway) {
  upload();
  queue_.plan([&](Call call) {
    if (call != Call::commit) return Fate::answered;
    keeper_.drain(clock_.steady_now());
    keeper_.beat();
    return Fate::refused;
  });
  EXPECT_EQ(attempt(), Outcome::unknown);
  EXPECT_EQ(queue_.count(Call::commit), 1);
}

TEST_F(AttemptTest, RecordsAFailureOnceTheDatabaseIsBack) {
  const auto id = upload();
  fail_with(ErrorCode::unprocessable);
  queue_.plan([&](Call call) { return call == Call::fail && queue_.count(call) < 3 ? Fate::refused : Fate::answered; });
  EXPECT_EQ(attempt(), Outcome::failed);
  EXPECT_EQ(get(id).state, State::FAILED);
}

}  // namespace
}  // namespace decant::worker
