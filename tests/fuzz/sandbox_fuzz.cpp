// Mutates audio files and gives them to one locked-down engine, as a worker does: sandbox_fuzz ENGINE SECONDS SEEDS
// GOOD [CRASHES]. SEEDS has a folder for each demuxer, with its files; each is fuzzed for SECONDS, as many at once as
// there are cores. Whatever becomes of the children, this process and its engine must go on: every now and then, and at
// the end, GOOD has to convert as ever. Prints a line a demuxer; fails when the engine did not go on. What crashed a
// child is kept in the folder CRASHES.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <iostream>
#include <map>
#include <mutex>
#include <thread>

#include "mutate.h"
#include "sandbox/engine_converter.h"

namespace {

using namespace decant;
using namespace std::chrono_literals;
using Clock = std::chrono::steady_clock;

constexpr auto longest_conversion = 20s;
constexpr int files_between_checks = 50;

class Campaign {
 public:
  Campaign(tasks::Converter& converter, std::chrono::seconds length, fuzz::Bytes good, std::filesystem::path crashes)
      : converter_(converter), length_(length), good_(std::move(good)), crashes_(std::move(crashes)) {}

  /// Fuzzes one demuxer; false when the engine no longer converts what is good.
  bool run(const std::filesystem::path& folder) {
    std::vector<fuzz::Bytes> seeds;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) seeds.push_back(fuzz::read_file(entry));
    std::map<std::string, int> ends;
    std::mt19937 random(static_cast<unsigned>(std::hash<std::string>{}(folder.filename())));
    const auto end = Clock::now() + length_;
    bool is_well = !seeds.empty();
    for (int file = 1; is_well && Clock::now() < end; ++file) {
      const fuzz::Bytes bytes = fuzz::mutate(seeds[random() % seeds.size()], random);
      const Descriptor input = fuzz::memory_file("input", bytes);
      const auto note = [&](const std::string& outcome) {
        ++ends[outcome];
        if (outcome.ends_with("crashed")) keep(bytes, fmt::format("{}-{}", folder.filename().string(), file));
      };
      if (const auto info = converter_.probe(input.get()); !info) {
        note(fmt::format("probe {}", to_string(info.error().code)));
      }
      const auto& targets = converter_.formats().targets;
      note(convert(input, targets[random() % targets.size()].name));
      if (file % files_between_checks == 0) is_well = converts_good();
    }
    is_well = is_well && converts_good();
    const std::lock_guard lock(printing_);
    std::cout << folder.filename().string() << ':';
    for (const auto& [name, times] : ends) std::cout << ' ' << times << ' ' << name << ',';
    std::cout << (is_well ? " the engine goes on" : " THE ENGINE IS BROKEN") << std::endl;
    return is_well;
  }

 private:
  std::string convert(const Descriptor& input, const std::string& target) {
    const Descriptor output = fuzz::memory_file("output", {});
    const auto result = converter_.convert(
        {.input = input.get(), .output = output.get(), .target = target, .time_limit = longest_conversion}, {}, {});
    return result ? "converted" : std::string(to_string(result.error().code));
  }

  void keep(const fuzz::Bytes& bytes, const std::string& name) const {
    if (crashes_.empty()) return;
    std::ofstream(crashes_ / name, std::ios::binary).write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
  }

  bool converts_good() { return convert(fuzz::memory_file("good", good_), "flac") == "converted"; }

  tasks::Converter& converter_;
  const std::chrono::seconds length_;
  const fuzz::Bytes good_;
  const std::filesystem::path crashes_;
  std::mutex printing_;
};

}  // namespace

int main(int count, char** arguments) {
  if (count != 5 && count != 6) {
    std::cerr << "usage: sandbox_fuzz ENGINE SECONDS SEEDS GOOD [CRASHES]\n";
    return 2;
  }
  const auto cores = std::max(1U, std::thread::hardware_concurrency());
  Logger logger(LogLevel::error, LogFormat::text);
  auto converter =
      sandbox::EngineConverter::start({.program = arguments[1], .tokens = static_cast<int>(cores)}, logger);
  if (!converter) {
    std::cerr << "sandbox_fuzz: " << converter.error().message << '\n';
    return 1;
  }
  std::vector<std::filesystem::path> folders;
  for (const auto& entry : std::filesystem::directory_iterator(arguments[3])) folders.push_back(entry);
  std::ranges::sort(folders);
  Campaign campaign(**converter, std::chrono::seconds(std::atoi(arguments[2])), fuzz::read_file(arguments[4]),
                    count == 6 ? arguments[5] : "");
  std::atomic<std::size_t> next = 0;
  std::atomic<bool> is_well = !folders.empty();
  {
    std::vector<std::jthread> threads(std::min<std::size_t>(cores, folders.size()));
    for (auto& thread : threads) {
      thread = std::jthread([&] {
        for (std::size_t i = next++; i < folders.size(); i = next++) {
          if (!campaign.run(folders[i])) is_well = false;
        }
      });
    }
  }
  return is_well ? 0 : 1;
}
