#pragma once

#include <string>

#include "base/file.h"

namespace decant::tasks {

/// What one hash costs (RFC 9106). The default takes about 27 ms of one core.
struct PasswordCost {
  ByteCount memory = ByteCount{19} << 20;
  unsigned passes = 2;
};

/// Argon2id of passwords by libsodium. Thread-safe; every call blocks and takes the whole cost in time and memory, so
/// the caller bounds how many run at once.
class PasswordHasher {
 public:
  explicit PasswordHasher(PasswordCost cost = {});
  /// The text form with its own salt and cost: "$argon2id$v=19$m=19456,t=2,p=1$…". `unavailable` when there is no
  /// memory for it.
  [[nodiscard]] Result<std::string> hash(const std::string& password) const;
  /// Takes the cost that stands in `hash`. A damaged hash fits no password.
  [[nodiscard]] bool verify(const std::string& hash, const std::string& password) const;

 private:
  PasswordCost cost_;
};

}  // namespace decant::tasks
