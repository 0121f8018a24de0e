#include "database/postgresql/user_store.h"

#include "database/postgresql/user_store_sql.h"
#include "database/user_row.h"

namespace decant::database::postgresql {
namespace {

template <class Key>
Result<std::optional<tasks::User>> find_by(Pool& pool, std::string_view sql, const Key& key) {
  return pool.read([&](Connection& connection) -> Result<std::optional<tasks::User>> {
    DECANT_TRY(const Rows rows, connection.query(sql, key));
    if (rows.count() == 0) return std::optional<tasks::User>();
    DECANT_TRY(tasks::User user, read_user(rows[0]));
    return std::optional(std::move(user));
  });
}

template <class... Each>
Result<bool> change_user(Pool& pool, std::string_view sql, const Each&... values) {
  return pool.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const std::int64_t rows, connection.change(sql, values...));
    return rows == 1;
  });
}

Failure taken(const Row& row) {
  Error error{ErrorCode::conflict, "There is such an account already."};
  if (row.integer(0) != 0) error.fields.push_back({"email", "has an account already"});
  if (row.integer(1) != 0) error.fields.push_back({"user", "is taken"});
  return Failure(std::move(error));
}

}  // namespace

Result<std::optional<tasks::User>> UserStore::find_user(const tasks::UserId& id) {
  return find_by(pool_, sql::find_user, id);
}

Result<std::optional<tasks::User>> UserStore::find_user_by_email(const std::string& email) {
  auto user = find_by(pool_, sql::find_user_by_email, email);
  // What is no text is nobody's address.
  if (!user && user.error().code == ErrorCode::invalid_argument) return std::nullopt;
  return user;
}

Result<void> UserStore::insert_user(const tasks::User& user) {
  return pool_.run([&](Connection& connection) -> Result<void> {
    const auto inserted = connection.change(sql::insert_user, user.id, user.name, user.email, user.password_hash,
                                            user.created, user.disabled, user.token_generation);
    if (inserted) return {};
    if (inserted.error().code != ErrorCode::conflict) return Failure(inserted.error());
    DECANT_TRY(const Rows rows, connection.query(sql::find_taken, user.email, user.name));
    return taken(rows[0]);
  });
}

Result<bool> UserStore::set_password(const tasks::UserId& id, const std::string& password_hash) {
  return change_user(pool_, sql::set_password, id, password_hash);
}

Result<bool> UserStore::disable_user(const tasks::UserId& id) { return change_user(pool_, sql::disable_user, id); }

Result<bool> UserStore::enable_user(const tasks::UserId& id) { return change_user(pool_, sql::enable_user, id); }

Result<std::vector<tasks::User>> UserStore::list_users() {
  return pool_.run([](Connection& connection) -> Result<std::vector<tasks::User>> {
    DECANT_TRY(const Rows rows, connection.query(sql::list_users));
    std::vector<tasks::User> users;
    for (int row = 0; row < rows.count(); ++row) {
      DECANT_TRY(tasks::User user, read_user(rows[row]));
      users.push_back(std::move(user));
    }
    return users;
  });
}

}  // namespace decant::database::postgresql
