#pragma once

#include <atomic>

#include "contract/store_contract.h"

namespace decant::contract {

class UserStoreContract : public StoreContract {
 protected:
  tasks::User make_user(const std::string& name, const std::string& email) {
    return {.id = tasks::UserId::make(clock_.wall_now()),
            .name = name,
            .email = email,
            .password_hash = "$argon2id$v=19$m=19456,t=2,p=1$c2FsdA$aGFzaA",
            .created = clock_.wall_now()};
  }
  static std::string describe_user(const tasks::User& user) {
    return fmt::format("{} {} {} {} {} {} {}", user.id.text(), user.name, user.email, user.password_hash,
                       to_iso8601(user.created), user.disabled, user.token_generation);
  }
  static std::vector<std::string> fields_of(const Result<void>& result) {
    std::vector<std::string> fields;
    for (const FieldError& field : result.error().fields) fields.push_back(field.field);
    return fields;
  }
};

TEST_P(UserStoreContract, KeepsWhatWasInserted) {
  const tasks::User user = make_user("Grace O'Hopper \"%s\" 😀", "grace@example.org");
  ASSERT_TRUE(stores_.users.insert_user(user));
  EXPECT_EQ(describe_user(stores_.users.find_user(user.id).value().value()), describe_user(user));
  EXPECT_EQ(describe_user(stores_.users.find_user_by_email(user.email).value().value()), describe_user(user));
}

TEST_P(UserStoreContract, FindsNoStranger) {
  EXPECT_FALSE(stores_.users.find_user(tasks::UserId::make(clock_.wall_now())).value());
  EXPECT_FALSE(stores_.users.find_user_by_email("nobody@example.org").value());
  EXPECT_FALSE(stores_.users.find_user_by_email("").value());
}

TEST_P(UserStoreContract, TellsWhichFieldIsTaken) {
  ASSERT_TRUE(stores_.users.insert_user(make_user("Grace", "grace@example.org")));
  const auto same_email = stores_.users.insert_user(make_user("Other", "grace@example.org"));
  ASSERT_FALSE(same_email);
  EXPECT_EQ(same_email.error().code, ErrorCode::conflict);
  EXPECT_THAT(fields_of(same_email), testing::ElementsAre("email"));
  EXPECT_THAT(fields_of(stores_.users.insert_user(make_user("gRACE", "other@example.org"))),
              testing::ElementsAre("user"));
  EXPECT_THAT(fields_of(stores_.users.insert_user(make_user("Grace", "grace@example.org"))),
              testing::UnorderedElementsAre("email", "user"));
  EXPECT_EQ(stores_.users.list_users().value().size(), 2);  // the fixture's and Grace
}

TEST_P(UserStoreContract, OneOfManyGetsTheName) {
  std::atomic<int> winners = 0;
  const std::vector<Stores> stores = {stores_, database_->connect()};
  run_threads(4, [&](int i) {
    const tasks::User user = make_user("Grace", fmt::format("grace{}@example.org", i));
    if (stores[static_cast<std::size_t>(i % 2)].users.insert_user(user)) ++winners;
  });
  EXPECT_EQ(winners, 1);
}

TEST_P(UserStoreContract, ANewPasswordEndsOldTokens) {
  ASSERT_TRUE(stores_.users.set_password(user_, "$argon2id$new").value());
  const tasks::User user = stores_.users.find_user(user_).value().value();
  EXPECT_EQ(user.password_hash, "$argon2id$new");
  EXPECT_EQ(user.token_generation, 1);
}

TEST_P(UserStoreContract, DisablingEndsTokensAndEnablingRevivesNone) {
  ASSERT_TRUE(stores_.users.disable_user(user_).value());
  EXPECT_TRUE(stores_.users.find_user(user_).value().value().disabled);
  EXPECT_EQ(stores_.users.find_user(user_).value().value().token_generation, 1);
  ASSERT_TRUE(stores_.users.enable_user(user_).value());
  EXPECT_FALSE(stores_.users.find_user(user_).value().value().disabled);
  EXPECT_EQ(stores_.users.find_user(user_).value().value().token_generation, 1);
}

TEST_P(UserStoreContract, ChangesNoStranger) {
  const auto stranger = tasks::UserId::make(clock_.wall_now());
  EXPECT_FALSE(stores_.users.set_password(stranger, "$argon2id$").value());
  EXPECT_FALSE(stores_.users.disable_user(stranger).value());
  EXPECT_FALSE(stores_.users.enable_user(stranger).value());
}

TEST_P(UserStoreContract, ListsAll) {
  clock_.advance(tick);
  const auto grace = add_user("grace");
  const auto users = stores_.users.list_users().value();
  ASSERT_EQ(users.size(), 2);
  EXPECT_EQ(users[0].id, user_);
  EXPECT_EQ(users[1].id, grace);
}

}  // namespace decant::contract
