#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "programs/backends.h"
#include "programs/commands.h"
#include "programs/exit_status.h"

namespace decant::programs {
namespace {

using broker::Finding;

void print(const std::vector<Finding>& findings) {
  constexpr std::array<std::string_view, 3> words = {"ok", "doubtful", "wrong"};
  for (const Finding& finding : findings) {
    fmt::print("{:<9} {}\n", words.at(static_cast<std::size_t>(finding.grade)), finding.text);
  }
}

Result<int> create(broker::Administration& administration) {
  DECANT_TRY(const auto done, administration.create());
  for (const Finding& finding : done) fmt::print("{}\n", finding.text);
  return exit_ok;
}

Result<int> describe(broker::Administration& administration) {
  DECANT_TRY(const auto properties, administration.describe());
  for (const auto& [name, value] : properties) fmt::print("{:<24} {}\n", name, value);
  return exit_ok;
}

Result<int> check(broker::Administration& administration) {
  DECANT_TRY(const auto findings, administration.check());
  print(findings);
  const bool is_ready =
      std::ranges::none_of(findings, [](const Finding& finding) { return finding.grade == Finding::Grade::wrong; });
  fmt::print("{}\n", is_ready ? "the broker is ready" : "the broker is not ready: run `decant broker create`");
  return is_ready ? exit_ok : exit_failed;
}

Result<int> run_action(const BrokerCommand& command, const Settings& settings) {
  DECANT_TRY(const auto administration, broker::open_administration(settings.broker, broker_options(settings)));
  switch (command.action) {
    case BrokerCommand::Action::create: return create(*administration);
    case BrokerCommand::Action::describe: return describe(*administration);
    case BrokerCommand::Action::check: return check(*administration);
  }
  return exit_usage;
}

}  // namespace

int run(const BrokerCommand& command, const LoadedSettings& settings) {
  const auto status = run_action(command, settings.values);
  return status ? *status : report_failure(status.error());
}

}  // namespace decant::programs
