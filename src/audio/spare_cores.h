#pragma once

#include <chrono>
#include <functional>
#include <optional>

namespace decant::audio {

/// The machine's cores beyond the one that a conversion runs on, shared with other conversions. Thread-safe.
struct SpareCores {
  int most = 0;                     ///< that can be had at the same time; 0: none, ever
  std::function<bool()> try_take;   ///< takes one if one is idle now
  std::function<void()> give_back;  ///< gives back one that was taken
  /// Sound that a thread begins on, instead of what is best: tests want many seams in little sound.
  std::optional<std::chrono::seconds> chunk = {};
};

/// All spare cores that were idle when it was made, until its end.
class BorrowedCores {
 public:
  /// `cores` outlives it.
  explicit BorrowedCores(const SpareCores& cores) : cores_(cores) {
    while (count_ < cores.most && cores.try_take()) ++count_;
  }
  BorrowedCores(const BorrowedCores&) = delete;
  BorrowedCores& operator=(const BorrowedCores&) = delete;
  ~BorrowedCores() {
    for (; count_ > 0; --count_) cores_.give_back();
  }

  [[nodiscard]] int count() const { return count_; }

 private:
  const SpareCores& cores_;
  int count_ = 0;
};

}  // namespace decant::audio
