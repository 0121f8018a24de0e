#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tasks/task.h"

namespace decant::tasks {

struct User {
  UserId id;
  std::string name;           ///< as shown
  std::string email;          ///< lower case
  std::string password_hash;  ///< Argon2id, libsodium's text form; never shown or logged
  WallTime created{};
  bool disabled = false;
  std::int64_t token_generation =
      0;  ///< raised by password changes and disabling: tokens of older generations are refused
};

/// Accounts. Every call is one transaction and blocks; thread-safe.
class UserStore {
 public:
  virtual ~UserStore() = default;
  virtual Result<std::optional<User>> find_user(const UserId& id) = 0;
  /// `email` in lower case.
  virtual Result<std::optional<User>> find_user_by_email(const std::string& email) = 0;
  /// conflict with a FieldError "email" or "user" when that is taken (names without regard to ASCII case).
  virtual Result<void> insert_user(const User& user) = 0;
  /// Raises token_generation. False: no such user.
  virtual Result<bool> set_password(const UserId& id, const std::string& password_hash) = 0;
  virtual Result<bool> disable_user(const UserId& id) = 0;
  virtual Result<bool> enable_user(const UserId& id) = 0;
  virtual Result<std::vector<User>> list_users() = 0;
};

}  // namespace decant::tasks
