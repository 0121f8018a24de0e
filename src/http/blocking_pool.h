#pragma once

#include <atomic>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <utility>

#include "base/result.h"

namespace decant::http {

/// A bounded pool of threads for what blocks: database, disk, hashing; and as many for what waits for the object store,
/// so that a store that fell silent keeps nobody else waiting. `run` suspends the calling coroutine, runs the function
/// on a pool thread and resumes the coroutine on its own executor; only the result crosses. More than `queue_limit`
/// calls in waiting are refused with `unavailable`. The destructor waits for every call. An io_context of callers lives
/// until then, or until wait_until_idle() returns: a pool thread still touches it for a moment after the caller has its
/// result.
class BlockingPool {
 public:
  BlockingPool(std::size_t threads, std::size_t queue_limit);
  ~BlockingPool();
  BlockingPool(const BlockingPool&) = delete;
  BlockingPool& operator=(const BlockingPool&) = delete;

  /// `function` returns a Result<T>; it and all that it captures by reference must outlive the await (they do when they
  /// are locals of the awaiting coroutine). An exception in it becomes `internal`.
  template <class Function>
  boost::asio::awaitable<std::invoke_result_t<Function&>> run(Function function);

  /// The same for a function that calls the object store, whatever else it does.
  template <class Function>
  boost::asio::awaitable<std::invoke_result_t<Function&>> run_with_store(Function function);

  /// The same for the next step of what was admitted before, an answer whose head is out already: waits its turn
  /// however long the queue is, among those that call the object store. The callers are bounded elsewhere, as
  /// connections are, each with one step at a time.
  template <class Function>
  boost::asio::awaitable<std::invoke_result_t<Function&>> run_admitted(Function function);

  /// Blocks until no call waits, runs or hands over its result.
  void wait_until_idle() const;

 private:
  struct Lane {
    explicit Lane(std::size_t count) : threads(count) {}
    void leave();
    void wait_until_idle() const;

    boost::asio::thread_pool threads;
    std::atomic<std::size_t> outstanding = 0;
  };

  [[nodiscard]] bool enter(Lane& lane) const;  ///< false: full
  template <class Function>
  boost::asio::awaitable<std::invoke_result_t<Function&>> run_in(Lane& lane, Function function);
  /// After `outstanding` was raised.
  template <class Function>
  boost::asio::awaitable<std::invoke_result_t<Function&>> perform(Lane& lane, Function function);

  std::size_t limit_;  ///< threads and queue of a lane together
  Lane prompt_;
  Lane store_;
};

}  // namespace decant::http

#include "http/blocking_pool.ipp"
