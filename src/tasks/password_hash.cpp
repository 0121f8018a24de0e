#include "tasks/password_hash.h"

#include <sodium.h>

#include <array>
#include <stdexcept>

namespace decant::tasks {

PasswordHasher::PasswordHasher(PasswordCost cost) : cost_(cost) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
}

Result<std::string> PasswordHasher::hash(const std::string& password) const {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), cost_.passes,
                            static_cast<std::size_t>(cost_.memory), crypto_pwhash_ALG_ARGON2ID13) != 0) {
    return failure(ErrorCode::unavailable, "the server is busy; try again soon", "no memory to hash a password");
  }
  return std::string(text.data());
}

bool PasswordHasher::verify(const std::string& hash, const std::string& password) const {
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

}  // namespace decant::tasks
