#include "programs/options.h"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <thread>

#include "http/method.h"
#include "programs/backends.h"
#include "programs/listen_address.h"
#include "programs/tracing.h"

namespace decant::programs {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

int or_one_a_core(int count) {
  return count > 0 ? count : static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
}

std::vector<std::string> split_list(std::string_view text) {
  std::vector<std::string> entries;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    std::string_view entry = text.substr(0, comma);
    while (entry.starts_with(' ')) entry.remove_prefix(1);
    while (entry.ends_with(' ')) entry.remove_suffix(1);
    if (!entry.empty()) entries.emplace_back(entry);
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return entries;
}

http::EventOptions event_options(const Settings& settings) {
  return {.watch = {.interval = settings.events_interval,
                    .listeners = settings.events_listeners,
                    .listeners_per_user = settings.events_per_user,
                    .batch = settings.events_batch},
          .heartbeat = settings.events_heartbeat,
          .lifetime = settings.events_lifetime,
          .retry = settings.events_retry,
          .backlog = settings.events_backlog};
}

}  // namespace

Result<http::ServerOptions> server_options(const Settings& settings, metrics::Metrics& metrics, SpanSink spans) {
  DECANT_TRY(const ListenAddress listen, parse_listen_address(settings.listen));
  http::ServerOptions options;
  options.address = listen.host;
  options.port = listen.port;
  options.threads = or_one_a_core(settings.http_threads);
  options.max_connections = settings.connections;
  options.max_connections_per_address = settings.connections_per_address;
  options.max_header_bytes = static_cast<std::size_t>(settings.header_limit);
  options.max_header_fields = settings.header_fields;
  options.max_target_bytes = static_cast<std::size_t>(settings.target_limit);
  options.header_timeout = settings.header_timeout;
  options.idle_timeout = settings.idle_timeout;
  options.body_pace = {settings.upload_pace, settings.upload_pace_window};
  options.response_pace = {settings.download_pace, settings.download_pace_window};
  options.max_discarded_body = settings.discard_limit;
  options.linger_timeout = settings.linger_timeout;
  options.trusted_proxies = split_list(settings.trusted_proxies);
  options.access_log_level = find_log_level(settings.access_log_level).value_or(LogLevel::info);
  options.observe = [&metrics, spans = std::move(spans)](const http::Answered& answered) {
    const http::Route* route = answered.route;
    metrics.request_answered(
        route == nullptr ? "" : fmt::format("{} {}", http::to_string(route->method), route->pattern), answered.status,
        answered.took);
    if (!spans) return;
    if (auto span = make_span(answered, std::chrono::system_clock::now())) spans(*std::move(span));
  };
  return options;
}

PreemptionOptions preemption_options(const Settings& settings) {
  return {
      .cloud = settings.preemption, .metadata = settings.preemption_metadata, .interval = settings.preemption_interval};
}

http::ApiOptions api_options(const Settings& settings) {
  http::ApiOptions options;
  options.access_lifetime = duration_cast<seconds>(settings.access_lifetime);
  options.refresh_lifetime = duration_cast<seconds>(settings.refresh_lifetime);
  options.download_lifetime = duration_cast<seconds>(settings.download_lifetime);
  options.user_cache_lifetime = settings.account_cache;
  options.secure_cookies =
      settings.secure_cookies == "always" ? http::SecureCookies::always : http::SecureCookies::automatic;
  options.sign_ups = settings.sign_ups == "closed" ? http::SignUps::closed : http::SignUps::open;
  options.password_cost = {settings.password_memory, static_cast<unsigned>(settings.password_passes)};
  options.hash_concurrency = settings.password_hashes;
  options.hash_queue = settings.password_queue;
  options.log_ins_per_address = {settings.log_ins_per_address, settings.log_ins_per_address_interval};
  options.log_ins_per_account = {settings.log_ins_per_account, settings.log_ins_per_account_interval};
  options.sign_ups_per_address = {settings.sign_ups_per_address, settings.sign_ups_per_address_interval};
  options.sign_ups_per_account = {settings.sign_ups_per_account, settings.sign_ups_per_account_interval};
  options.most_throttle_keys = static_cast<std::size_t>(settings.throttle_keys);
  options.downloads = settings.downloads == "redirect" ? http::Downloads::redirect : http::Downloads::proxy;
  options.link_lifetime = duration_cast<seconds>(settings.download_link_lifetime);
  options.spool_folder = spool_folder(settings);
  options.upload_limit = settings.upload_limit;
  options.cover = cover_limits(settings);
  options.uploads_per_user = settings.uploads_per_user;
  options.direct_uploads_per_user = settings.direct_uploads_per_user;
  options.upload_link_lifetime = duration_cast<seconds>(settings.upload_link_lifetime);
  options.direct_upload_grace = settings.direct_upload_grace;
  options.quota = settings.user_quota;
  options.max_attempts = settings.max_attempts;
  options.list_max = settings.list_limit;
  options.list_cache = settings.list_cache;
  options.events = event_options(settings);
  return options;
}

tasks::CoverLimits cover_limits(const Settings& settings) {
  return {.bytes = settings.cover_limit, .side = static_cast<std::uint32_t>(settings.cover_side)};
}

std::string process_name() {
  std::array<char, 256> host{};
  ::gethostname(host.data(), host.size() - 1);
  return fmt::format("{}/{}", host.data(), ::getpid());
}

int worker_slots(const Settings& settings) { return or_one_a_core(settings.workers); }

worker::WorkerOptions worker_options(const Settings& settings, SpanSink spans) {
  worker::WorkerOptions options;
  options.name = process_name();
  options.slots = worker_slots(settings);
  options.lease.lease = settings.lease;
  options.lease.heartbeat = settings.lease / 3;
  options.lease.heartbeat_retry = std::min(options.lease.heartbeat_retry, settings.lease / 10);
  options.attempt.spool_folder = spool_folder(settings);
  options.attempt.time_limit_base = settings.conversion_timeout_base;
  options.attempt.time_limit_longest = settings.conversion_timeout;
  options.attempt.backoff = {settings.retry_pause, settings.retry_pause_limit};
  options.attempt.spans = std::move(spans);
  options.poll_interval = settings.poll_interval;
  return options;
}

tasks::SweeperOptions sweeper_options(const Settings& settings) {
  tasks::SweeperOptions options;
  options.retention = settings.retention;
  options.orphan_grace = settings.orphan_grace;
  options.orphan_scan_interval = settings.orphan_scan_interval;
  options.ring_again_after = settings.ring_again_after;
  options.batch = settings.sweep_batch;
  return options;
}

worker::SweepLoopOptions sweep_loop_options(const Settings& settings, metrics::Metrics& metrics) {
  return {.interval = settings.sweep_interval,
          .jitter = settings.sweep_jitter,
          .observe = [&metrics](const tasks::SweepSummary& summary) { metrics.swept(summary); }};
}

}  // namespace decant::programs
