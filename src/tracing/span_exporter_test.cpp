#include "tracing/span_exporter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>
#include <map>
#include <stdexcept>

namespace decant::tracing {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::Pair;
using testing::UnorderedElementsAre;

/// A collector that answers as the test says, and what became of the spans.
class SpanExporterTest : public testing::Test {
 protected:
  using Answer = std::function<CollectorAnswer(int request)>;  ///< requests are counted from 1

  SpanExporterTest() {
    options_.interval = 1ms;
    options_.backoff = {1ms, 2ms};
  }

  std::unique_ptr<SpanExporter> start(Answer answer) {
    return std::make_unique<SpanExporter>(
        options_, Resource{"1", "here"},
        [this, answer = std::move(answer)](const std::string& request) {
          const auto root = boost::json::parse(request);
          int number = 0;
          {
            const std::lock_guard lock(mutex_);
            sizes_.push_back(root.at("resourceSpans").at(0).at("scopeSpans").at(0).at("spans").as_array().size());
            number = static_cast<int>(sizes_.size());
          }
          changed_.notify_all();
          return answer(number);
        },
        [this](SpanFate fate, std::size_t count) {
          {
            const std::lock_guard lock(mutex_);
            fates_[std::string(to_string(fate))] += count;
          }
          changed_.notify_all();
        },
        logger_);
  }
  static void add(SpanExporter& exporter, int count) {
    for (int i = 0; i < count; ++i) exporter.add({.context = TraceContext::begin(), .name = "test"});
  }
  void wait(const std::function<bool()>& condition) {
    std::unique_lock lock(mutex_);
    ASSERT_TRUE(changed_.wait_for(lock, 10s, condition));
  }
  void wait_for_requests(std::size_t count) {
    wait([this, count] { return sizes_.size() >= count; });
  }
  void wait_for(const std::string& fate, std::size_t count) {
    wait([this, fate, count] { return fates_[fate] >= count; });
  }

