#include "programs/command_line.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "base/units.h"
#include "programs/exit_status.h"
#include "tasks/metadata_options.h"

namespace decant::programs {
namespace {

constexpr int most_jobs = 1024;

using Groups = std::initializer_list<std::string_view>;

/// Gives `app` one flag for each setting of the groups; of all when there is none.
void add_settings(CLI::App& app, SettingSources& sources, Groups groups = {}) {
  app.add_option_function<std::string>(
         "--config", [&sources](const std::string& file) { sources.file = file; }, "TOML file with settings")
      ->type_name("FILE")
      ->group("Settings");
  for (const Setting& setting : settings_table()) {
    if (groups.size() != 0 && std::ranges::find(groups, setting.group) == groups.end()) continue;
    const std::string name(setting.name);
    app.add_option_function<std::string>(
           setting.flag(), [&sources, name](const std::string& text) { sources.flags[name] = text; },
           fmt::format("{} [{}]", setting.help, setting.default_text))
        ->type_name(setting.value_name())
        ->group("Settings");
  }
}

CLI::App& add_command(CLI::App& app, const std::string& name, const std::string& help, const std::string& examples) {
  CLI::App& command = *app.add_subcommand(name, help);
  command.footer("Examples:\n" + examples);
  return command;
}

void add_service(CLI::App& app, CommandLine& line) {
  struct Row {
    ServiceCommand::Role role;
    const char* name;
    const char* help;
    const char* examples;
  };
  using enum ServiceCommand::Role;
  for (const Row& row :
       {Row{serve, "serve", "Run the whole service: page, API, conversions",
            "  decant serve\n  decant serve --listen 0.0.0.0:8080 --data /var/lib/decant --workers 4"},
        Row{web, "web", "Run only the page and the API; `decant worker` converts",
            "  decant web --data /srv/decant --listen 127.0.0.1:8081"},
        Row{worker, "worker", "Run only conversions, for `decant web` on the same database and objects",
            "  decant worker --data /srv/decant --workers 8"}}) {
    CLI::App& command = add_command(app, row.name, row.help, row.examples);
    add_settings(command, line.settings);
    command.callback([&line, role = row.role] { line.command = ServiceCommand{role}; });
  }
}

void add_migrate(CLI::App& app, CommandLine& line, MigrateCommand& migrate) {
  CLI::App& command = add_command(app, "migrate", "Make the database, bring its schema up to date, or move it",
                                  "  decant migrate --data /srv/decant\n"
                                  "  decant migrate --from sqlite:///srv/decant/decant.db "
                                  "--to postgresql://decant:secret@db.example.org/decant");
  CLI::Option* from =
      command.add_option("--from", migrate.from, "Move everything from this database (stop decant first)")
          ->type_name("URL");
  CLI::Option* to = command.add_option("--to", migrate.to, "into this empty one")->type_name("URL");
  from->needs(to);
  to->needs(from);
  add_settings(command, line.settings, {"Places", "Database", "Log"});
  command.callback([&line, &migrate] { line.command = migrate; });
}

void add_user(CLI::App& app, CommandLine& line, UserCommand& user) {
  CLI::App& group = add_command(app, "user", "Manage accounts",
                                "  decant user add ada ada@example.org\n"
                                "  decant user passwd ada@example.org --password-stdin < password.txt\n"
                                "  decant user list");
  group.require_subcommand(1);
  struct Row {
    UserCommand::Action action;
    const char* name;
    const char* help;
  };
  using enum UserCommand::Action;
  for (const Row& row : {Row{add, "add", "Make an account; asks for the password"}, Row{list, "list", "List accounts"},
                         Row{disable, "disable", "Shut an account out; its files stay"},
                         Row{enable, "enable", "Let a disabled account in again"},
                         Row{passwd, "passwd", "Set a new password; ends every session of the account"}}) {
    CLI::App& command = *group.add_subcommand(row.name, row.help);
    if (row.action == add) command.add_option("name", user.name, "Name as shown")->required()->type_name("");
    if (row.action != list) command.add_option("email", user.email, "E-mail address")->required()->type_name("");
    if (row.action == add || row.action == passwd) {
      command.add_flag_callback(
          "--password-stdin", [&user] { user.password_from = UserCommand::PasswordFrom::standard_input; },
          "Read the password from the first line of standard input");
    }
    add_settings(command, line.settings, {"Places", "Database", "Accounts", "Log"});
    command.callback([&line, &user, action = row.action] {
      user.action = action;
      line.command = user;
    });
  }
}

void add_broker(CLI::App& app, CommandLine& line) {
  CLI::App& group = add_command(app, "broker", "Set up a broker outside of decant, or look at it",
                                "  decant broker create --broker 'pubsub://my-project/tasks?subscription=tasks-sub'\n"
                                "  decant broker check && decant worker");
  group.require_subcommand(1);
  struct Row {
    BrokerCommand::Action action;
    const char* name;
    const char* help;
  };
  using enum BrokerCommand::Action;
  for (const Row& row : {Row{create, "create", "Make what is missing and change what differs; as often as you like"},
                         Row{describe, "describe", "Print what there is"},
                         Row{check, "check", "Tell whether decant can work with it; exit status 1 when not"}}) {
    CLI::App& command = *group.add_subcommand(row.name, row.help);
    add_settings(command, line.settings, {"Places", "Log"});
    command.callback([&line, action = row.action] { line.command = BrokerCommand{action}; });
  }
}

/// 0 for "auto".
int parse_jobs(const std::string& text) {
  if (text == "auto") return 0;
  int jobs = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), jobs);
  if (error != std::errc() || end != text.data() + text.size() || jobs < 1 || jobs > most_jobs) {
    throw CLI::ValidationError("--jobs", fmt::format("{} is neither auto nor a number from 1 to {}", text, most_jobs));
  }
  return jobs;
}

