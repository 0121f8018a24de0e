#include "sandbox/child.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <new>

#include "sandbox/packet.h"
#include "sandbox/protocol.h"

namespace decant::sandbox {
namespace {

constexpr auto progress_interval = std::chrono::milliseconds(100);
/// Where the descriptors of a job go, in the order in which they come.
constexpr std::array job_fds = {input_fd, output_fd, control_fd, extras_fd, cover_fd};

constexpr int lock_down_failed = 97;
constexpr int protocol_failed = 98;

/// Off from the zygote: a group of its own, none of its descriptors but the standard ones, none of its signals.
void detach(int channel, pid_t parent) {
  ::setpgid(0, 0);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(0);
  sigset_t none;
  ::sigemptyset(&none);
  ::sigprocmask(SIG_SETMASK, &none, nullptr);
  if (channel != channel_fd && ::dup2(channel, channel_fd) < 0) ::_exit(lock_down_failed);
  ::close_range(channel_fd + 1, ~0U, 0);
}

void check_layers(std::span<const Layer> entered, std::span<const Layer> expected) {
  for (std::size_t i = 0; i < entered.size(); ++i) {
    if (expected[i].active && !entered[i].active) ::_exit(lock_down_failed);
  }
}

void write_packet(ChildMessage type, std::string_view text) {
  std::string packet(1, static_cast<char>(type));
  packet += text;
  while (::write(control_fd, packet.data(), packet.size()) < 0) {
    if (errno != EINTR) ::_exit(protocol_failed);
  }
}

void tell(ChildMessage type, std::string_view text) {
  constexpr std::size_t part = max_child_packet_bytes - 1;
  for (; text.size() > part; text.remove_prefix(part)) write_packet(ChildMessage::part, text.substr(0, part));
  write_packet(type, text);
}

template <class Value, class Encode>
void tell_outcome(const Result<Value>& outcome, Encode encode_value) {
  if (!outcome) return tell(ChildMessage::error, encode(outcome.error()));
  const std::string text = encode_value(*outcome);
  if (text.size() > max_outcome_bytes) {
    return tell(ChildMessage::error,
                encode(Error{ErrorCode::unprocessable, "the file describes itself at too great a length"}));
  }
  tell(ChildMessage::result, text);
}

Result<tasks::ConversionResult> convert(const JobSpec& spec, const ChildSetup& setup) {
  JobTokens tokens(channel_fd, setup.tokens);
  const HeldToken core(tokens);
  const int cover = spec.cover == JobSpec::Cover::given ? cover_fd : -1;
  const tasks::ConversionJob job{input_fd, output_fd, spec.target, spec.options, spec.time_limit, extras_fd, cover};
  std::chrono::steady_clock::time_point next_report{};
  return setup.workload.convert(
      job,
      [&](double part_done) {
        const auto now = std::chrono::steady_clock::now();
        if (now < next_report) return;
        next_report = now + progress_interval;
        tell(ChildMessage::progress, encode_progress(part_done));
      },
      tokens);
}

void work(const JobSpec& spec, const ChildSetup& setup) try {
  if (spec.kind == JobSpec::Kind::probe) {
    tell_outcome(setup.workload.probe(input_fd), [](const tasks::MediaInfo& info) { return tasks::to_json(info); });
  } else {
    tell_outcome(convert(spec, setup), [](const tasks::ConversionResult& result) { return encode(result); });
  }
} catch (const std::bad_alloc&) {
  tell(ChildMessage::error,
       encode(Error{ErrorCode::unprocessable, "this file takes more memory than a conversion may use"}));
} catch (const std::exception& error) {
  tell(ChildMessage::error, encode(Error{ErrorCode::internal, "the engine failed on this file", error.what()}));
}

}  // namespace

void run_child(int channel, pid_t parent, const ChildSetup& setup) {
  detach(channel, parent);
  const Layers outer = enter_outer_jail(setup.limits);
  check_layers(outer, setup.expected);
  auto packet = receive_packet(channel_fd, max_job_bytes);
  if (!packet || packet->bytes.empty()) ::_exit(0);
  const auto spec = parse_job(packet->bytes);
  if (!spec || packet->descriptors.size() != job_fds.size()) ::_exit(protocol_failed);
  // They came as the lowest numbers behind the channel's: the last can only be put on the places of others that have
  // been put on theirs.
  for (std::size_t i = 0; i < job_fds.size(); ++i) {
    if (::dup2(packet->descriptors[i].release(), job_fds[i]) < 0) ::_exit(lock_down_failed);
  }
  check_layers(enter_inner_jail(setup.seccomp, setup.limits, spec->time_limit),
               std::span(setup.expected).subspan(outer.size()));
  work(*spec, setup);
  ::_exit(0);
}

void run_self_test(int channel, pid_t parent, const ChildSetup& setup) {
  detach(channel, parent);
  Hello hello{.catalog = {}, .layers = enter_outer_jail(setup.limits)};
  for (Layer& layer : enter_inner_jail(setup.seccomp, setup.limits, std::chrono::minutes(1))) {
    hello.layers.push_back(std::move(layer));
  }
  Layer& seccomp = hello.layers.back();
  if (seccomp.active && (::open("/", O_RDONLY) >= 0 || errno != EACCES)) {
    seccomp = missing_layer(seccomp.name, "installed, yet a file could be opened");
  }
  const std::string text = encode(hello);
  (void)!::write(channel_fd, text.data(), text.size());
  ::_exit(0);
}

}  // namespace decant::sandbox
