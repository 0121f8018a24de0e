#pragma once

#include <string_view>

// In the order in which read_user() takes them.
#define DECANT_USER_COLUMNS " id::text, name, email, password_hash, created, disabled, token_generation "

namespace decant::database::postgresql::sql {

inline constexpr std::string_view find_user = "SELECT" DECANT_USER_COLUMNS "FROM users WHERE id = $1";
inline constexpr std::string_view find_user_by_email = "SELECT" DECANT_USER_COLUMNS "FROM users WHERE email = $1";
inline constexpr std::string_view list_users = "SELECT" DECANT_USER_COLUMNS "FROM users ORDER BY users.id";
inline constexpr std::string_view find_taken = R"sql(
  SELECT EXISTS (SELECT 1 FROM users WHERE email = $1),
         EXISTS (SELECT 1 FROM users WHERE lower(name COLLATE "C") = lower($2::text COLLATE "C")))sql";
inline constexpr std::string_view insert_user = R"sql(
  INSERT INTO users (id, name, email, password_hash, created, disabled, token_generation)
  VALUES ($1, $2, $3, $4, $5, $6, $7))sql";
inline constexpr std::string_view set_password =
    "UPDATE users SET password_hash = $2, token_generation = token_generation + 1 WHERE id = $1";
inline constexpr std::string_view disable_user =
    "UPDATE users SET disabled = true, token_generation = token_generation + 1 WHERE id = $1";
inline constexpr std::string_view enable_user = "UPDATE users SET disabled = false WHERE id = $1";

}  // namespace decant::database::postgresql::sql

#undef DECANT_USER_COLUMNS