struct OptionRow {
  const char* flag;
  const char* option;  ///< as tasks::set_option takes it
  const char* type;
  const char* help;
};
using OptionTexts = std::vector<std::pair<std::string, std::string>>;

void add_options(CLI::App& command, std::span<const OptionRow> rows, OptionTexts& options, const char* group) {
  for (const OptionRow& row : rows) {
    command
        .add_option_function<std::string>(
            row.flag, [&options, name = row.option](const std::string& text) { options.emplace_back(name, text); },
            row.help)
        ->type_name(row.type)
        ->group(group);
  }
}

void add_analyses(CLI::App& command, AnalysisRequest& analysis, OptionTexts& options) {
  constexpr const char* group = "Analysis";
  struct Row {
    const char* flag;
    const char* name;
    std::string* path;
    const char* help;
  };
  for (const Row& row :
       {Row{"--waveform", "waveform", &analysis.waveform, "Write peaks as audiowaveform does: FILE.json or FILE.dat"},
        Row{"--spectrogram", "spectrogram", &analysis.spectrogram, "Write a picture of the sound: FILE.png"}}) {
    command
        .add_option_function<std::string>(
            row.flag,
            [&analysis, row](const std::string& path) {
              analysis.names.emplace_back(row.name);
              *row.path = path;
            },
            row.help)
        ->type_name("FILE")
        ->group(group);
  }
  command
      .add_flag_callback(
          "--loudness", [&analysis] { analysis.names.emplace_back("loudness"); },
          "Measure EBU R 128 loudness and range, true and sample peak, dynamic range")
      ->group(group);
  command
      .add_flag_callback(
          "--silence", [&analysis] { analysis.names.emplace_back("silence"); }, "List where nothing is heard")
      ->group(group);
  constexpr std::array rows = {
      OptionRow{"--samples-per-pixel", "samplesPerPixel", "COUNT", "Zoom of the waveform [256]"},
      OptionRow{"--pixels-per-second", "pixelsPerSecond", "COUNT", "The same, the other way round"},
      OptionRow{"--waveform-bits", "waveformBits", "COUNT", "Of a peak: 8 or 16 [8]"},
      OptionRow{"--silence-threshold", "silenceThreshold", "DBFS", "Below it is silence [-60]"},
      OptionRow{"--silence-duration", "silenceDuration", "TIME", "Shorter silence is not listed [0.5]"},
      OptionRow{"--spectrogram-width", "spectrogramWidth", "PIXELS", "64 to 4096 [1200]"},
      OptionRow{"--spectrogram-height", "spectrogramHeight", "PIXELS", "64 to 1024 [512]"}};
  add_options(command, rows, options, group);
}

