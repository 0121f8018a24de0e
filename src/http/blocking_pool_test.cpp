#include "http/blocking_pool.h"

#include <gtest/gtest.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <stdexcept>
#include <thread>

#include "http/testing_server.h"

namespace decant::http {
namespace {

using boost::asio::awaitable;
using boost::asio::co_spawn;
using boost::asio::detached;
using boost::asio::io_context;

TEST(BlockingPool, RunsElsewhereAndResumesOnTheCallersThread) {
  io_context io;
  BlockingPool pool(2, 8);
  std::thread::id worker;
  std::thread::id resumed;
  int value = 0;
  auto caller = [&]() -> awaitable<void> {
    Result<int> result = co_await pool.run([&]() -> Result<int> {
      worker = std::this_thread::get_id();
      return 42;
    });
    resumed = std::this_thread::get_id();
    value = *result;
  };
  co_spawn(io, caller(), detached);
  io.run();
  EXPECT_EQ(value, 42);
  EXPECT_NE(worker, std::this_thread::get_id());
  EXPECT_EQ(resumed, std::this_thread::get_id());
}

TEST(BlockingPool, TurnsAnExceptionIntoAnInternalError) {
  io_context io;
  BlockingPool pool(1, 8);
  std::optional<Error> error;
  auto caller = [&]() -> awaitable<void> {
    Result<void> result = co_await pool.run([]() -> Result<void> { throw std::runtime_error("broken invariant"); });
    error = result.error();
  };
  co_spawn(io, caller(), detached);
  io.run();
  ASSERT_TRUE(error);
  EXPECT_EQ(error->code, ErrorCode::internal);
  EXPECT_EQ(error->detail, "broken invariant");
  EXPECT_EQ(error->message.find("invariant"), std::string::npos);
}

TEST(BlockingPool, RefusesWhatDoesNotFitIntoTheQueueAndTakesAgainLater) {
  io_context io;
  BlockingPool pool(1, 1);
  Gate gate;
  std::vector<std::string> outcomes;
  auto caller = [&]() -> awaitable<void> {
    Result<int> result = co_await pool.run([&]() -> Result<int> {
      gate.pass();
      return 1;
    });
    outcomes.emplace_back(result ? "done" : to_string(result.error().code));
    if (!result) gate.open();
  };
  for (int i = 0; i < 3; ++i) co_spawn(io, caller(), detached);
  io.run();
  EXPECT_THAT(outcomes, testing::ElementsAre("unavailable", "done", "done"));
  io.restart();
  co_spawn(io, caller(), detached);
  io.run();
  EXPECT_EQ(outcomes.back(), "done");
}

TEST(BlockingPool, NeverRefusesTheNextStepOfWhatWasAdmitted) {
  io_context io;
  BlockingPool pool(1, 1);
  Gate gate;
  std::vector<std::string> outcomes;
  auto newcomer = [&]() -> awaitable<void> {
    Result<int> result = co_await pool.run_with_store([&]() -> Result<int> {
      gate.pass();
      return 1;
    });
    outcomes.emplace_back(result ? "new" : "refused");
    if (!result) gate.open();
  };
  auto admitted = [&]() -> awaitable<void> {
    Result<int> result = co_await pool.run_admitted([]() -> Result<int> { return 1; });
    outcomes.emplace_back(result ? "admitted" : "cut");
  };
  co_spawn(io, newcomer(), detached);
  co_spawn(io, newcomer(), detached);
  co_spawn(io, admitted(), detached);
  co_spawn(io, newcomer(), detached);
  io.run();
  EXPECT_THAT(outcomes, testing::ElementsAre("refused", "new", "new", "admitted"));
}

TEST(BlockingPool, AStoreThatFellSilentKeepsNobodyElseWaiting) {
  io_context io;
  BlockingPool pool(1, 1);
  Gate gate;
  std::vector<std::string> outcomes;
  auto of_store = [&]() -> awaitable<void> {
    Result<int> result = co_await pool.run_with_store([&]() -> Result<int> {
      gate.pass();
      return 1;
    });
    outcomes.emplace_back(result ? "store" : "refused");
  };
  auto other = [&]() -> awaitable<void> {
    Result<int> result = co_await pool.run([]() -> Result<int> { return 1; });
    outcomes.emplace_back(result ? "other" : "refused");
    gate.open();
  };
  for (int i = 0; i < 3; ++i) co_spawn(io, of_store(), detached);
  co_spawn(io, other(), detached);
  io.run();
  EXPECT_THAT(outcomes, testing::ElementsAre("refused", "other", "store", "store"));
}

TEST(BlockingPool, FinishesWhatIsOutstandingWhenItGoes) {
  io_context io;
  Gate gate;
  int finished = 0;
  std::optional<BlockingPool> pool(std::in_place, 1, 8);
  auto caller = [&]() -> awaitable<void> {
    Result<void> result = co_await pool->run([&]() -> Result<void> {
      gate.pass();
      return {};
    });
    if (result) ++finished;
  };
  for (int i = 0; i < 3; ++i) co_spawn(io, caller(), detached);
  io.poll();  // hands all three over
  std::thread runner([&] { io.run(); });
  gate.wait_for_arrival();
  gate.open();
  pool.reset();
  runner.join();
  EXPECT_EQ(finished, 3);
}

}  // namespace
}  // namespace decant::http
