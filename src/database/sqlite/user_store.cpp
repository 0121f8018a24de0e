#include "database/sqlite/user_store.h"

#include "database/sqlite/user_store_sql.h"
#include "database/user_row.h"

namespace decant::database::sqlite {
namespace {

Result<std::optional<tasks::User>> next_user(Statement& row) {
  DECANT_TRY(const bool found, row.step());
  if (!found) return std::optional<tasks::User>();
  DECANT_TRY(tasks::User user, read_user(row));
  return std::optional(std::move(user));
}

template <class Key>
Result<std::optional<tasks::User>> find_by(Readers& readers, std::string_view sql, const Key& key) {
  return readers.run([&](Connection& connection) -> Result<std::optional<tasks::User>> {
    DECANT_TRY(Statement statement, connection.prepare(sql));
    statement.bind(key);
    return next_user(statement);
  });
}

template <class... Values>
Result<bool> change_user(Writer& writer, std::string_view sql, const Values&... values) {
  return writer.run([&](Connection& connection) -> Result<bool> {
    DECANT_TRY(const std::int64_t rows, connection.change(sql, values...));
    return rows == 1;
  });
}

Result<void> check_free(Connection& connection, const tasks::User& user) {
  DECANT_TRY(Statement statement, connection.prepare(sql::find_taken));
  statement.bind(user.email, user.name);
  DECANT_CHECK(statement.step());
  Error error{ErrorCode::conflict, "There is such an account already."};
  if (statement.integer(0) != 0) error.fields.push_back({"email", "has an account already"});
  if (statement.integer(1) != 0) error.fields.push_back({"user", "is taken"});
  if (!error.fields.empty()) return Failure(std::move(error));
  return {};
}

}  // namespace

Result<std::optional<tasks::User>> UserStore::find_user(const tasks::UserId& id) {
  return find_by(readers_, sql::find_user, id);
}

Result<std::optional<tasks::User>> UserStore::find_user_by_email(const std::string& email) {
  return find_by(readers_, sql::find_user_by_email, email);
}

Result<void> UserStore::insert_user(const tasks::User& user) {
  return writer_.run([&](Connection& connection) -> Result<void> {
    DECANT_CHECK(check_free(connection, user));
    DECANT_CHECK(connection.change(sql::insert_user, user.id, user.name, user.email, user.password_hash, user.created,
                                   user.disabled, user.token_generation));
    return {};
  });
}

Result<bool> UserStore::set_password(const tasks::UserId& id, const std::string& password_hash) {
  return change_user(writer_, sql::set_password, id, password_hash);
}

Result<bool> UserStore::disable_user(const tasks::UserId& id) { return change_user(writer_, sql::disable_user, id); }

Result<bool> UserStore::enable_user(const tasks::UserId& id) { return change_user(writer_, sql::enable_user, id); }

Result<std::vector<tasks::User>> UserStore::list_users() {
  return readers_.run([](Connection& connection) -> Result<std::vector<tasks::User>> {
    DECANT_TRY(Statement statement, connection.prepare(sql::list_users));
    std::vector<tasks::User> users;
    for (;;) {
      DECANT_TRY(auto user, next_user(statement));
      if (!user) return users;
      users.push_back(*std::move(user));
    }
  });
}

}  // namespace decant::database::sqlite
