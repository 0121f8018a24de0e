// decant-engine-test: the real zygote and jail; the "formats" are what a decoder may do inside: work, break, attack.
#include <fmt/format.h>
#include <sys/mman.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <functional>
#include <thread>
#include <vector>

#include "sandbox/test_engine/attacks.h"
#include "sandbox/zygote.h"

namespace decant::sandbox {
namespace {

using Outcome = Result<tasks::ConversionResult>;

Outcome report(std::string json) { return tasks::ConversionResult{std::move(json), 1, 48000, std::chrono::seconds(1)}; }

void rest() { std::this_thread::sleep_for(std::chrono::milliseconds(5)); }

struct Call {
  const tasks::ConversionJob& job;
  const tasks::ProgressListener& on_progress;
  JobTokens& tokens;
};

Outcome copy(const Call& call) {
  std::array<char, 4096> buffer{};
  off_t at = 0;
  ssize_t size = 0;
  while ((size = ::pread(call.job.input, buffer.data(), buffer.size(), at)) > 0) {
    if (::pwrite(call.job.output, buffer.data(), static_cast<std::size_t>(size), at) != size)
      return system_failure(errno, "write the result");
    at += size;
  }
  call.on_progress(1);
  return report(fmt::format(R"({{"bytes":{}}})", at));
}

Outcome wait(const Call& call) {
  call.on_progress(0.5);
  for (;;) rest();
}

Outcome spin_in_threads(const Call&) {
  std::atomic<std::uint64_t> work = 0;
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i)
    threads.emplace_back([&] {
      for (;;) ++work;
    });
  threads.clear();
  return report("{}");
}

Outcome count_in_threads(const Call&) {
  std::atomic<int> count = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) threads.emplace_back([&] { ++count; });
  }
  return report(fmt::format(R"({{"threads":{}}})", count.load()));
}

Outcome break_memory(const Call&) {
  *static_cast<volatile int*>(nullptr) = 1;
  return report("{}");
}

Outcome take_memory(const Call&) {
  std::vector<std::vector<char>> taken;
  for (;;) taken.emplace_back(std::size_t{16} << 20, 'x');
}

Outcome fill_disk(const Call& call) {
  const std::vector<char> block(std::size_t{1} << 20, 'x');
  for (off_t at = 0;; at += static_cast<off_t>(block.size())) {
    if (::pwrite(call.job.output, block.data(), block.size(), at) != static_cast<ssize_t>(block.size())) {
      return system_failure(EFBIG, "write the result");
    }
  }
}

Outcome count_tokens(const Call& call) {
  int more = 0;
  while (call.tokens.try_acquire()) ++more;
  for (int i = 0; i < more; ++i) call.tokens.release();
  return report(fmt::format(R"({{"more":{}}})", more));
}

Outcome hoard_tokens(const Call& call) {
  while (call.tokens.try_acquire()) {
  }
  return wait(call);
}

Outcome forge_tokens(const Call& call) {
  for (int i = 0; i < 10; ++i) call.tokens.release();
  return wait(call);
}

void send(std::string_view bytes) { (void)!::write(control_fd, bytes.data(), bytes.size()); }

