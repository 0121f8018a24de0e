// Converts clips one after the other in one long-lived engine, as a worker does: clip_runner ENGINE TARGET
// [option=value …], then on standard input one clip a line, "IN<tab>OUT". For each it prints the milliseconds from the
// call until the result is there.
#include <fcntl.h>

#include <chrono>
#include <iostream>
#include <span>
#include <string>

#include "sandbox/engine_converter.h"

namespace {

using namespace decant;

Result<void> run(const char* engine, std::string target, std::span<char* const> options) {
  Logger logger(LogLevel::error, LogFormat::text);
  DECANT_TRY(const auto converter, sandbox::EngineConverter::start({.program = engine, .tokens = 1}, logger));
  tasks::ConversionJob job{.target = std::move(target), .time_limit = std::chrono::minutes(1)};
  for (const std::string_view option : options) {
    const std::size_t equals = option.find('=');
    if (equals == option.npos) return failure(ErrorCode::invalid_argument, "an option is name=value");
    DECANT_CHECK(tasks::set_option(job.options, option.substr(0, equals), option.substr(equals + 1)));
  }
  for (std::string line; std::getline(std::cin, line);) {
    const std::size_t tab = line.find('\t');
    if (tab == line.npos) return failure(ErrorCode::invalid_argument, "a line is IN<tab>OUT");
    const auto started = std::chrono::steady_clock::now();
    DECANT_TRY(const Descriptor input, open_for_reading(line.substr(0, tab).c_str()));
    const std::string path = line.substr(tab + 1);
    const Descriptor output(::open(path.c_str(), O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
    if (!output.is_open()) return system_failure(errno, "open the output", path);
    job.input = input.get();
    job.output = output.get();
    DECANT_CHECK(converter->convert(job, {}, {}));
    const std::chrono::duration<double, std::milli> taken = std::chrono::steady_clock::now() - started;
    std::cout << taken.count() << std::endl;
  }
  return {};
}

}  // namespace

int main(int count, char** values) {
  const std::span<char* const> arguments(values, static_cast<std::size_t>(count));
  if (arguments.size() < 3) {
    std::cerr << "usage: clip_runner ENGINE TARGET [option=value ...] < lines of IN<tab>OUT\n";
    return 2;
  }
  const auto done = run(arguments[1], arguments[2], arguments.subspan(3));
  if (done) return 0;
  std::cerr << "clip_runner: " << done.error().message << ' ' << done.error().detail << '\n';
  return 1;
}
