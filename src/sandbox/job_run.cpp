#include "sandbox/job_run.h"

#include <poll.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cerrno>
#include <csignal>
#include <cstring>

#include "sandbox/packet.h"

namespace decant::sandbox {
namespace {

using Steady = std::chrono::steady_clock;

constexpr auto progress_interval = std::chrono::milliseconds(100);
constexpr std::size_t max_noise = 2000;
/// The zygote keeps the deadlines; when it does not, it hangs.
constexpr auto zygote_grace = std::chrono::seconds(10);

/// Puts a child's packets together. Nothing in them is believed but their bounds.
class Listener {
 public:
  Listener(const tasks::ProgressListener& on_progress, JobEnd& end) : on_progress_(on_progress), end_(end) {}

  void take(std::string_view packet) {
    const std::string_view text = packet.substr(1);
    switch (static_cast<ChildMessage>(packet.front())) {
      case ChildMessage::progress: return take_progress(text);
      case ChildMessage::part: return append(text);
      case ChildMessage::result:
        append(text);
        if (!is_done()) end_.result = std::move(text_);
        return;
      case ChildMessage::error:
        append(text);
        if (!is_done()) end_.error = std::move(text_);
        return;
    }
    end_.noise += packet.substr(0, max_noise - std::min(max_noise, end_.noise.size()));
  }

 private:
  [[nodiscard]] bool is_done() const { return end_.result || end_.error; }

  void append(std::string_view text) {
    if (text_.size() + text.size() <= max_outcome_bytes) text_ += text;
  }

  void take_progress(std::string_view text) {
    const auto part_done = parse_progress(text);
    const auto now = Steady::now();
    if (!on_progress_ || !part_done || now < next_progress_) return;
    next_progress_ = now + progress_interval;
    on_progress_(*part_done);
  }

  const tasks::ProgressListener& on_progress_;
  JobEnd& end_;
  std::string text_;
  Steady::time_point next_progress_{};
};

/// False when there is nothing more to come.
bool take_packet(int control, Listener& listener) {
  const auto packet = receive_packet(control, max_child_packet_bytes, Blocking::never);
  if (!packet) return packet.error().code == ErrorCode::internal;  // too long a packet: as if it had not come
  if (packet->bytes.empty()) return false;
  listener.take(packet->bytes);
  return true;
}

/// Until the zygote tells the child's end. False: it hangs.
bool follow(int control, int lifeline, Steady::time_point patience, Listener& listener, JobEnd& end) {
  std::array<pollfd, 2> polled{pollfd{lifeline, POLLIN, 0}, pollfd{control, POLLIN, 0}};
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(patience - Steady::now()).count();
    if (left <= 0) return false;
    const int count = ::poll(polled.data(), polled.size(), static_cast<int>(std::min<std::int64_t>(left, 1'000'000)));
    if (count < 0 && errno != EINTR) return false;
    if (count <= 0) continue;
    if (polled[1].revents != 0 && !take_packet(control, listener)) polled[1].fd = -1;
    if (polled[0].revents == 0) continue;
    const auto status = receive_packet(lifeline, sizeof(JobStatus), Blocking::never);
    if (status) end.status = parse_status(status->bytes);
    while (take_packet(control, listener)) {
    }
    return true;
  }
}

std::string describe_limit(std::chrono::milliseconds limit) {
  return limit.count() % 1000 == 0 ? fmt::format("{} s", limit.count() / 1000) : fmt::format("{} ms", limit.count());
}

Error explain_signal(int signal, const JobSpec& job, std::string detail) {
  if (signal == SIGXCPU) {
    return {ErrorCode::timed_out,
            fmt::format("reading this file took more computing than its limit of {} allows",
                        describe_limit(job.time_limit)),
            std::move(detail)};
  }
  if (signal == SIGKILL) {
    return {ErrorCode::crashed, "the engine was killed by the system while it worked on this file", std::move(detail)};
  }
  if (signal == SIGSYS) detail += "; it tried what the sandbox forbids";
  const char* name = ::sigabbrev_np(signal);
  return {
      ErrorCode::crashed,
      fmt::format("the decoder crashed on this file (signal SIG{})", name != nullptr ? name : std::to_string(signal)),
      std::move(detail)};
}

}  // namespace

Result<JobEnd> run_job(const EngineProcess& engine, const JobSpec& job, const JobFiles& files,
                       const tasks::ProgressListener& on_progress, const std::stop_token& stop) {
  DECANT_TRY(SocketPair control, make_socket_pair());
  DECANT_TRY(SocketPair lifeline, make_socket_pair());
  const std::array given{files.input,  files.output, control.theirs.get(),
                         files.extras, files.cover,  lifeline.theirs.get()};
  DECANT_CHECK(send_packet(engine.control(), encode(job), given));
  control.theirs.close();
  lifeline.theirs.close();

  JobEnd end;
  Listener listener(on_progress, end);
  const std::stop_callback cancel(stop, [&] { ::shutdown(lifeline.ours.get(), SHUT_WR); });
  if (!follow(control.ours.get(), lifeline.ours.get(), Steady::now() + job.time_limit + zygote_grace, listener, end)) {
    engine.kill();
  }
  return end;
}

bool ended_well(const JobEnd& end) {
  return end.status && end.status->cause == JobStatus::Cause::exited && WIFEXITED(end.status->wait_status) &&
         WEXITSTATUS(end.status->wait_status) == 0;
}

Error explain(const JobEnd& end, const JobSpec& job) {
  std::string detail = printable(end.noise, max_noise);
  if (!end.status) return {ErrorCode::unavailable, "the engine had to be restarted; try again", std::move(detail)};
  switch (end.status->cause) {
    case JobStatus::Cause::deadline:
      return {ErrorCode::timed_out,
              fmt::format("this file took longer than its limit of {}", describe_limit(job.time_limit)),
              std::move(detail)};
    case JobStatus::Cause::canceled: return {ErrorCode::canceled, "the conversion was canceled", {}};
    case JobStatus::Cause::refused:
      return {ErrorCode::unavailable, "the engine cannot take more work now; try again", std::move(detail)};
    case JobStatus::Cause::rejected:
      return {ErrorCode::crashed, "the decoder went wrong on this file",
              "it broke the protocol of the zygote; " + detail};
    case JobStatus::Cause::exited: break;
  }
  if (WIFSIGNALED(end.status->wait_status))
    return explain_signal(WTERMSIG(end.status->wait_status), job, std::move(detail));
  if (ended_well(end) && end.error) {
    if (auto error = parse_error(*end.error)) return *std::move(error);
  }
  return {ErrorCode::crashed, "the decoder went wrong on this file",
          fmt::format("it ended without a readable outcome, wait status {}; {}", end.status->wait_status, detail)};
}

}  // namespace decant::sandbox
