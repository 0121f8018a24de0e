#include "sandbox/engine_converter.h"

#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <latch>
#include <thread>

#include "sandbox/test_engine/fixture.h"

namespace decant::sandbox {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using testing::HasSubstr;

using Steady = std::chrono::steady_clock;

class EngineConverterTest : public TestEngine {
 protected:
  /// Waits, for some seconds at the most, until `holds`.
  static bool eventually(const std::function<bool()>& holds) {
    for (int i = 0; i < 1000; ++i) {
      if (holds()) return true;
      std::this_thread::sleep_for(milliseconds(5));
    }
    return false;
  }

  static int zygote() { return children_of(::getpid()).at(0); }
  static std::size_t open_descriptors() {
    return static_cast<std::size_t>(std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {}));
  }
};

TEST_F(EngineConverterTest, TellsFormats) {
  start();
  ASSERT_EQ(engine_->formats().targets.size(), 1U);
  EXPECT_EQ(engine_->formats().targets[0].name, "copy");
}

TEST_F(EngineConverterTest, ConvertsIntoTheOutput) {
  start();
  const SpoolFile input = make_file("twelve bytes");
  const SpoolFile output = make_file();
  double progress = 0;
  const auto result = engine_->convert({input.descriptor(), output.descriptor(), "copy", {}, seconds(20)},
                                       [&](double part_done) { progress = part_done; }, {});
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->report, R"({"bytes":12})");
  EXPECT_EQ(result->sample_rate, 48000);
  EXPECT_EQ(output.size().value(), 12);
  EXPECT_EQ(progress, 1);
}

TEST_F(EngineConverterTest, ProbesButNeverConvertsWhereStartedForProbes) {
  EngineOptions for_probes = options();
  for_probes.duty = tasks::ConverterDuty::probes;
  start(for_probes);
  const SpoolFile input = make_file("RIFF and more");
  const auto info = engine_->probe(input.descriptor());
  ASSERT_TRUE(info) << info.error().describe();
  EXPECT_EQ(info->container, "RIFF");
  const auto converted = run("copy");
  ASSERT_FALSE(converted);
  EXPECT_EQ(converted.error().code, ErrorCode::internal) << converted.error().describe();
}

TEST_F(EngineConverterTest, BringsArtifactsBesideTheOutput) {
  start();
  const SpoolFile input = make_file("some input");
  const SpoolFile extras = make_file();
  const auto result =
      engine_->convert({input.descriptor(), -1, "make_artifacts", {}, seconds(20), extras.descriptor()}, {}, {});
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->artifacts,
            (std::vector<tasks::Artifact>{{tasks::Analysis::waveform, 0, 5}, {tasks::Analysis::spectrogram, 5, 7}}));
  std::string content(12, '\0');
  EXPECT_EQ(::pread(extras.descriptor(), content.data(), content.size(), 0), 12);
  EXPECT_EQ(content, "peakspicture");
}

TEST_F(EngineConverterTest, BelievesNoArtifactThatIsNotThere) {
  start();
  const SpoolFile input = make_file("some input");
  const SpoolFile extras = make_file("four");
  for (const int file : {extras.descriptor(), -1}) {
    const auto result = engine_->convert({input.descriptor(), -1, "claim_artifact", {}, seconds(20), file}, {}, {});
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, ErrorCode::crashed) << result.error().describe();
  }
  EXPECT_FALSE(run("read_extras")) << "extras can only be written";
}

