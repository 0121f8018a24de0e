#include <fmt/format.h>

#include "programs/backends.h"
#include "programs/commands.h"
#include "programs/exit_status.h"
#include "programs/logging.h"
#include "programs/terminal.h"
#include "tasks/accounts.h"

namespace decant::programs {
namespace {

/// Twice from the terminal, so that a slip of the finger locks nobody out.
Result<std::string> read_password(const UserCommand& command) {
  if (command.password_from == UserCommand::PasswordFrom::standard_input) return read_password_line();
  DECANT_TRY(std::string password, ask_password("Password: "));
  DECANT_TRY(const std::string again, ask_password("Again: "));
  if (password != again) return failure(ErrorCode::invalid_argument, "the passwords differ");
  return password;
}

tasks::PasswordHasher make_hasher(const Settings& settings) {
  return tasks::PasswordHasher({settings.password_memory, static_cast<unsigned>(settings.password_passes)});
}

Result<tasks::User> get_user(tasks::UserStore& users, const std::string& email) {
  DECANT_TRY(auto user, users.find_user_by_email(tasks::normalize_email(email)));
  if (!user) return failure(ErrorCode::not_found, fmt::format("there is no account {}", email));
  return *std::move(user);
}

Result<void> add(const UserCommand& command, tasks::Accounts& accounts) {
  DECANT_TRY(const std::string password, read_password(command));
  DECANT_TRY(const tasks::User user, accounts.sign_up({command.name, command.email, password, password}));
  fmt::print("{}\n", user.id.text());
  return {};
}

Result<void> list(tasks::UserStore& users) {
  DECANT_TRY(const std::vector<tasks::User> all, users.list_users());
  for (const tasks::User& user : all) {
    fmt::print("{}  {}  {:<8}  {}  {}\n", user.id.text(), to_iso8601(user.created),
               user.disabled ? "disabled" : "enabled", printable(user.email), printable(user.name));
  }
  return {};
}

Result<void> change(const UserCommand& command, tasks::UserStore& users, tasks::Accounts& accounts) {
  DECANT_TRY(const tasks::User user, get_user(users, command.email));
  switch (command.action) {
    case UserCommand::Action::disable: {
      DECANT_CHECK(users.disable_user(user.id));
      return {};
    }
    case UserCommand::Action::enable: {
      DECANT_CHECK(users.enable_user(user.id));
      return {};
    }
    default: {
      DECANT_TRY(const std::string password, read_password(command));
      return accounts.change_password(user.id, password);
    }
  }
}

}  // namespace

int run(const UserCommand& command, const LoadedSettings& settings) {
  Logger logger = make_quiet_logger(settings);
  const SystemClock clock;
  const auto opened =
      database::open_database(settings.values.database, database_options(settings.values), clock, logger);
  if (!opened) return report_failure(opened.error());
  tasks::UserStore& users = (*opened)->users();
  const tasks::PasswordHasher hasher = make_hasher(settings.values);
  Result<void> done;
  if (command.action == UserCommand::Action::list) {
    done = list(users);
  } else {
    tasks::Accounts accounts(users, hasher, clock);
    done = command.action == UserCommand::Action::add ? add(command, accounts) : change(command, users, accounts);
  }
  return done ? exit_ok : report_failure(done.error());
}

}  // namespace decant::programs
