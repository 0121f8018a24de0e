#include "base/settings.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <numeric>

#include "base/settings_file.h"
#include "base/units.h"

namespace decant {
namespace {

constexpr std::string_view prefix = "DECANT_";
constexpr std::string_view default_origin = "default";
constexpr std::string_view config_variable = "DECANT_CONFIG";

std::optional<std::int64_t> parse_number(const SettingField& field, std::string_view text) {
  if (std::holds_alternative<ByteCount Settings::*>(field)) return parse_bytes(text);
  if (std::holds_alternative<std::chrono::milliseconds Settings::*>(field)) {
    const auto duration = parse_duration(text);
    if (!duration) return std::nullopt;
    return duration->count();
  }
  std::int64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::string format_number(const SettingField& field, std::int64_t number) {
  if (std::holds_alternative<ByteCount Settings::*>(field)) return format_bytes(number);
  if (std::holds_alternative<std::chrono::milliseconds Settings::*>(field)) {
    return format_duration(std::chrono::milliseconds(number));
  }
  return fmt::format("{}", number);
}

/// False when the text is none that the setting takes.
bool assign(const Setting& setting, const std::string& text, Settings& values) {
  if (const auto* member = std::get_if<std::string Settings::*>(&setting.field)) {
    if (!setting.choices.empty() && std::ranges::find(setting.choices, text) == setting.choices.end()) return false;
    values.*(*member) = text;
    return true;
  }
  const auto number = parse_number(setting.field, text);
  if (!number || *number < setting.low || *number > setting.high) return false;
  if (const auto* member = std::get_if<int Settings::*>(&setting.field)) {
    values.*(*member) = static_cast<int>(*number);
  } else if (const auto* size = std::get_if<ByteCount Settings::*>(&setting.field)) {
    values.*(*size) = *number;
  } else {
    values.*std::get<std::chrono::milliseconds Settings::*>(setting.field) = std::chrono::milliseconds(*number);
  }
  return true;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = std::exchange(row[0], i);
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = std::exchange(row[j], std::min({row[j] + 1, row[j - 1] + 1, replaced}));
    }
  }
  return row.back();
}

const Setting& nearest_setting(std::string_view name) {
  return *std::ranges::min_element(settings_table(), {},
                                   [name](const Setting& setting) { return edit_distance(setting.name, name); });
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

/// Collects what the sources say about each setting, the strongest last.
class Collector {
 public:
  void add(std::string_view name, const std::string& written_as, const std::string& text, const std::string& origin) {
    const auto table = settings_table();
    const auto found = std::ranges::find(table, name, &Setting::name);
    if (found == table.end()) {
      complain(written_as, fmt::format("unknown setting {} ({}); did you mean {}? `decant config` lists all of them",
                                       written_as, origin, nearest_setting(name).name));
      return;
    }
    if (!assign(*found, text, loaded_.values)) {
      complain(written_as, fmt::format("setting {} ({}) cannot be \"{}\"; it takes {}", written_as, origin,
                                       mask_secrets(text), found->accepted()));
      return;
    }
    loaded_.effective[static_cast<std::size_t>(found - table.begin())] = {&*found, text, origin};
  }

  void add_defaults() {
    loaded_.effective.resize(settings_table().size());
    for (const Setting& setting : settings_table()) {
      add(setting.name, std::string(setting.name), std::string(setting.default_text), std::string(default_origin));
    }
  }

  Result<LoadedSettings> finish() && {
    if (!errors_.fields.empty()) {
      std::vector<std::string> lines;
      for (const FieldError& field : errors_.fields) lines.push_back(field.message);
      errors_.message = fmt::format("{}", fmt::join(lines, "\n"));
      return Failure(std::move(errors_));
    }
    return std::move(loaded_);
  }

  LoadedSettings& loaded() { return loaded_; }

 private:
  void complain(const std::string& field, std::string message) {
    errors_.fields.push_back({field, std::move(message)});
  }

  LoadedSettings loaded_;
  Error errors_{ErrorCode::invalid_argument, {}, {}, {}};
};

/// Where data goes when nobody says (XDG Base Directory Specification).
std::string default_data_folder(const std::map<std::string, std::string>& environment) {
  if (const auto found = environment.find("XDG_DATA_HOME");
      found != environment.end() && found->second.starts_with('/')) {
    return found->second + "/decant";
  }
  if (const auto found = environment.find("HOME"); found != environment.end() && found->second.starts_with('/')) {
    return found->second + "/.local/share/decant";
  }
  return "/var/lib/decant";
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size())) {
    text.replace(at, what.size(), with);
  }
}

