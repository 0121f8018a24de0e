#pragma once

#include "database/sqlite/readers.h"
#include "database/sqlite/writer.h"
#include "tasks/user_store.h"

namespace decant::database::sqlite {

class UserStore final : public tasks::UserStore {
 public:
  UserStore(Readers& readers, Writer& writer) : readers_(readers), writer_(writer) {}

  Result<std::optional<tasks::User>> find_user(const tasks::UserId& id) override;
  Result<std::optional<tasks::User>> find_user_by_email(const std::string& email) override;
  Result<void> insert_user(const tasks::User& user) override;
  Result<bool> set_password(const tasks::UserId& id, const std::string& password_hash) override;
  Result<bool> disable_user(const tasks::UserId& id) override;
  Result<bool> enable_user(const tasks::UserId& id) override;
  Result<std::vector<tasks::User>> list_users() override;

 private:
  Readers& readers_;
  Writer& writer_;
};

}  // namespace decant::database::sqlite