Outcome flood_progress(const Call&) {
  for (int i = 0; i < 10'000; ++i) send("\0010.5");
  return report("{}");
}

Outcome talk_nonsense(const Call&) {
  for (const std::string_view text :
       {"\1nan", "\1-1", "\0011e99", "\1", "free(): invalid pointer\n", "\3{\"report\":\"[]\"}"})
    send(text);
  send(std::string(100'000, '\2'));
  ::_exit(0);
}

Outcome with_artifacts(std::vector<tasks::Artifact> artifacts) {
  Outcome outcome = report("{}");
  outcome->artifacts = std::move(artifacts);
  return outcome;
}

Outcome make_artifacts(const Call& call) {
  constexpr std::string_view text = "peakspicture";
  if (::pwrite(call.job.extras, text.data(), text.size(), 0) != std::ssize(text)) {
    return system_failure(errno, "write the extras");
  }
  return with_artifacts({{tasks::Analysis::waveform, 0, 5}, {tasks::Analysis::spectrogram, 5, 7}});
}
Outcome claim_artifact(const Call&) { return with_artifacts({{tasks::Analysis::waveform, 0, 5}}); }
Outcome read_extras(const Call& call) {
  char byte = 0;
  return ::pread(call.job.extras, &byte, 1, 0) == 1 ? report("{}") : system_failure(errno, "read the extras");
}

Outcome copy_cover(const Call& call) {
  if (call.job.cover < 0) return report(R"({"cover":false})");
  std::array<char, 64> buffer{};
  const ssize_t size = ::pread(call.job.cover, buffer.data(), buffer.size(), 0);
  if (size < 0 || ::pwrite(call.job.output, buffer.data(), static_cast<std::size_t>(size), 0) != size)
    return system_failure(errno, "copy the cover");
  return report(R"({"cover":true})");
}

Outcome claim_cancellation(const Call&) { return failure(ErrorCode::canceled, "trust me"); }
Outcome refuse(const Call&) { return failure(ErrorCode::unprocessable, "breaks at 1.5 s", "bad\nheader"); }
Outcome leave(const Call&) { ::_exit(0); }
Outcome write_long_report(const Call&) {
  return report(fmt::format(R"({{"text":"{}"}})", std::string(1'000'000, 'x')));
}
Outcome write_endless_report(const Call&) { return report(std::string(16 << 20, ' ')); }
Outcome throw_exception(const Call&) { throw std::runtime_error("unexpected"); }
Outcome abort_process(const Call&) { std::abort(); }

bool has_environment = false;

Outcome show_environment(const Call&) { return report(fmt::format(R"({{"environment":{}}})", has_environment)); }

const std::map<std::string_view, Outcome (*)(const Call&)> behaviours = {
    {"copy", copy},
    {"wait", wait},
    {"spin_in_threads", spin_in_threads},
    {"count_in_threads", count_in_threads},
    {"break_memory", break_memory},
    {"take_memory", take_memory},
    {"fill_disk", fill_disk},
    {"count_tokens", count_tokens},
    {"hoard_tokens", hoard_tokens},
    {"forge_tokens", forge_tokens},
    {"flood_progress", flood_progress},
    {"talk_nonsense", talk_nonsense},
    {"make_artifacts", make_artifacts},
    {"claim_artifact", claim_artifact},
    {"read_extras", read_extras},
    {"copy_cover", copy_cover},
    {"claim_cancellation", claim_cancellation},
    {"refuse", refuse},
    {"leave", leave},
    {"write_long_report", write_long_report},
    {"write_endless_report", write_endless_report},
    {"throw_exception", throw_exception},
    {"abort_process", abort_process},
    {"show_environment", show_environment},
};

Outcome convert(const tasks::ConversionJob& job, const tasks::ProgressListener& on_progress, JobTokens& tokens) {
  if (const auto attack = attacks().find(job.target); attack != attacks().end()) {
    const int error_number = attack->second();
    return report(
        fmt::format(R"({{"attack":"{}","errno":{}}})", error_number == 0 ? "succeeded" : "failed", error_number));
  }
  return behaviours.at(job.target)({job, on_progress, tokens});
}

Result<tasks::MediaInfo> probe(int input) {
  std::array<char, 4> magic{};
  if (::pread(input, magic.data(), magic.size(), 0) != static_cast<ssize_t>(magic.size())) {
    return failure(ErrorCode::unsupported_media, "this is no audio");
  }
  const std::string_view text(magic.data(), magic.size());
  if (text == "WAIT") {
    for (;;) rest();
  }
  if (text == "BOOM") std::raise(SIGSEGV);
  tasks::MediaInfo info;
  info.container = text;
  return info;
}

std::string catalog() {
  tasks::FormatCatalog formats;
  tasks::TargetFormat copy_format;
  copy_format.name = "copy";
  formats.targets.push_back(copy_format);
  return tasks::to_json(formats);
}

}  // namespace
}  // namespace decant::sandbox

int main(int argc, char** argv, char** environment) {
  namespace sandbox = decant::sandbox;
  sandbox::attacked_parent = ::getpid();
  for (; *environment != nullptr; ++environment) {
    if (std::string_view(*environment) != "LD_BIND_NOW=1") sandbox::has_environment = true;
  }
  const auto nothing = [](auto) {};
  const auto no_libraries = [](auto) { return std::vector<std::string_view>{}; };
  const sandbox::Workload workload{nothing, sandbox::catalog(), sandbox::probe, sandbox::convert, no_libraries};
  ::_exit(sandbox::run_zygote({argv, static_cast<std::size_t>(argc)}, workload));
}
