#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/file.h"
#include "base/result.h"

namespace decant {

/// Every setting, typed. What each one means and its default stand in settings_table().
struct Settings {
  std::string data;
  std::string database;
  std::string objects;
  std::string broker;

  std::string listen;
  std::string trusted_proxies;
  int http_threads{};
  int blocking_threads{};
  int blocking_queue{};
  int connections{};
  int connections_per_address{};
  ByteCount header_limit{};
  int header_fields{};
  ByteCount target_limit{};
  std::chrono::milliseconds header_timeout{};
  std::chrono::milliseconds idle_timeout{};
  ByteCount upload_pace{};
  std::chrono::milliseconds upload_pace_window{};
  ByteCount download_pace{};
  std::chrono::milliseconds download_pace_window{};
  ByteCount discard_limit{};
  std::chrono::milliseconds linger_timeout{};

  ByteCount upload_limit{};
  int uploads_per_user{};
  int direct_uploads_per_user{};
  std::chrono::milliseconds upload_link_lifetime{};
  std::chrono::milliseconds direct_upload_grace{};
  ByteCount user_quota{};
  ByteCount cover_limit{};
  int cover_side{};
  int list_limit{};
  ByteCount list_cache{};

  std::string sign_ups;
  std::string jwt_keys;
  std::chrono::milliseconds access_lifetime{};
  std::chrono::milliseconds refresh_lifetime{};
  std::chrono::milliseconds download_lifetime{};
  std::chrono::milliseconds account_cache{};
  std::string secure_cookies;
  ByteCount password_memory{};
  int password_passes{};
  int password_hashes{};
  int password_queue{};
  int log_ins_per_address{};
  std::chrono::milliseconds log_ins_per_address_interval{};
  int log_ins_per_account{};
  std::chrono::milliseconds log_ins_per_account_interval{};
  int sign_ups_per_address{};
  std::chrono::milliseconds sign_ups_per_address_interval{};
  int sign_ups_per_account{};
  std::chrono::milliseconds sign_ups_per_account_interval{};
  int throttle_keys{};

  std::chrono::milliseconds events_interval{};
  int events_listeners{};
  int events_per_user{};
  int events_batch{};
  std::chrono::milliseconds events_heartbeat{};
  std::chrono::milliseconds events_lifetime{};
  std::chrono::milliseconds events_retry{};
  ByteCount events_backlog{};

  int workers{};
  int max_attempts{};
  std::chrono::milliseconds lease{};
  std::chrono::milliseconds retry_pause{};
  std::chrono::milliseconds retry_pause_limit{};
  std::chrono::milliseconds poll_interval{};
  std::chrono::milliseconds drain_budget{};
  std::string preemption;
  std::chrono::milliseconds preemption_interval{};
  std::string preemption_metadata;

  std::string sandbox;
  int cores{};
  ByteCount conversion_memory{};
  ByteCount result_limit{};
  std::chrono::milliseconds probe_timeout{};
  std::chrono::milliseconds conversion_timeout{};
  std::chrono::milliseconds conversion_timeout_base{};
  std::chrono::milliseconds engine_start_timeout{};
  std::chrono::milliseconds engine_restart_wait{};

  std::chrono::milliseconds retention{};
  std::chrono::milliseconds orphan_grace{};
  std::chrono::milliseconds orphan_scan_interval{};
  std::chrono::milliseconds sweep_interval{};
  std::chrono::milliseconds sweep_jitter{};
  std::chrono::milliseconds ring_again_after{};
  int sweep_batch{};

  std::chrono::milliseconds database_busy_timeout{};
  int database_connections{};
  std::chrono::milliseconds database_connect_timeout{};
  std::chrono::milliseconds database_statement_timeout{};
  std::chrono::milliseconds database_idle_transaction_timeout{};
  int database_readers{};
  int database_batch{};
  ByteCount database_limit{};

  std::string downloads;
  std::chrono::milliseconds download_link_lifetime{};
  int object_connections{};
  int object_tries{};
  std::chrono::milliseconds object_connect_timeout{};
  std::chrono::milliseconds object_stall_timeout{};
  std::chrono::milliseconds object_request_timeout{};
  ByteCount object_part_size{};
  ByteCount object_read_window{};

  std::string metrics_listen;

  std::string otlp_endpoint;
  int otlp_queue{};
  int otlp_batch{};
  std::chrono::milliseconds otlp_interval{};
  std::chrono::milliseconds otlp_timeout{};

  std::string log_level;
  std::string log_format;
  std::string access_log_level;
};

using SettingField = std::variant<std::string Settings::*, int Settings::*, ByteCount Settings::*,
                                  std::chrono::milliseconds Settings::*>;

/// A row of the one table of settings. Its key in a file is `name`, its variable DECANT_NAME, its flag --name with
/// dashes.
struct Setting {
  std::string_view group;
  std::string_view name;  ///< "upload_limit"
  SettingField field;     ///< where it goes, and by its type how it is written: text, count, "1GiB", "30s"
  /// As somebody would write it. "{data}" in it stands for the data folder.
  std::string_view default_text;
  std::string_view help;
  std::int64_t low = 0;  ///< of numbers: counts, bytes, milliseconds
  std::int64_t high = 0;
  std::vector<std::string_view> choices = {};  ///< of texts that are names; empty: any text

  [[nodiscard]] std::string variable() const;
  [[nodiscard]] std::string flag() const;
  /// What may be written, short: "1KiB to 1TiB", "text, json".
  [[nodiscard]] std::string range() const;
  /// The same as the end of a sentence: "a size like 64KiB, 20MB or 1GiB, 1KiB to 1TiB".
  [[nodiscard]] std::string accepted() const;
  /// What stands for the value in help: "SIZE".
  [[nodiscard]] std::string value_name() const;
};

[[nodiscard]] std::span<const Setting> settings_table();

/// Where settings are read from, in rising order of strength: the defaults of the table, the file, DECANT_* variables,
/// flags.
struct SettingSources {
  std::optional<std::string> file;                 ///< --config; DECANT_CONFIG in `environment` when empty
  std::map<std::string, std::string> environment;  ///< all of it: HOME and XDG_DATA_HOME tell where the data folder is
  std::map<std::string, std::string> flags;        ///< by Setting::name
};

/// A setting as it is in effect, in the table's order.
struct EffectiveSetting {
  const Setting* setting = nullptr;
  std::string text;
  std::string origin;  ///< "default", "decant.toml line 3", "environment", "flag"
};

struct LoadedSettings {
  Settings values;
  std::vector<EffectiveSetting> effective;
};

/// invalid_argument with one FieldError for each setting that is unknown, malformed or out of range: its name, where it
/// came from, its value without secrets, and the remedy. Reads the file: blocks.
Result<LoadedSettings> load_settings(const SettingSources& sources);

/// The variables of this process. The only place that reads them.
[[nodiscard]] std::map<std::string, std::string> process_environment();

/// The text with what must not be shown replaced by "***": the password of a URL's user part, and the values of query
/// parameters called password, secret, token or the like.
[[nodiscard]] std::string mask_secrets(std::string_view text);

/// The table as Markdown, for docs/configuration.md.
[[nodiscard]] std::string settings_reference();

}  // namespace decant
