#include "tasks/accounts.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/manual_clock.h"
#include "contract/fake_database.h"

namespace decant::tasks {
namespace {

using ::testing::ElementsAre;

// The least that libsodium takes: tests do not wait for hashes.
constexpr PasswordCost cheap{.memory = 8192, .passes = 1};

const SignUp ada{.user = "Ada", .email = "Ada@Example.org", .password1 = "correct horse", .password2 = "correct horse"};

std::vector<std::string> wrong_fields(const SignUp& form) {
  std::vector<std::string> names;
  if (const auto checked = Accounts::check(form); !checked) {
    EXPECT_EQ(checked.error().code, ErrorCode::invalid_argument);
    for (const FieldError& field : checked.error().fields) names.push_back(field.field);
  }
  return names;
}

class AccountsTest : public ::testing::Test {
 protected:
  ManualClock clock;
  contract::FakeDatabase database{clock};
  PasswordHasher hasher{cheap};
  Accounts accounts{database, hasher, clock};
};

TEST_F(AccountsTest, SignUpThenLogIn) {
  const auto user = accounts.sign_up(ada);
  ASSERT_TRUE(user) << user.error().describe();
  EXPECT_EQ(user->name, "Ada");
  EXPECT_EQ(user->email, "ada@example.org");
  EXPECT_THAT(user->password_hash, ::testing::StartsWith("$argon2id$v=19$"));
  EXPECT_EQ(user->password_hash.find("correct horse"), std::string::npos);
  const auto again = accounts.log_in(" ADA@example.ORG ", "correct horse");
  ASSERT_TRUE(again);
  EXPECT_EQ(again->id, user->id);
}

TEST_F(AccountsTest, EveryRefusalReadsTheSame) {
  const auto user = accounts.sign_up(ada);
  ASSERT_TRUE(user);
  const auto wrong_password = accounts.log_in("ada@example.org", "correct horsf");
  const auto unknown = accounts.log_in("bob@example.org", "correct horse");
  ASSERT_TRUE(database.disable_user(user->id));
  const auto disabled = accounts.log_in("ada@example.org", "correct horse");
  for (const auto* refused : {&wrong_password, &unknown, &disabled}) {
    ASSERT_FALSE(*refused);
    EXPECT_EQ(refused->error().describe(), wrong_password.error().describe());
    EXPECT_EQ(refused->error().code, ErrorCode::unauthenticated);
  }
}

TEST_F(AccountsTest, TakenNamesAndMailsAreConflicts) {
  ASSERT_TRUE(accounts.sign_up(ada));
  SignUp same_mail = ada;
  same_mail.user = "Other";
  SignUp same_name = ada;
  same_name.email = "other@example.org";
  same_name.user = "aDA";
  for (const auto& [form, field] : {std::pair{same_mail, "email"}, std::pair{same_name, "user"}}) {
    const auto refused = accounts.sign_up(form);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, ErrorCode::conflict);
    ASSERT_EQ(refused.error().fields.size(), 1U);
    EXPECT_EQ(refused.error().fields.front().field, field);
  }
}

TEST_F(AccountsTest, ChangingThePasswordEndsTokensAndTheOldPassword) {
  const auto user = accounts.sign_up(ada);
  ASSERT_TRUE(user);
  EXPECT_FALSE(accounts.change_password(user->id, "short"));
  ASSERT_TRUE(accounts.change_password(user->id, "battery staple"));
  EXPECT_FALSE(accounts.log_in(ada.email, "correct horse"));
  const auto changed = accounts.log_in(ada.email, "battery staple");
  ASSERT_TRUE(changed);
  EXPECT_GT(changed->token_generation, user->token_generation);
  const auto nobody = accounts.change_password(UserId::make(clock.wall_now()), "battery staple");
  EXPECT_EQ(nobody.error().code, ErrorCode::not_found);
}

TEST(SignUpForm, NamesEachBadField) {
  EXPECT_THAT(wrong_fields(ada), ElementsAre());
  EXPECT_THAT(wrong_fields({}), ElementsAre("user", "email", "password1"));
  SignUp form = ada;
  form.password2 = "something else";
  EXPECT_THAT(wrong_fields(form), ElementsAre("password2"));
  form = ada;
  form.user = "A\u202Eda";
  EXPECT_THAT(wrong_fields(form), ElementsAre("user"));
  form.user = std::string(65, 'x');
  EXPECT_THAT(wrong_fields(form), ElementsAre("user"));
}

TEST(SignUpForm, TellsMailAddressesFromOtherText) {
  for (const std::string_view email : {"a@b", "ada.lovelace+tag@mail.example.org", "用户@例子.广告", "x@[::1]x"}) {
    SignUp form = ada;
    form.email = email;
    EXPECT_EQ(wrong_fields(form).empty(), email.find('[') == std::string_view::npos) << email;
  }
  for (const std::string_view email :
       {"", "@", "a@", "@b", "a@b@c", "a b@c", "a@.b", "a@b.", "a@b..c", "a\r\n@b", "a@\xFF"}) {
    SignUp form = ada;
    form.email = email;
    EXPECT_THAT(wrong_fields(form), ElementsAre("email")) << email;
  }
  SignUp form = ada;
  form.email = "a@" + std::string(253, 'b');
  EXPECT_THAT(wrong_fields(form), ElementsAre("email"));
}

TEST(Password, HasEightTo256Bytes) {
  for (const std::size_t size : {0U, 7U, 257U}) EXPECT_FALSE(check_password(std::string(size, 'x'))) << size;
  for (const std::size_t size : {8U, 256U}) EXPECT_TRUE(check_password(std::string(size, 'x'))) << size;
}

TEST(PasswordHasher, SaltsAndTakesAnyBytes) {
  const PasswordHasher hasher(cheap);
  const std::string password("nul\0 and \xFF", 10);
  const auto first = hasher.hash(password);
  const auto second = hasher.hash(password);
  ASSERT_TRUE(first && second);
  EXPECT_NE(*first, *second);
  EXPECT_TRUE(hasher.verify(*first, password));
  EXPECT_FALSE(hasher.verify(*first, password.substr(0, 3)));
  EXPECT_FALSE(hasher.verify("", password));
  EXPECT_FALSE(hasher.verify("$argon2id$v=19$m=99999999,t=2,p=1$x$y", password));
}

TEST(PasswordHasher, CostsWhatRfc9106Recommends) {
  const auto hash = PasswordHasher().hash("correct horse");
  ASSERT_TRUE(hash);
  EXPECT_THAT(*hash, ::testing::StartsWith("$argon2id$v=19$m=19456,t=2,p=1$"));
}

}  // namespace
}  // namespace decant::tasks