TEST_F(EngineConverterTest, PassesACoverThatCannotBeChanged) {
  start();
  const SpoolFile input = make_file("some input");
  const SpoolFile output = make_file();
  const SpoolFile cover = make_file("picture");
  const auto run = [&](const char* behaviour, int given) {
    return engine_->convert({input.descriptor(), output.descriptor(), behaviour, {}, seconds(20), -1, given}, {}, {});
  };
  EXPECT_EQ(run("copy_cover", -1)->report, R"({"cover":false})");
  EXPECT_EQ(run("copy_cover", cover.descriptor())->report, R"({"cover":true})");
  std::string content(7, '\0');
  EXPECT_EQ(::pread(output.descriptor(), content.data(), content.size(), 0), 7);
  EXPECT_EQ(content, "picture");
  EXPECT_FALSE(run("write_cover", cover.descriptor()));
  EXPECT_EQ(::pread(cover.descriptor(), content.data(), content.size(), 0), 7);
  EXPECT_EQ(content, "picture");
}

TEST_F(EngineConverterTest, Probes) {
  start();
  const SpoolFile file = make_file("RIFF and more");
  const auto info = engine_->probe(file.descriptor());
  ASSERT_TRUE(info) << info.error().describe();
  EXPECT_EQ(info->container, "RIFF");
}

TEST_F(EngineConverterTest, PassesOnWhatTheEngineRefuses) {
  start();
  const SpoolFile empty = make_file();
  const auto info = engine_->probe(empty.descriptor());
  ASSERT_FALSE(info);
  EXPECT_EQ(info.error().code, ErrorCode::unsupported_media);
  const auto result = run("refuse");
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unprocessable);
  EXPECT_EQ(result.error().message, "breaks at 1.5 s");
  EXPECT_EQ(result.error().detail, "bad header");
}

struct Breakage {
  const char* behaviour;
  ErrorCode code;
  const char* message;
};

TEST_F(EngineConverterTest, SurvivesChildrenThatBreak) {
  start();
  for (const Breakage& breakage : {
#ifndef DECANT_SANITIZED  // whose runtimes catch these and leave by other ways
           Breakage{"break_memory", ErrorCode::crashed, "signal SIGSEGV"},
           Breakage{"take_memory", ErrorCode::unprocessable, "more memory"},
#endif
           Breakage{"abort_process", ErrorCode::crashed, "the decoder crashed"},
           Breakage{"leave", ErrorCode::crashed, "went wrong"},
           Breakage{"talk_nonsense", ErrorCode::crashed, "went wrong"},
           Breakage{"claim_cancellation", ErrorCode::crashed, "went wrong"},
           Breakage{"forge_tokens", ErrorCode::crashed, "went wrong"},
           Breakage{"throw_exception", ErrorCode::internal, "failed on this file"},
           Breakage{"fill_disk", ErrorCode::too_large, "larger than its limit"},
           Breakage{"write_endless_report", ErrorCode::unprocessable, "too great a length"}}) {
    const auto result = run(breakage.behaviour);
    ASSERT_FALSE(result) << breakage.behaviour;
    EXPECT_EQ(result.error().code, breakage.code) << breakage.behaviour << ": " << result.error().describe();
    EXPECT_THAT(result.error().message, HasSubstr(breakage.message)) << breakage.behaviour;
    EXPECT_TRUE(run("copy")) << "after " << breakage.behaviour;
  }
}

TEST_F(EngineConverterTest, KeepsWhatALibrarySaidForTheLog) {
  start();
  EXPECT_THAT(run("talk_nonsense").error().detail, HasSubstr("free(): invalid pointer"));
}

TEST_F(EngineConverterTest, TakesLongReports) {
  start();
  const auto result = run("write_long_report");
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_GT(result->report.size(), 1'000'000U);
}

TEST_F(EngineConverterTest, HoldsProgressToTenASecond) {
  start();
  int calls = 0;
  const auto began = Steady::now();
  const auto result = run("flood_progress", seconds(20), {}, [&](double) { ++calls; });
  ASSERT_TRUE(result) << result.error().describe();
  const auto tenths = std::chrono::ceil<std::chrono::duration<int, std::deci>>(Steady::now() - began).count();
  EXPECT_GE(calls, 1);
  EXPECT_LE(calls, tenths + 1);
}

