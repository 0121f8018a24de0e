#include "http/slots.h"

namespace decant::http {

std::optional<Slots::Slot> Slots::take(const std::string& key) {
  const std::lock_guard lock(mutex_);
  const auto entry = taken_.try_emplace(key, 0).first;
  if (entry->second >= most_per_key_) return std::nullopt;
  ++entry->second;
  return std::optional<Slot>(std::in_place, *this, key);
}

Slots::Slot::~Slot() {
  if (slots_ == nullptr) return;
  const std::lock_guard lock(slots_->mutex_);
  const auto entry = slots_->taken_.find(key_);
  if (--entry->second == 0) slots_->taken_.erase(entry);
}

}  // namespace decant::http