constexpr std::array cut_options = {OptionRow{"--start", "start", "TIME", "Begin here: 90, 1:30.5"},
                                    OptionRow{"--end", "end", "TIME", "Stop before this"}};

void add_metadata_options(CLI::App& command, ConvertCommand& convert) {
  command
      .add_option_function<std::vector<std::string>>(
          "--set",
          [&convert](const std::vector<std::string>& tags) {
            for (const std::string& tag : tags) {
              const auto edit = tasks::parse_tag_edit(tag);
              if (!edit) throw CLI::ValidationError("--set", edit.error().message);
              convert.options.emplace_back("metadata", *edit);
            }
          },
          "Set a tag: title=X; repeated, a tag has several values")
      ->type_name("NAME=VALUE")
      ->expected(1)
      ->allow_extra_args(false)  // else it takes the paths behind it, too
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command
      .add_option_function<std::vector<std::string>>(
          "--remove",
          [&convert](const std::vector<std::string>& names) {
            for (const std::string& name : names) convert.options.emplace_back("metadata", tasks::tag_removal(name));
          },
          "Remove a tag: comment")
      ->type_name("NAME")
      ->expected(1)
      ->allow_extra_args(false)  // else it takes the paths behind it, too
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll);
  command.add_flag_callback(
      "--remove-all-tags", [&convert] { convert.options.emplace_back("tags", "drop"); },
      "Carry no tag over but those that are set");
  auto* no_cover = command.add_flag_callback(
      "--no-cover", [&convert] { convert.options.emplace_back("pictures", "drop"); }, "Carry no picture over");
  command.add_option("--cover", convert.cover, "Picture for the front cover, JPEG or PNG, in place of what is there")
      ->type_name("FILE")
      ->excludes(no_cover);
  command
      .add_option_function<std::string>(
          "--chapters", [&convert](const std::string& text) { convert.options.emplace_back("chapters", text); },
          "Keep chapters, drop them, or split the sound into a file each, in a ZIP archive [keep]")
      ->type_name("keep|drop|split");
}

