#pragma once

#include <chrono>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/settings.h"
#include "programs/analysis_files.h"

/// The subcommands of `decant`: what the command line asked for, and the function that does it. Each is in the file of
/// its name and returns the exit status (exit_status.h), after it has told on standard error what went wrong.
namespace decant::programs {

/// Runs the service until it is told to stop.
struct ServiceCommand {
  enum class Role {
    serve,   ///< everything: web, worker and sweeper in one process tree
    web,     ///< HTTP and sweeper
    worker,  ///< conversions and sweeper
  };
  Role role = Role::serve;
};

/// Brings the schema of the database up to date, or moves a database (database::transfer()).
struct MigrateCommand {
  std::string from;  ///< a database URL; both or none
  std::string to;
};

struct UserCommand {
  enum class Action { add, list, disable, enable, passwd };
  Action action = Action::list;
  std::string name;   ///< of add
  std::string email;  ///< of all but list
  enum class PasswordFrom { terminal, standard_input };
  PasswordFrom password_from = PasswordFrom::terminal;
};

/// Sets up the broker at DECANT_BROKER, or looks at it.
struct BrokerCommand {
  enum class Action { create, describe, check };
  Action action = Action::check;
};

struct ConvertCommand {
  std::vector<std::string> paths;  ///< as they were given; convert_paths.h tells which is what
  std::string target;              ///< empty: by the extension of the output
  std::vector<std::pair<std::string, std::string>> options;  ///< as tasks::set_option takes them
  std::string cover;                                         ///< a picture's path; empty: none
  AnalysisRequest analysis;
  enum class Existing { refuse, replace };
  Existing existing = Existing::refuse;
  enum class Folders { refuse, enter };
  Folders folders = Folders::refuse;
  enum class Others { skip, copy };  ///< what is no audio in a folder
  Others others = Others::skip;
  int jobs = 0;  ///< files at once; 0: as many as keep every core busy
  enum class Action { convert, show_plan };
  Action action = Action::convert;
  enum class Output { text, json, quiet };
  Output told = Output::text;
};

struct AnalyzeCommand {
  std::string input;                                         ///< a path; "-": standard input
  std::vector<std::pair<std::string, std::string>> options;  ///< as tasks::set_option takes them
  AnalysisRequest analysis;                                  ///< no names: loudness and silence
  OutputFile::Existing existing = OutputFile::Existing::refuse;
  enum class Output { text, json };
  Output told = Output::text;
};

struct ProbeCommand {
  std::string input;  ///< a path; "-": standard input
  enum class Output { text, json };
  Output told = Output::text;
};

/// Asks the server at DECANT_LISTEN whether it is ready.
struct HealthCommand {};

struct ConfigCommand {
  enum class Output {
    effective,  ///< as TOML, with where each value came from
    reference,  ///< the table as Markdown
  };
  Output told = Output::effective;
};

/// Shows queue, workers and failures from the database at DECANT_DATABASE.
struct TopCommand {
  enum class Output {
    screen,  ///< until it is quit; where there is no terminal, as once
    once,
    json,  ///< once, as one object
  };
  Output told = Output::screen;
  std::chrono::milliseconds interval = std::chrono::seconds(2);
};

struct VersionCommand {};

using Command = std::variant<ServiceCommand, MigrateCommand, UserCommand, BrokerCommand, ConvertCommand, AnalyzeCommand,
                             ProbeCommand, HealthCommand, TopCommand, ConfigCommand, VersionCommand>;

int run(const ServiceCommand& command, const LoadedSettings& settings);
int run(const MigrateCommand& command, const LoadedSettings& settings);
int run(const UserCommand& command, const LoadedSettings& settings);
int run(const BrokerCommand& command, const LoadedSettings& settings);
int run(const ConvertCommand& command, const LoadedSettings& settings);
int run(const AnalyzeCommand& command, const LoadedSettings& settings);
int run(const ProbeCommand& command, const LoadedSettings& settings);
int run(const HealthCommand& command, const LoadedSettings& settings);
int run(const TopCommand& command, const LoadedSettings& settings);
int run(const ConfigCommand& command, const LoadedSettings& settings);
int run(const VersionCommand& command, const LoadedSettings& settings);

}  // namespace decant::programs
