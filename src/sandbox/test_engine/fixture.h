#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <span>

#include "base/log.h"
#include "sandbox/engine_converter.h"

namespace decant::sandbox {

/// Tests with a real zygote of decant-engine-test, whose target formats are behaviours (test_engine/main.cpp).
class TestEngine : public testing::Test {
 protected:
  static EngineOptions options() {
    EngineOptions options;
    options.program = std::filesystem::path(DECANT_TEST_ENGINE);
    options.slots = 2;
    options.tokens = 2;
    options.memory_limit = ByteCount{256} << 20;
    options.output_limit = ByteCount{64} << 20;
    return options;
  }

  void start(EngineOptions with = options()) {
    auto started = EngineConverter::start(std::move(with), log_);
    ASSERT_TRUE(started) << started.error().describe();
    engine_ = *std::move(started);
  }

  static SpoolFile make_file(std::string_view content = {}) {
    auto file = SpoolFile::make(testing::TempDir());
    if (!file || !file->append(std::as_bytes(std::span(content)))) std::abort();
    return *std::move(file);
  }

  /// Runs a behaviour on a small input.
  Result<tasks::ConversionResult> run(std::string behaviour, std::chrono::milliseconds limit = std::chrono::seconds(20),
                                      std::stop_token stop = {}, const tasks::ProgressListener& on_progress = {}) {
    const SpoolFile input = make_file("some input");
    const SpoolFile output = make_file();
    return engine_->convert({input.descriptor(), output.descriptor(), std::move(behaviour), {}, limit}, on_progress,
                            std::move(stop));
  }

  Logger log_{LogLevel::error, LogFormat::text};
  std::unique_ptr<EngineConverter> engine_;
};

/// The living and dead children of a process, by /proc.
std::vector<int> children_of(int parent);
/// Exists and is no zombie (of a container without a reaper).
bool is_running(int process);

}  // namespace decant::sandbox
