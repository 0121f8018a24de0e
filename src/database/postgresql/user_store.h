#pragma once

#include "database/postgresql/pool.h"
#include "tasks/user_store.h"

namespace decant::database::postgresql {

class UserStore final : public tasks::UserStore {
 public:
  explicit UserStore(Pool& pool) : pool_(pool) {}

  Result<std::optional<tasks::User>> find_user(const tasks::UserId& id) override;
  Result<std::optional<tasks::User>> find_user_by_email(const std::string& email) override;
  Result<void> insert_user(const tasks::User& user) override;
  Result<bool> set_password(const tasks::UserId& id, const std::string& password_hash) override;
  Result<bool> disable_user(const tasks::UserId& id) override;
  Result<bool> enable_user(const tasks::UserId& id) override;
  Result<std::vector<tasks::User>> list_users() override;

 private:
  Pool& pool_;
};

}  // namespace decant::database::postgresql
