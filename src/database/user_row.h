#pragma once

#include "tasks/user_store.h"

namespace decant::database {

/// The User in a row of DECANT_USER_COLUMNS: id, name, email, password_hash, created, disabled, token_generation.
/// internal when the row breaks a rule.
template <class Row>
Result<tasks::User> read_user(const Row& row) {
  const auto id = tasks::UserId::parse(row.text(0));
  if (!id) return failure(ErrorCode::internal, "The database is damaged.", "the user row " + row.text(0));
  return tasks::User{.id = *id,
                     .name = row.text(1),
                     .email = row.text(2),
                     .password_hash = row.text(3),
                     .created = WallTime(std::chrono::milliseconds(row.integer(4))),
                     .disabled = row.integer(5) != 0,
                     .token_generation = row.integer(6)};
}

}  // namespace decant::database
