#pragma once

#include <exception>
#include <optional>
#include <type_traits>

namespace decant::http {

template <class Function>
boost::asio::awaitable<std::invoke_result_t<Function&>> BlockingPool::run(Function function) {
  return run_in(prompt_, std::move(function));
}

template <class Function>
boost::asio::awaitable<std::invoke_result_t<Function&>> BlockingPool::run_with_store(Function function) {
  return run_in(store_, std::move(function));
}

template <class Function>
boost::asio::awaitable<std::invoke_result_t<Function&>> BlockingPool::run_in(Lane& lane, Function function) {
  if (!enter(lane))
    co_return failure(ErrorCode::unavailable, "the server is busy: try again shortly", "the blocking pool is full");
  co_return co_await perform(lane, std::move(function));
}

template <class Function>
boost::asio::awaitable<std::invoke_result_t<Function&>> BlockingPool::run_admitted(Function function) {
  store_.outstanding.fetch_add(1, std::memory_order_relaxed);
  co_return co_await perform(store_, std::move(function));
}

template <class Function>
boost::asio::awaitable<std::invoke_result_t<Function&>> BlockingPool::perform(Lane& lane, Function function) {
  using Outcome = std::invoke_result_t<Function&>;
  // It lives in this frame, which stays suspended until the completion is posted: the post orders the write before the
  // read.
  std::optional<Outcome> outcome;
  auto initiation = [&lane, &function, &outcome](auto completion) {
    boost::asio::post(lane.threads, [&lane, &function, &outcome, completion = std::move(completion)]() mutable {
      try {
        outcome.emplace(function());
      } catch (const std::exception& fault) {
        outcome.emplace(failure(ErrorCode::internal, "an internal fault", fault.what()));
      }
      auto executor = boost::asio::get_associated_executor(completion);
      boost::asio::post(executor, std::move(completion));
      lane.leave();
    });
  };
  co_await boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, void()>(initiation,
                                                                                     boost::asio::use_awaitable);
  co_return *std::move(outcome);
}

}  // namespace decant::http
