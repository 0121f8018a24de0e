#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

namespace decant::http {

/// How many of a thing go on at once for each key: uploads of a user. Thread-safe; never blocks; outlives its slots.
class Slots {
 public:
  explicit Slots(int most_per_key) : most_per_key_(most_per_key) {}

  /// One that goes on; it is over with the end of this.
  class Slot {
   public:
    Slot(Slots& slots, std::string key) : slots_(&slots), key_(std::move(key)) {}
    Slot(Slot&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)), key_(std::move(other.key_)) {}
    Slot& operator=(Slot&&) = delete;
    ~Slot();

   private:
    Slots* slots_;
    std::string key_;
  };

  /// Nothing when as many as may go on already.
  [[nodiscard]] std::optional<Slot> take(const std::string& key);

 private:
  int most_per_key_;
  std::mutex mutex_;
  std::unordered_map<std::string, int> taken_;  ///< only keys with one or more
};

}  // namespace decant::http