TEST_F(EngineConverterTest, EndsJobsAtTheirDeadline) {
  start();
  const auto began = Steady::now();
  const auto result = run("wait", milliseconds(200));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::timed_out);
  EXPECT_THAT(result.error().message, HasSubstr("200 ms"));
  EXPECT_LT(Steady::now() - began, seconds(5));
}

TEST_F(EngineConverterTest, EndsProbesAtTheirDeadline) {
  EngineOptions hasty = options();
  hasty.probe_time_limit = milliseconds(100);
  start(hasty);
  const SpoolFile file = make_file("WAIT");
  EXPECT_EQ(engine_->probe(file.descriptor()).error().code, ErrorCode::timed_out);
}

TEST_F(EngineConverterTest, LimitsCpuTime) {
#ifdef DECANT_SANITIZED
  GTEST_SKIP() << "sanitizers start threads with calls of their own";
#endif
  EngineOptions one_core = options();
  one_core.tokens = 1;
  start(one_core);
  EXPECT_EQ(run("spin_in_threads", seconds(1)).error().code, ErrorCode::timed_out);
}

TEST_F(EngineConverterTest, CancelsSoon) {
  start();
  std::stop_source source;
  Steady::time_point asked;
  const auto result = run("wait", seconds(60), source.get_token(), [&](double) {
    asked = Steady::now();
    source.request_stop();
  });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::canceled);
  EXPECT_LT(Steady::now() - asked, seconds(2));
  EXPECT_EQ(run("copy", seconds(20), source.get_token()).error().code, ErrorCode::canceled) << "before it began";
}

TEST_F(EngineConverterTest, RunsThreadsInTheJail) {
#ifdef DECANT_SANITIZED
  GTEST_SKIP() << "sanitizers start threads with calls of their own";
#endif
  start();
  const auto result = run("count_in_threads");
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->report, R"({"threads":4})");
}

TEST_F(EngineConverterTest, ServesManyThreadsAtOnce) {
  start();
  constexpr int callers = 8;
  std::atomic<int> converted = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < callers; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 5; ++n) converted += run("copy") ? 1 : 0;
        const SpoolFile file = make_file("RIFF");
        converted += engine_->probe(file.descriptor()) ? 1 : 0;
      });
    }
  }
  EXPECT_EQ(converted, callers * 6);
}

TEST_F(EngineConverterTest, RestartsAZygoteThatWasKilled) {
  start();
  ASSERT_TRUE(run("copy"));
  for (int round = 0; round < 3; ++round) {
    const int killed = zygote();
    ::kill(killed, SIGKILL);
    const auto result = run("copy");
    if (!result) EXPECT_EQ(result.error().code, ErrorCode::unavailable) << result.error().describe();
    EXPECT_TRUE(eventually([&] { return static_cast<bool>(run("copy")); }));
    EXPECT_NE(zygote(), killed);
  }
}

TEST_F(EngineConverterTest, TellsRunningJobsThatTheZygoteDied) {
  start();
  const auto result = run("wait", seconds(60), {}, [](double) { ::kill(zygote(), SIGKILL); });
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, ErrorCode::unavailable);
}

TEST_F(EngineConverterTest, LeavesNoProcessWhenTheZygoteDies) {
  start();
  std::vector<int> children;
  (void)run("wait", seconds(60), {}, [&](double) {
    children = children_of(zygote());
    ::kill(zygote(), SIGKILL);
  });
  ASSERT_FALSE(children.empty());
  for (const int child : children) EXPECT_TRUE(eventually([&] { return !is_running(child); })) << child;
}