void add_convert(CLI::App& app, CommandLine& line, ConvertCommand& convert) {
  CLI::App& command = add_command(app, "convert", "Convert files and folders here, without a server",
                                  "  decant convert song.flac song.mp3 --quality 0\n"
                                  "  decant convert talk.wav talk.opus --bitrate 32k --channels mono\n"
                                  "  decant convert film.mkv cut.m4a --start 1:30 --end 2:00\n"
                                  "  decant convert *.wav --to flac                 # beside them\n"
                                  "  decant convert -r Music/ out/ --to opus        # again: only what changed\n"
                                  "  decant convert -r Music/ out/ --to mp3 --copy-others --dry-run\n"
                                  "  cat in.ogg | decant convert - - --to wav | aplay");
  command
      .add_option("path", convert.paths,
                  "Files and folders to read, then a file to write or a folder for the results; without one they go "
                  "beside their inputs. - is standard input or output")
      ->required()
      ->type_name("");
  command.add_option("--to", convert.target, "Target format [by the output's extension]")->type_name("FORMAT");
  constexpr std::array rows = {
      OptionRow{"--bitrate", "bitrate", "RATE", "Bits per second: 192k"},
      OptionRow{"--quality", "quality", "NUMBER", "On the target encoder's own scale"},
      OptionRow{"--sample-rate", "sampleRate", "HZ", "Sample rate: 44100, 48k"},
      OptionRow{"--channels", "channels", "COUNT", "Channels: 1, 2, mono, stereo"},
      OptionRow{"--bit-depth", "bitDepth", "BITS", "Bits a sample: 8, 16, 24, 32 or float"},
      OptionRow{"--target-loudness", "loudness", "LUFS", "Bring the loudness (EBU R 128) to this: -14"},
      OptionRow{"--true-peak", "truePeak", "DBTP", "What the target loudness shall not go beyond [-1]"},
      OptionRow{"--peak", "peak", "DBFS", "Bring the loudest sample to this: -1"},
      OptionRow{"--gain", "gain", "DB", "Make it louder or softer: 3, -6"},
      OptionRow{"--fade-in", "fadeIn", "SECONDS", "Fade in at the beginning"},
      OptionRow{"--fade-out", "fadeOut", "SECONDS", "Fade out at the end"},
      OptionRow{"--trim-silence", "trimSilence", "DBFS", "Cut off both ends while quieter than this: -60"}};
  add_options(command, rows, convert.options, "Options");
  add_options(command, cut_options, convert.options, "Options");
  add_metadata_options(command, convert);
  command.add_flag_callback(
      "--reencode", [&convert] { convert.options.emplace_back("reencode", "true"); },
      "Encode again also where the stream could be copied as it is");
  add_analyses(command, convert.analysis, convert.options);
  command.add_flag_callback(
      "-r,--recursive", [&convert] { convert.folders = ConvertCommand::Folders::enter; },
      "Convert what is in folders, and in folders in them");
  command.add_flag_callback(
      "--copy-others", [&convert] { convert.others = ConvertCommand::Others::copy; },
      "Copy what is no audio in folders, like covers, into the output folder");
  command
      .add_option_function<std::string>(
          "-j,--jobs", [&convert](const std::string& text) { convert.jobs = parse_jobs(text); },
          "Files at once: a number, or auto for as many as keep every core busy [auto]")
      ->type_name("COUNT");
  command.add_flag_callback(
      "-n,--dry-run", [&convert] { convert.action = ConvertCommand::Action::show_plan; },
      "Print what would be converted, and do nothing");
  command.add_flag_callback(
      "-f,--force", [&convert] { convert.existing = ConvertCommand::Existing::replace; },
      "Replace outputs that exist; of several, also those that are up to date");
  auto* quiet = command.add_flag_callback(
      "-q,--quiet", [&convert] { convert.told = ConvertCommand::Output::quiet; }, "Say nothing but errors");
  command
      .add_flag_callback(
          "--json", [&convert] { convert.told = ConvertCommand::Output::json; },
          "Print the fidelity report (on standard error when the output is -); of several files one\n"
          "object a line, and a summary")
      ->excludes(quiet);
  add_settings(command, line.settings, {"Engine", "Log"});
  command.callback([&line, &convert] { line.command = convert; });
}

void add_analyze(CLI::App& app, CommandLine& line, AnalyzeCommand& analyze) {
  CLI::App& command = add_command(app, "analyze", "Measure a file's sound, without converting it",
                                  "  decant analyze song.flac\n"
                                  "  decant analyze talk.wav --silence --silence-threshold -45 --json\n"
                                  "  decant analyze song.mp3 --waveform song.json --pixels-per-second 20\n"
                                  "  decant analyze song.mp3 --spectrogram song.png");
  command.add_option("input", analyze.input, "File to read; - is standard input")->required()->type_name("");
  add_options(command, cut_options, analyze.options, "Options");
  add_analyses(command, analyze.analysis, analyze.options);
  command.add_flag_callback(
      "-f,--force", [&analyze] { analyze.existing = OutputFile::Existing::replace; }, "Replace files that exist");
  command.add_flag_callback("--json", [&analyze] { analyze.told = AnalyzeCommand::Output::json; }, "As a JSON object");
  add_settings(command, line.settings, {"Engine", "Log"});
  command.callback([&line, &analyze] { line.command = analyze; });
}

