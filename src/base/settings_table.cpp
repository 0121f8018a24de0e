#include <fmt/format.h>

#include "base/settings.h"

namespace decant {
namespace {

constexpr std::int64_t second = 1000;
constexpr std::int64_t minute = 60 * second;
constexpr std::int64_t hour = 60 * minute;
constexpr std::int64_t day = 24 * hour;
constexpr std::int64_t kib = 1024;
constexpr std::int64_t mib = 1024 * kib;
constexpr std::int64_t gib = 1024 * mib;
constexpr std::int64_t tib = 1024 * gib;

// clang-format off
const std::vector<Setting> table = {
  {"Places", "data", &Settings::data, "~/.local/share/decant", "folder of everything embedded: database, files, signing keys; made at the first start"},
  {"Places", "database", &Settings::database, "sqlite://{data}/decant.db", "URL of the database: sqlite:///path or postgresql://user:password@host:5432/name?sslmode=verify-full"},
  {"Places", "objects", &Settings::objects, "file://{data}/objects", "URL of the object store: file:///path, s3://bucket/prefix?endpoint=URL&region=NAME or gs://bucket/prefix"},
  {"Places", "broker", &Settings::broker, "database:", "URL of the broker; database: has none, the task rows are the queue; nats://host,host/stream; pubsub://project/topic"},

  {"Server", "listen", &Settings::listen, "127.0.0.1:8080", "numeric address and port of the page and the API; port 0: the kernel chooses"},
  {"Server", "trusted_proxies", &Settings::trusted_proxies, "", "addresses and networks whose X-Forwarded-For is believed, with commas between: 10.0.0.0/8,::1"},
  {"Server", "http_threads", &Settings::http_threads, "0", "threads that serve connections; 0: one for every core", 0, 256},
  {"Server", "blocking_threads", &Settings::blocking_threads, "16", "threads for what waits for disk and database; as many again wait for the object store", 1, 1024},
  {"Server", "blocking_queue", &Settings::blocking_queue, "1024", "requests that wait for one of those threads; more are 503", 1, 1'000'000},
  {"Server", "connections", &Settings::connections, "10000", "open connections; more are 503", 1, 1'000'000},
  {"Server", "connections_per_address", &Settings::connections_per_address, "256", "open connections of one address that is no trusted proxy", 1, 1'000'000},
  {"Server", "header_limit", &Settings::header_limit, "16KiB", "the most bytes of a request's head; more is 431", 1 * kib, 1 * mib},
  {"Server", "header_fields", &Settings::header_fields, "100", "the most fields of a request's head; more is 431", 10, 10'000},
  {"Server", "target_limit", &Settings::target_limit, "8KiB", "the most bytes of a request's path and query; more is 414", 256, 1 * mib},
  {"Server", "header_timeout", &Settings::header_timeout, "10s", "how long a request's head may take to arrive; then 408", 100, 1 * hour},
  {"Server", "idle_timeout", &Settings::idle_timeout, "1min", "how long a connection may wait for its next request", 100, 1 * day},
  {"Server", "upload_pace", &Settings::upload_pace, "4KiB", "an upload that brings less than this in every upload_pace_window is 408", 0, 1 * gib},
  {"Server", "upload_pace_window", &Settings::upload_pace_window, "10s", "see upload_pace", 100, 1 * hour},
  {"Server", "download_pace", &Settings::download_pace, "4KiB", "a download that takes less than this in every download_pace_window is cut", 0, 1 * gib},
  {"Server", "download_pace_window", &Settings::download_pace_window, "20s", "see download_pace", 100, 1 * hour},
  {"Server", "discard_limit", &Settings::discard_limit, "64KiB", "the most that is read of a refused request's body to keep its connection", 0, 1 * gib},
  {"Server", "linger_timeout", &Settings::linger_timeout, "10s", "how long the rest of a refused request is taken in", 0, 1 * hour},

  {"Uploads", "upload_limit", &Settings::upload_limit, "1GiB", "the most bytes of one upload; more is 413", 1 * kib, 1 * tib},
  {"Uploads", "uploads_per_user", &Settings::uploads_per_user, "16", "uploads of one user that may arrive at once; more are 429", 1, 10'000},
  {"Uploads", "direct_uploads_per_user", &Settings::direct_uploads_per_user, "100", "direct uploads of one user that may be open; more are 429", 1, 1'000'000},
  {"Uploads", "upload_link_lifetime", &Settings::upload_link_lifetime, "15min", "how long the link holds by which a direct upload is put into the object store", 1 * second, 7 * day},
  {"Uploads", "direct_upload_grace", &Settings::direct_upload_grace, "1h", "direct uploads that are not confirmed this long after that are deleted", 0, 365 * day},
  {"Uploads", "user_quota", &Settings::user_quota, "10GiB", "the most bytes that the files of one user may hold; more is 507; 0: no bound", 0, 1024 * tib},
  {"Uploads", "cover_limit", &Settings::cover_limit, "10MiB", "the most bytes of a picture that is given as cover; more is 413", 1 * kib, 15 * mib},
  {"Uploads", "cover_side", &Settings::cover_side, "10000", "the most pixels at a side of it; more is 422", 1, 65535},
  {"Uploads", "list_limit", &Settings::list_limit, "1000", "the most tasks on one page of a list", 1, 100'000},
  {"Uploads", "list_cache", &Settings::list_cache, "16MiB", "memory for lists that are kept while nothing changes (SQLite); 0: none", 0, 4 * gib},

  {"Accounts", "sign_ups", &Settings::sign_ups, "open", "whether visitors may make accounts; `decant user add` always may", 0, 0, {"open", "closed"}},
  {"Accounts", "jwt_keys", &Settings::jwt_keys, "{data}/jwt.key", "file with the secret that signs tokens; a second line holds the previous one, which is still accepted"},
  {"Accounts", "access_lifetime", &Settings::access_lifetime, "15min", "how long a token of the API holds", 1 * minute, 365 * day},
  {"Accounts", "refresh_lifetime", &Settings::refresh_lifetime, "30d", "how long the page stays logged in", 1 * minute, 3650 * day},
  {"Accounts", "download_lifetime", &Settings::download_lifetime, "12h", "how long the page's download links hold", 1 * minute, 365 * day},
  {"Accounts", "account_cache", &Settings::account_cache, "3s", "disabling an account and a new password hold after this at the latest", 0, 1 * hour},
  {"Accounts", "secure_cookies", &Settings::secure_cookies, "auto", "auto: cookies are Secure when the request came by https", 0, 0, {"auto", "always"}},
  {"Accounts", "password_memory", &Settings::password_memory, "19MiB", "memory that one password hash costs (Argon2id)", 8 * kib, 4 * gib},
  {"Accounts", "password_passes", &Settings::password_passes, "2", "passes that one password hash makes over it", 1, 100},
  {"Accounts", "password_hashes", &Settings::password_hashes, "0", "password hashes at once; 0: one for every two cores", 0, 1024},
  {"Accounts", "password_queue", &Settings::password_queue, "1000", "log-ins and sign-ups that wait for one; more are 429", 0, 100'000},
  {"Accounts", "log_ins_per_address", &Settings::log_ins_per_address, "30", "failed log-ins of one address at once", 1, 1'000'000},
  {"Accounts", "log_ins_per_address_interval", &Settings::log_ins_per_address_interval, "2s", "then one more every so often", 1, 1 * day},
  {"Accounts", "log_ins_per_account", &Settings::log_ins_per_account, "10", "failed log-ins to one account at once", 1, 1'000'000},
  {"Accounts", "log_ins_per_account_interval", &Settings::log_ins_per_account_interval, "10s", "then one more every so often", 1, 1 * day},
  {"Accounts", "sign_ups_per_address", &Settings::sign_ups_per_address, "20", "accounts that one address may make at once", 1, 1'000'000},
  {"Accounts", "sign_ups_per_address_interval", &Settings::sign_ups_per_address_interval, "30s", "then one more every so often", 1, 1 * day},
  {"Accounts", "sign_ups_per_account", &Settings::sign_ups_per_account, "5", "sign-ups with one e-mail address at once", 1, 1'000'000},
  {"Accounts", "sign_ups_per_account_interval", &Settings::sign_ups_per_account_interval, "1min", "then one more every so often", 1, 1 * day},
  {"Accounts", "throttle_keys", &Settings::throttle_keys, "10000", "addresses and accounts whose tries are remembered; about 200 bytes each", 100, 10'000'000},

  {"Events", "events_interval", &Settings::events_interval, "250ms", "how often a web process that has listeners looks for what changed", 10, 1 * minute},
  {"Events", "events_listeners", &Settings::events_listeners, "1000", "streams of events at once; more are 503", 1, 1'000'000},
  {"Events", "events_per_user", &Settings::events_per_user, "8", "streams of one user at once; more are 429", 1, 10'000},
  {"Events", "events_batch", &Settings::events_batch, "500", "changes read at once; a stream with more untaken ones ends, and the client reads on from there", 1, 100'000},
  {"Events", "events_heartbeat", &Settings::events_heartbeat, "15s", "a stream without an event gets a comment after this, and its token is checked again", 100, 1 * hour},
  {"Events", "events_lifetime", &Settings::events_lifetime, "1h", "then a stream ends, and the client comes back", 1 * second, 365 * day},
  {"Events", "events_retry", &Settings::events_retry, "2s", "after how long, from half to three halves of it, a client comes back", 10, 1 * hour},
  {"Events", "events_backlog", &Settings::events_backlog, "64KiB", "a client that leaves more than this unread for events_heartbeat is cut", 1 * kib, 1 * gib},

  {"Worker", "workers", &Settings::workers, "0", "conversions at once; 0: one for every core", 0, 1024},
  {"Worker", "max_attempts", &Settings::max_attempts, "3", "how often a conversion is tried before its task has failed", 1, 100},
  {"Worker", "lease", &Settings::lease, "1min", "how long a worker that fell silent keeps its task", 1 * second, 1 * hour},
  {"Worker", "retry_pause", &Settings::retry_pause, "2s", "pause before the second try; each further one is twice as long", 0, 1 * hour},
  {"Worker", "retry_pause_limit", &Settings::retry_pause_limit, "5min", "the longest such pause", 0, 1 * day},
  {"Worker", "poll_interval", &Settings::poll_interval, "5s", "how long an idle worker waits for the bell before it looks by itself", 10, 1 * hour},
  {"Worker", "drain_budget", &Settings::drain_budget, "25s", "how long a stop waits for requests and conversions before they are cut or given back", 0, 1 * day},
  {"Worker", "preemption", &Settings::preemption, "off", "whose notice that it takes the machine away counts as SIGTERM: gce, aws, or auto, which finds out", 0, 0, {"off", "auto", "gce", "aws"}},
  {"Worker", "preemption_interval", &Settings::preemption_interval, "2s", "how often the cloud's metadata service is asked for it", 10, 1 * minute},
  {"Worker", "preemption_metadata", &Settings::preemption_metadata, "http://169.254.169.254", "where that service is"},

  {"Engine", "sandbox", &Settings::sandbox, "auto", "auto: use every layer of lock-down that the host has; require: do not start unless all are there", 0, 0, {"auto", "require"}},
  {"Engine", "cores", &Settings::cores, "0", "conversions that compute at the same moment; 0: one for every core", 0, 1024},
  {"Engine", "conversion_memory", &Settings::conversion_memory, "512MiB", "the most memory of one conversion", 64 * mib, 64 * gib},
  {"Engine", "result_limit", &Settings::result_limit, "4GiB", "the most bytes of one result", 1 * mib, 1 * tib},
  {"Engine", "probe_timeout", &Settings::probe_timeout, "10s", "the longest that looking into an upload may take", 100, 1 * hour},
  {"Engine", "conversion_timeout", &Settings::conversion_timeout, "6h", "the longest that one conversion may take", 1 * second, 7 * day},
  {"Engine", "conversion_timeout_base", &Settings::conversion_timeout_base, "2min", "a conversion may take this and the length of its audio, conversion_timeout at the most", 1 * second, 1 * day},
  {"Engine", "engine_start_timeout", &Settings::engine_start_timeout, "20s", "how long the engine may take to be ready", 1 * second, 1 * hour},
  {"Engine", "engine_restart_wait", &Settings::engine_restart_wait, "5s", "how long a conversion waits for an engine that died and is being restarted", 0, 1 * hour},

  {"Clean-up", "retention", &Settings::retention, "0", "finished tasks older than this are deleted with their files; 0: never", 0, 3650 * day},
  {"Clean-up", "orphan_grace", &Settings::orphan_grace, "1h", "stored files that belong to no task are deleted when they are older than this", 1 * second, 365 * day},
  {"Clean-up", "orphan_scan_interval", &Settings::orphan_scan_interval, "10min", "time between two searches for such files", 100, 1 * day},
  {"Clean-up", "sweep_interval", &Settings::sweep_interval, "15s", "time between two looks for expired leases and deleted tasks", 10, 1 * day},
  {"Clean-up", "sweep_jitter", &Settings::sweep_jitter, "5s", "at random up to this longer, so that processes do not sweep in step", 0, 1 * day},
  {"Clean-up", "ring_again_after", &Settings::ring_again_after, "5min", "a task that waits this long for a worker is published to the broker again", 1 * second, 1 * day},
  {"Clean-up", "sweep_batch", &Settings::sweep_batch, "200", "rows in one transaction of a sweep", 1, 10'000},

  {"Database", "database_busy_timeout", &Settings::database_busy_timeout, "5s", "how long a call waits for other processes, or for a free connection", 0, 10 * minute},
  {"Database", "database_connections", &Settings::database_connections, "8", "PostgreSQL: connections of one process; further calls wait", 1, 1000},
  {"Database", "database_connect_timeout", &Settings::database_connect_timeout, "5s", "PostgreSQL: how long a connection may take to be made, for each host of the URL", 2 * second, 10 * minute},
  {"Database", "database_statement_timeout", &Settings::database_statement_timeout, "30s", "PostgreSQL: the longest that one statement may take", 100, 1 * day},
  {"Database", "database_idle_transaction_timeout", &Settings::database_idle_transaction_timeout, "3s", "PostgreSQL: a transaction whose process says nothing for this long is undone", 1 * second, 1 * day},
  {"Database", "database_readers", &Settings::database_readers, "4", "SQLite: reads that run at once", 1, 256},
  {"Database", "database_batch", &Settings::database_batch, "64", "SQLite: writes that share one commit", 1, 10'000},
  {"Database", "database_limit", &Settings::database_limit, "0", "SQLite: the most bytes of the database file; 0: no bound but the disk's", 0, 1024 * tib},

  {"Object store", "downloads", &Settings::downloads, "proxy", "redirect: files come from the object store directly, by links that hold for a while, where it can give them", 0, 0, {"proxy", "redirect"}},
  {"Object store", "download_link_lifetime", &Settings::download_link_lifetime, "5min", "how long such a link holds", 1 * second, 7 * day},
  {"Object store", "object_connections", &Settings::object_connections, "64", "requests at once to a remote object store; more wait", 1, 10'000},
  {"Object store", "object_tries", &Settings::object_tries, "5", "tries of a request to it that failed for a reason that passes", 1, 100},
  {"Object store", "object_connect_timeout", &Settings::object_connect_timeout, "5s", "how long a connection to it may take", 10, 10 * minute},
  {"Object store", "object_stall_timeout", &Settings::object_stall_timeout, "30s", "a request that moves less than 1 KiB/s this long is given up", 1 * second, 10 * minute},
  {"Object store", "object_request_timeout", &Settings::object_request_timeout, "2min", "the longest that one try may take", 1 * second, 1 * day},
  {"Object store", "object_part_size", &Settings::object_part_size, "16MiB", "larger files are sent in parts of this size", 5 * mib, 5 * gib},
  {"Object store", "object_read_window", &Settings::object_read_window, "1MiB", "memory that a download from it takes, and the most it asks for at a time", 64 * kib, 1 * gib},

  {"Metrics", "metrics_listen", &Settings::metrics_listen, "", "numeric address and port of /metrics for Prometheus, 127.0.0.1:9464; whoever reaches it sees all of it; empty: none; port 0: the kernel chooses"},

  {"Tracing", "otlp_endpoint", &Settings::otlp_endpoint, "", "base URL of an OpenTelemetry collector, http://127.0.0.1:4318: spans go to its /v1/traces as JSON; empty: none are made"},
  {"Tracing", "otlp_queue", &Settings::otlp_queue, "2048", "spans that may wait for it; more are dropped", 1, 1'000'000},
  {"Tracing", "otlp_batch", &Settings::otlp_batch, "512", "the most spans of one request to it", 1, 10'000},
  {"Tracing", "otlp_interval", &Settings::otlp_interval, "5s", "the longest that a span waits for others to go with it", 10, 1 * hour},
  {"Tracing", "otlp_timeout", &Settings::otlp_timeout, "3s", "the longest that one such request may take", 100, 1 * minute},

  {"Log", "log_level", &Settings::log_level, "info", "the least severe lines that are written", 0, 0, {"debug", "info", "warning", "error"}},
  {"Log", "log_format", &Settings::log_format, "auto", "how a line looks; auto: text on a terminal, JSON elsewhere", 0, 0, {"auto", "text", "json"}},
  {"Log", "access_log_level", &Settings::access_log_level, "info", "severity of the line for each request", 0, 0, {"debug", "info", "warning", "error"}},
};
// clang-format on

}  // namespace

std::span<const Setting> settings_table() { return table; }

std::string settings_reference() {
  std::string text;
  std::string_view group;
  for (const Setting& setting : table) {
    if (setting.group != group) {
      group = setting.group;
      text += fmt::format("{}### {}\n\n| variable | default | takes | meaning |\n| --- | --- | --- | --- |\n",
                          text.empty() ? "" : "\n", group);
    }
    text += fmt::format("| `{}` | `{}` | {} | {} |\n", setting.variable(), setting.default_text, setting.range(),
                        setting.help);
  }
  return text;
}

}  // namespace decant
