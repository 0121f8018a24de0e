#pragma once

#include <string>

#include "base/clock.h"
#include "tasks/password_hash.h"
#include "tasks/user_store.h"

namespace decant::tasks {

struct SignUp {
  std::string user;
  std::string email;
  std::string password1;
  std::string password2;  ///< the same again
};

/// Trimmed and in lower case, as UserStore keeps it.
[[nodiscard]] std::string normalize_email(std::string_view email);

/// 8 to 256 bytes; a FieldError named `field` otherwise.
Result<void> check_password(std::string_view password, std::string field = "password");

/// Who may use decant. Thread-safe; blocks on the database and for the time of a password hash.
class Accounts {
 public:
  /// Makes one hash. All three outlive it.
  Accounts(UserStore& users, const PasswordHasher& hasher, const Clock& clock);

  /// Checks without blocking: invalid_argument with one FieldError for each bad field.
  static Result<void> check(const SignUp& form);
  /// Checks, hashes, inserts. conflict with the FieldError "email" or "user" when that is taken.
  Result<User> sign_up(const SignUp& form);
  /// unauthenticated, with one and the same message after the same time, for an unknown e-mail, a wrong password and a
  /// disabled account.
  Result<User> log_in(std::string_view email, const std::string& password);
  /// Makes every token of the account invalid. not_found without such a user.
  Result<void> change_password(const UserId& id, const std::string& password);

 private:
  UserStore& users_;
  const PasswordHasher& hasher_;
  const Clock& clock_;
  std::string nobodys_hash_;  ///< what a password for an unknown e-mail is compared with
};

}  // namespace decant::tasks