TEST_F(EngineConverterTest, DiesWithTheServer) {
  const pid_t server = ::fork();
  if (server == 0) {
    start();
    (void)run("wait", seconds(60));
    ::_exit(0);
  }
  std::vector<int> zygotes;
  std::vector<int> children;
  EXPECT_TRUE(eventually([&] {
    zygotes = children_of(server);
    if (!zygotes.empty()) children = children_of(zygotes[0]);
    return children.size() > static_cast<std::size_t>(options().slots);  // the spares and the one at work
  }));
  ::kill(server, SIGKILL);
  ASSERT_EQ(::waitpid(server, nullptr, 0), server);
  for (const int zygote : zygotes) EXPECT_TRUE(eventually([&] { return !is_running(zygote); })) << zygote;
  for (const int child : children) EXPECT_TRUE(eventually([&] { return !is_running(child); })) << child;
}

TEST_F(EngineConverterTest, LeavesNeitherDescriptorsNorProcesses) {
  start();
  ASSERT_TRUE(run("copy"));
  const std::size_t before = open_descriptors();
  for (int i = 0; i < 200; ++i) ASSERT_TRUE(run(i % 10 == 0 ? "copy" : "count_tokens"));
  EXPECT_EQ(open_descriptors(), before);
  const int spares = options().slots;
  EXPECT_TRUE(eventually([&] { return children_of(zygote()).size() == static_cast<std::size_t>(spares); }))
      << children_of(zygote()).size() << " children of the zygote";
  engine_.reset();
  EXPECT_TRUE(children_of(::getpid()).empty());
}

TEST_F(EngineConverterTest, KeepsTokensWhenTheirHoldersAreKilled) {
  start();
  for (int i = 0; i < 40; ++i) {
    const auto killed = run("hoard_tokens", milliseconds(20));
    ASSERT_FALSE(killed);
    ASSERT_EQ(killed.error().code, ErrorCode::timed_out) << killed.error().describe();
  }
  const auto result = run("count_tokens");
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->report, R"({"more":1})") << "of two tokens one is the job's own";
}

TEST_F(EngineConverterTest, WaitsForATokenWithoutHoldingUpProbes) {
  start();
  std::latch both_work(2);
  std::stop_source stop;
  const auto hold = [&] {
    bool first = true;
    (void)run("wait", seconds(60), stop.get_token(), [&](double) {
      if (std::exchange(first, false)) both_work.count_down();
    });
  };
  std::jthread one(hold);
  std::jthread two(hold);
  both_work.wait();
  EXPECT_EQ(run("copy", milliseconds(200)).error().code, ErrorCode::timed_out) << "no token is free";
  const SpoolFile file = make_file("RIFF");
  EXPECT_TRUE(engine_->probe(file.descriptor())) << "probes need none";
  stop.request_stop();
  EXPECT_TRUE(run("copy"));
}

TEST_F(EngineConverterTest, GivesTheInputReadOnly) {
  start();
  SpoolFile input = make_file("some input");
  const SpoolFile output = make_file();
  (void)engine_->convert({input.descriptor(), output.descriptor(), "truncate_input", {}, seconds(20)}, {}, {});
  (void)engine_->convert({input.descriptor(), output.descriptor(), "write_input", {}, seconds(20)}, {}, {});
  std::array<char, 10> content{};
  ASSERT_EQ(::pread(input.descriptor(), content.data(), content.size(), 0), 10);
  EXPECT_EQ(std::string_view(content.data(), content.size()), "some input");
}

TEST_F(EngineConverterTest, RefusesWhatIsNoRegularFile) {
  start();
  std::array<int, 2> ends{};
  ASSERT_EQ(::pipe(ends.data()), 0);
  const Descriptor reader(ends[0]);
  const Descriptor writer(ends[1]);
  EXPECT_EQ(engine_->probe(reader.get()).error().code, ErrorCode::invalid_argument);
}

TEST_F(EngineConverterTest, DoesNotStartWithoutItsProgram) {
  EngineOptions wrong = options();
  wrong.program = "/nonexistent/decant-engine";
  EXPECT_FALSE(EngineConverter::start(wrong, log_));
  wrong.program = "/bin/true";
  EXPECT_FALSE(EngineConverter::start(wrong, log_));
}

}  // namespace
}  // namespace decant::sandbox