void add_probe(CLI::App& app, CommandLine& line, ProbeCommand& probe) {
  CLI::App& command =
      add_command(app, "probe", "Tell what is in a file", "  decant probe song.ogg\n  decant probe song.ogg --json");
  command.add_option("input", probe.input, "File to read; - is standard input")->required()->type_name("");
  command.add_flag_callback("--json", [&probe] { probe.told = ProbeCommand::Output::json; }, "As a JSON object");
  add_settings(command, line.settings, {"Engine", "Log"});
  command.callback([&line, &probe] { line.command = probe; });
}

std::chrono::milliseconds parse_interval(const std::string& text) {
  const auto interval = parse_duration(text);
  if (!interval || *interval < std::chrono::milliseconds(100) || *interval > std::chrono::hours(1)) {
    throw CLI::ValidationError("--interval", "takes a time of 100ms to 1h, like 2s");
  }
  return *interval;
}

void add_top(CLI::App& app, CommandLine& line, TopCommand& top) {
  CLI::App& command = add_command(app, "top", "Watch queue, workers, rates and failures",
                                  "  decant top\n"
                                  "  decant top --interval 500ms --data /srv/decant\n"
                                  "  decant top --json | jq .queue.ready");
  command
      .add_option_function<std::string>(
          "--interval", [&top](const std::string& text) { top.interval = parse_interval(text); },
          "Time between two looks [2s]")
      ->type_name("TIME");
  auto* once = command.add_flag_callback(
      "--once", [&top] { top.told = TopCommand::Output::once; }, "Print it once and end; so without a terminal");
  command
      .add_flag_callback(
          "--json", [&top] { top.told = TopCommand::Output::json; }, "Print it once as a JSON object")
      ->excludes(once);
  add_settings(command, line.settings, {"Places", "Database", "Log"});
  command.callback([&line, &top] { line.command = top; });
}

void add_others(CLI::App& app, CommandLine& line, ConfigCommand& config) {
  CLI::App& health = add_command(app, "health", "Ask the running server whether it is ready; for container probes",
                                 "  decant health --listen 127.0.0.1:8080");
  add_settings(health, line.settings, {"Server"});
  health.callback([&line] { line.command = HealthCommand{}; });

  CLI::App& configuration = add_command(app, "config", "Print the settings in effect and where each came from",
                                        "  decant config\n  DECANT_WORKERS=4 decant config --config decant.toml");
  configuration.add_flag_callback(
      "--reference", [&config] { config.told = ConfigCommand::Output::reference; },
      "Print the table of all settings as Markdown");
  add_settings(configuration, line.settings);
  configuration.callback([&line, &config] { line.command = config; });

  app.add_subcommand("version", "Print the version")->callback([&line] { line.command = VersionCommand{}; });
}

}  // namespace

std::expected<CommandLine, int> parse_command_line(int argc, char** argv) {
  CommandLine line;
  UserCommand user;
  ConvertCommand convert;
  AnalyzeCommand analyze;
  ProbeCommand probe;
  TopCommand top;
  MigrateCommand migrate;
  ConfigCommand config;

  CLI::App app("Converts audio: as a service with a page and an API, or here and now.", "decant");
  app.require_subcommand(1);
  app.set_version_flag("--version", fmt::format("decant {}", DECANT_VERSION), "Print the version");
  app.footer(
      "Examples:\n"
      "  decant serve                      then open http://127.0.0.1:8080/\n"
      "  decant convert song.flac song.mp3\n"
      "  decant COMMAND --help\n");
  add_service(app, line);
  add_convert(app, line, convert);
  add_analyze(app, line, analyze);
  add_probe(app, line, probe);
  add_user(app, line, user);
  add_migrate(app, line, migrate);
  add_broker(app, line);
  add_top(app, line, top);
  add_others(app, line, config);

  try {
    app.parse(argc, argv);
  } catch (const CLI::Success& asked_for_help) {
    return std::unexpected(app.exit(asked_for_help));
  } catch (const CLI::ParseError& error) {
    fmt::print(stderr, "decant: {}\nRun `decant --help`, or `decant COMMAND --help`.\n", error.what());
    return std::unexpected(exit_usage);
  }
  return line;
}

}  // namespace decant::programs
