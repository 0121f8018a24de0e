#include <signal.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <thread>

#include "sandbox/test_engine/attacks.h"
#include "sandbox/test_engine/fixture.h"

namespace decant::sandbox {
namespace {

using testing::HasSubstr;

/// Each attack from a child of its own. It fails when the attack reports an error, or when its process was killed for
/// it.
class Escape : public TestEngine, public testing::WithParamInterface<std::string_view> {};

TEST_P(Escape, Fails) {
  start();
  const auto result = run(std::string(GetParam()));
  if (result) {
    EXPECT_THAT(result->report, HasSubstr("failed")) << result->report;
  } else {
    EXPECT_EQ(result.error().code, ErrorCode::crashed) << result.error().describe();
    EXPECT_THAT(result.error().detail, HasSubstr("what the sandbox forbids")) << result.error().describe();
  }
}

std::vector<std::string_view> attack_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, attack] : attacks()) names.push_back(name);
  return names;
}

INSTANTIATE_TEST_SUITE_P(Attacks, Escape, testing::ValuesIn(attack_names()),
                         [](const auto& info) { return std::string(info.param); });

/// The other layers, seen from outside: what seccomp would hide from the attacks.
class Jail : public TestEngine {
 protected:
  /// A child of the engine that has a job.
  int start_child_at_work() {
    worker_ = std::jthread([this](std::stop_token stop) {
      (void)run("wait", std::chrono::seconds(60), std::move(stop), [this](double) {
        works_ = true;
        works_.notify_all();
      });
    });
    works_.wait(false);
    const int zygote = children_of(::getpid()).front();
    for (const int child : children_of(zygote)) {
      if (status_of(child, "Seccomp") == "2") return child;
    }
    return -1;
  }

  static std::string status_of(int process, std::string_view name) {
    std::ifstream file("/proc/" + std::to_string(process) + "/status");
    for (std::string line; std::getline(file, line);) {
      if (line.starts_with(std::string(name) + ":\t")) return line.substr(name.size() + 2);
    }
    return {};
  }

  std::atomic<bool> works_ = false;
  std::jthread worker_;
};

TEST_F(Jail, HoldsNoPrivilegeAndAFilter) {
  start();
  const int child = start_child_at_work();
  ASSERT_GT(child, 0) << "no child runs under a seccomp filter";
  EXPECT_EQ(status_of(child, "NoNewPrivs"), "1");
  EXPECT_EQ(status_of(child, "CapPrm"), "0000000000000000");
  EXPECT_EQ(status_of(child, "CapEff"), "0000000000000000");
  EXPECT_EQ(status_of(child, "CapBnd"), "0000000000000000");
  EXPECT_THAT(status_of(child, "Uid"), testing::Not(HasSubstr("\t0")));
  EXPECT_EQ(::getpgid(child), child) << "a group of its own";
  worker_.request_stop();
}

TEST_F(Jail, HasOnlyTheDescriptorsOfItsJobAndAnEmptyRoot) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root may look into a process that hides its memory";
  start();
  const int child = start_child_at_work();
  const std::filesystem::path process = "/proc/" + std::to_string(child);
  std::set<std::string> descriptors;
  for (const auto& entry : std::filesystem::directory_iterator(process / "fd")) {
    descriptors.insert(entry.path().filename().string());
  }
  EXPECT_THAT(descriptors, testing::ElementsAre("0", "1", "2", "3", "4", "5"));  // seccomp_filter.h names them
  EXPECT_NE(std::filesystem::read_symlink(process / "ns/net"), std::filesystem::read_symlink("/proc/self/ns/net"));
  EXPECT_TRUE(std::filesystem::is_empty(process / "root"));
  worker_.request_stop();
}

TEST_F(Jail, IsRequiredOrRefused) {
  EngineOptions required = options();
  required.mode = SandboxMode::require;
  const auto engine = EngineConverter::start(required, log_);
#ifdef DECANT_SANITIZED
  ASSERT_FALSE(engine);
  EXPECT_THAT(engine.error().message, HasSubstr("\"memory limit\""));
#else
  EXPECT_TRUE(engine) << engine.error().describe();
#endif
}

TEST_F(Jail, GetsNoEnvironment) {
  ::setenv("DECANT_TEST_SECRET", "hunter2", 1);
  start();
  const auto result = run("show_environment");
  ASSERT_TRUE(result) << result.error().describe();
  EXPECT_EQ(result->report, R"({"environment":false})");
}

}  // namespace
}  // namespace decant::sandbox