void expand_placeholders(LoadedSettings& loaded, const std::map<std::string, std::string>& environment) {
  const auto is_data = [](const EffectiveSetting& effective) { return effective.setting->name == "data"; };
  if (std::ranges::find_if(loaded.effective, is_data)->origin == default_origin) {
    loaded.values.data = default_data_folder(environment);
  }
  loaded.values.data = std::filesystem::absolute(loaded.values.data).lexically_normal().string();
  if (loaded.values.data.size() > 1 && loaded.values.data.ends_with('/')) loaded.values.data.pop_back();
  for (EffectiveSetting& effective : loaded.effective) {
    const auto* member = std::get_if<std::string Settings::*>(&effective.setting->field);
    if (member == nullptr) continue;
    std::string& value = loaded.values.*(*member);
    if (effective.origin == default_origin) replace_all(value, "{data}", loaded.values.data);
    effective.text = value;
  }
}

}  // namespace

std::string Setting::variable() const {
  std::string text(prefix);
  for (const char c : name) text += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
  return text;
}

std::string Setting::flag() const {
  std::string text = "--" + std::string(name);
  std::ranges::replace(text, '_', '-');
  return text;
}

std::string Setting::range() const {
  if (!choices.empty()) return fmt::format("{}", fmt::join(choices, ", "));
  if (std::holds_alternative<std::string Settings::*>(field)) return "text";
  return fmt::format("{} to {}", format_number(field, low), format_number(field, high));
}

std::string Setting::accepted() const {
  if (!choices.empty()) return "one of " + range();
  if (std::holds_alternative<std::string Settings::*>(field)) return "text";
  std::string_view kind = "a whole number";
  if (std::holds_alternative<ByteCount Settings::*>(field)) kind = "a size like 64KiB, 20MB or 1GiB";
  if (std::holds_alternative<std::chrono::milliseconds Settings::*>(field))
    kind = "a time like 500ms, 30s, 5min, 1h or 7d";
  return fmt::format("{}, {}", kind, range());
}

std::string Setting::value_name() const {
  if (!choices.empty()) return fmt::format("{}", fmt::join(choices, "|"));
  if (std::holds_alternative<ByteCount Settings::*>(field)) return "SIZE";
  if (std::holds_alternative<std::chrono::milliseconds Settings::*>(field)) return "TIME";
  return std::holds_alternative<int Settings::*>(field) ? "COUNT" : "TEXT";
}

Result<LoadedSettings> load_settings(const SettingSources& sources) {
  Collector collector;
  collector.add_defaults();

  std::optional<std::string> file = sources.file;
  if (const auto found = sources.environment.find(std::string(config_variable));
      !file && found != sources.environment.end()) {
    file = found->second;
  }
  if (file) {
    DECANT_TRY(const std::vector<FileSetting> settings, read_settings_file(*file));
    for (const FileSetting& setting : settings) collector.add(setting.name, setting.name, setting.text, setting.origin);
  }
  for (const auto& [name, text] : sources.environment) {
    if (!name.starts_with(prefix) || name == config_variable) continue;
    collector.add(lower_case(std::string_view(name).substr(prefix.size())), name, text, "environment");
  }
  for (const auto& [name, text] : sources.flags) {
    std::string flag = "--" + name;
    std::ranges::replace(flag, '_', '-');
    collector.add(name, flag, text, "flag");
  }
  expand_placeholders(collector.loaded(), sources.environment);
  return std::move(collector).finish();
}

std::map<std::string, std::string> process_environment() {
  std::map<std::string, std::string> variables;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    const std::size_t equals = text.find('=');
    if (equals != std::string_view::npos) variables.emplace(text.substr(0, equals), text.substr(equals + 1));
  }
  return variables;
}

std::string mask_secrets(std::string_view text) {
  constexpr std::string_view mask = "***";
  std::string masked(text);
  if (const std::size_t scheme = masked.find("://"); scheme != std::string::npos) {
    const std::size_t authority = scheme + 3;
    // The last @ before the path: a password may hold one that its writer forgot to escape.
    const std::size_t path = masked.find_first_of("/?#", authority);
    const std::size_t at = masked.rfind('@', path);
    const std::size_t colon = masked.find(':', authority);
    if (at != std::string::npos && at >= authority && colon < at) masked.replace(colon + 1, at - colon - 1, mask);
  }
  constexpr std::string_view secret_words[] = {"password", "secret", "token", "key", "credential"};
  for (std::size_t start = masked.find('?'); start != std::string::npos && start < masked.size();) {
    const std::size_t end = std::min(masked.find('&', start + 1), masked.size());
    const std::size_t equals = masked.find('=', start);
    if (equals < end) {
      const std::string name = lower_case(std::string_view(masked).substr(start + 1, equals - start - 1));
      const bool is_secret = std::ranges::any_of(
          secret_words, [&name](std::string_view word) { return name.find(word) != std::string::npos; });
      if (is_secret) {
        masked.replace(equals + 1, end - equals - 1, mask);
        start = equals + 1 + mask.size();
        continue;
      }
    }
    start = end;
  }
  return masked;
}

}  // namespace decant