  ExporterOptions options_;
  Logger logger_{LogLevel::error, LogFormat::text};
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::size_t> sizes_;  ///< of the batches that were sent
  std::map<std::string, std::size_t> fates_;
};

CollectorAnswer taken(int) { return {.status = 200, .body = "{}"}; }

TEST_F(SpanExporterTest, SendsWhatItGets) {
  const auto exporter = start(taken);
  add(*exporter, 3);
  wait_for("exported", 3);
  EXPECT_THAT(fates_, ElementsAre(Pair("exported", 3)));
}

TEST_F(SpanExporterTest, SendsAFullBatchAtOnce) {
  options_.interval = 1h;
  options_.batch = 10;
  const auto exporter = start(taken);
  add(*exporter, 25);
  wait_for("exported", 20);
  EXPECT_THAT(sizes_, ElementsAre(10, 10));
  exporter->stop();
  EXPECT_THAT(sizes_, ElementsAre(10, 10, 5)) << "the rest at the stop";
  EXPECT_THAT(fates_, ElementsAre(Pair("exported", 25)));
}

TEST_F(SpanExporterTest, DropsAndCountsWhatDoesNotFit) {
  options_.queue = 100;
  options_.batch = 10;
  std::promise<void> gate;
  const auto opened = gate.get_future().share();
  const auto exporter = start([opened](int request) {
    opened.wait();
    return taken(request);
  });
  add(*exporter, 1);
  wait_for_requests(1);
  const auto before = std::chrono::steady_clock::now();
  add(*exporter, 1100);
  EXPECT_LT(std::chrono::steady_clock::now() - before, 5s) << "nobody waits";
  EXPECT_THAT(fates_, ElementsAre(Pair("dropped", 1000)));
  gate.set_value();
  wait_for("exported", 101);
  exporter->stop();
  EXPECT_THAT(fates_, UnorderedElementsAre(Pair("dropped", 1000), Pair("exported", 101)));
}

TEST_F(SpanExporterTest, TriesAgainWhatMayPass) {
  const auto exporter = start([](int request) -> CollectorAnswer {
    constexpr std::array statuses = {503, 429, 0, 502};
    const auto at = static_cast<std::size_t>(request) - 1;
    if (at >= statuses.size()) return taken(request);
    return {.status = statuses[at], .retry_after = 3600s};  // and believes no collector that asks for too much
  });
  add(*exporter, 2);
  wait_for("exported", 2);
  EXPECT_EQ(sizes_.size(), 5U);
  EXPECT_THAT(fates_, ElementsAre(Pair("exported", 2)));
}

TEST_F(SpanExporterTest, WaitsAsLongAsItIsAsked) {
  options_.backoff = {1ms, 5s};
  std::vector<std::chrono::steady_clock::time_point> times;
  const auto exporter = start([&](int request) -> CollectorAnswer {
    times.push_back(std::chrono::steady_clock::now());
    if (request == 1) return {.status = 503, .retry_after = 1s};
    return taken(request);
  });
  add(*exporter, 1);
  wait_for("exported", 1);
  EXPECT_GE(times[1] - times[0], 1s);
}

TEST_F(SpanExporterTest, GivesUpAfterSoManyTriesAndGoesOn) {
  options_.tries = 3;
  const auto exporter = start([](int request) -> CollectorAnswer {
    if (request <= 3) return {.status = 504};
    return taken(request);
  });
  add(*exporter, 1);
  wait_for("failed", 1);
  add(*exporter, 1);
  wait_for("exported", 1);
  EXPECT_EQ(sizes_.size(), 4U);
}

TEST_F(SpanExporterTest, TriesOnceWhatWillNotPass) {
  for (const int status : {301, 400, 401, 404, 413, 500, 501}) {
    sizes_.clear();
    fates_.clear();
    const auto exporter = start([status](int) -> CollectorAnswer { return {.status = status}; });
    add(*exporter, 1);
    wait_for("failed", 1);
    exporter->stop();
    EXPECT_EQ(sizes_.size(), 1U) << status;
    EXPECT_THAT(fates_, ElementsAre(Pair("failed", 1))) << status;
  }
}

TEST_F(SpanExporterTest, CountsWhatACollectorTookOnlyInPart) {
  options_.interval = 1h;
  options_.batch = 3;
  const auto exporter = start(
      [](int) -> CollectorAnswer { return {.status = 200, .body = R"({"partialSuccess":{"rejectedSpans":"1"}})"}; });
  add(*exporter, 3);
  wait_for("exported", 2);
  EXPECT_THAT(fates_, UnorderedElementsAre(Pair("exported", 2), Pair("failed", 1)));
}

TEST_F(SpanExporterTest, BelievesNoCollectorThatRejectsMoreThanItGot) {
  const auto exporter = start([](int) -> CollectorAnswer {
    return {.status = 200, .body = R"({"partialSuccess":{"rejectedSpans":"9223372036854775807"}})"};
  });
  add(*exporter, 1);
  wait_for("failed", 1);
  exporter->stop();
  EXPECT_EQ(fates_["failed"], 1U);
}

TEST_F(SpanExporterTest, StopsSoonWhileTheCollectorIsAway) {
  options_.batch = 10;
  options_.backoff = {1h, 1h};
  const auto exporter = start([](int) -> CollectorAnswer { return {.status = 503, .retry_after = 3600s}; });
  add(*exporter, 100);
  wait_for_requests(1);
  exporter->stop();
  EXPECT_EQ(sizes_.size(), 2U) << "one try more, and then no other batch";
  EXPECT_THAT(fates_, ElementsAre(Pair("failed", 100)));
  exporter->stop();
}

TEST_F(SpanExporterTest, StopsSoonWhileTheCollectorIsSlow) {
  options_.batch = 1;
  options_.flush = 20ms;
  const auto exporter = start([](int request) {
    std::this_thread::sleep_for(15ms);
    return taken(request);
  });
  add(*exporter, 1000);
  wait_for_requests(1);
  exporter->stop();
  EXPECT_LT(sizes_.size(), 20U);
  EXPECT_EQ(fates_["exported"] + fates_["failed"], 1000U) << "all are accounted for";
}

TEST_F(SpanExporterTest, OutlivesASenderThatThrows) {
  const auto exporter = start([](int request) {
    if (request == 1) throw std::runtime_error("no memory");
    return taken(request);
  });
  add(*exporter, 1);
  wait_for("exported", 1);
}

}  // namespace
}  // namespace decant::tracing
