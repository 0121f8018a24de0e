#include "tasks/accounts.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "tasks/display_name.h"

namespace decant::tasks {
namespace {

constexpr std::size_t least_password = 8;
constexpr std::size_t most_password = 256;
constexpr std::size_t most_user = 64;
constexpr std::size_t most_email = 254;  // RFC 5321 4.5.3.1.3, without the angle brackets

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  const std::size_t first = text.find_first_not_of(space);
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(space) - first + 1);
}

/// Only the shape: whether a letter arrives is for the mail system to say.
bool has_email_shape(std::string_view email) {
  const std::size_t at = email.find('@');
  if (at == std::string_view::npos || at == 0 || at > 64 || email.size() > most_email) return false;
  const std::string_view domain = email.substr(at + 1);
  constexpr std::string_view never = "@ \t,;:<>()[]\\\"";
  return !domain.empty() && !domain.starts_with('.') && !domain.starts_with('-') && !domain.ends_with('.') &&
         domain.find("..") == std::string_view::npos && domain.find_first_of(never) == std::string_view::npos &&
         email.substr(0, at).find_first_of(never) == std::string_view::npos && make_display_name(email) == email;
}

}  // namespace

std::string normalize_email(std::string_view email) {
  std::string out(trimmed(email));
  std::ranges::transform(out, out.begin(), [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return out;
}

Result<void> check_password(std::string_view password, std::string field) {
  if (password.size() >= least_password && password.size() <= most_password) return {};
  Error error{ErrorCode::invalid_argument, fmt::format("a password has {} to {} bytes", least_password, most_password)};
  error.fields.push_back({std::move(field), error.message});
  return Failure(std::move(error));
}

Accounts::Accounts(UserStore& users, const PasswordHasher& hasher, const Clock& clock)
    : users_(users), hasher_(hasher), clock_(clock) {
  auto hash = hasher_.hash(random_hex(16));
  if (!hash) throw std::runtime_error(hash.error().describe());
  nobodys_hash_ = *std::move(hash);
}

Result<void> Accounts::check(const SignUp& form) {
  std::vector<FieldError> fields;
  const std::string_view user = trimmed(form.user);
  if (user.empty() || user.size() > most_user || make_display_name(user) != user) {
    fields.push_back({"user", fmt::format("a name has 1 to {} bytes of visible text", most_user)});
  }
  if (!has_email_shape(normalize_email(form.email))) fields.push_back({"email", "this is no e-mail address"});
  if (const auto password = check_password(form.password1, "password1"); !password) {
    fields.push_back(password.error().fields.front());
  }
  if (form.password1 != form.password2) fields.push_back({"password2", "the passwords differ"});
  if (fields.empty()) return {};
  Error error{ErrorCode::invalid_argument, fmt::format("{}: {}", fields.front().field, fields.front().message)};
  error.fields = std::move(fields);
  return Failure(std::move(error));
}

Result<User> Accounts::sign_up(const SignUp& form) {
  DECANT_CHECK(check(form));
  User user;
  user.created = clock_.wall_now();
  user.id = UserId::make(user.created);
  user.name = trimmed(form.user);
  user.email = normalize_email(form.email);
  DECANT_TRY(user.password_hash, hasher_.hash(form.password1));
  DECANT_CHECK(users_.insert_user(user));
  return user;
}

Result<User> Accounts::log_in(std::string_view email, const std::string& password) {
  DECANT_TRY(auto user, users_.find_user_by_email(normalize_email(email)));
  const bool fits = hasher_.verify(user ? user->password_hash : nobodys_hash_, password);
  if (!user || !fits || user->disabled) {
    return failure(ErrorCode::unauthenticated, "the e-mail or the password is wrong");
  }
  return *std::move(user);
}

Result<void> Accounts::change_password(const UserId& id, const std::string& password) {
  DECANT_CHECK(check_password(password));
  DECANT_TRY(const std::string hash, hasher_.hash(password));
  DECANT_TRY(const bool changed, users_.set_password(id, hash));
  if (!changed) return failure(ErrorCode::not_found, "there is no such user");
  return {};
}

}  // namespace decant::tasks
