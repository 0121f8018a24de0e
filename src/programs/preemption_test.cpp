#include "programs/preemption.h"

#include <gtest/gtest.h>

#include <atomic>
#include <future>

#include "objects/s3/testing_http_server.h"

namespace decant::programs {
namespace {

using namespace std::chrono_literals;
using objects::http_answer;
using objects::TestingHttpServer;
using Asked = TestingHttpServer::Asked;

constexpr std::string_view google = "Metadata-Flavor: Google\r\n";

class PreemptionTest : public testing::Test {
 protected:
  /// What the watch says in time; nothing when it says nothing.
  std::optional<std::string> watch(const std::string& cloud, const std::string& metadata,
                                   std::chrono::seconds time = 20s) {
    std::promise<std::string> said;
    auto notice = said.get_future();
    Logger logger(LogLevel::error, LogFormat::text);
    const PreemptionWatch watch(
        {.cloud = cloud, .metadata = metadata, .interval = 5ms}, [&](const std::string& text) { said.set_value(text); },
        logger);
    if (notice.wait_for(time) != std::future_status::ready) return std::nullopt;
    return notice.get();
  }
};

TEST_F(PreemptionTest, GceTellsOfPreemption) {
  std::atomic<int> looks = 0;
  const TestingHttpServer server([&](const Asked& asked) {
    if (!asked.fields.contains("metadata-flavor")) return http_answer(403);
    if (asked.target.ends_with("/maintenance-event")) return http_answer(200, "NONE", google);
    EXPECT_EQ(asked.target, "/computeMetadata/v1/instance/preempted");
    return http_answer(200, ++looks < 3 ? "FALSE" : "TRUE", google);
  });
  for (const char* cloud : {"gce", "auto"}) {
    looks = 0;
    EXPECT_EQ(watch(cloud, server.origin() + "/"), "the instance is preempted") << cloud;
  }
}

TEST_F(PreemptionTest, GceTellsOfMaintenanceThatEndsTheInstance) {
  std::atomic<int> looks = 0;
  const TestingHttpServer server([&](const Asked& asked) {
    if (asked.target.ends_with("/preempted")) return http_answer(200, "FALSE", google);
    return http_answer(200, ++looks < 3 ? "MIGRATE_ON_HOST_MAINTENANCE" : "TERMINATE_ON_HOST_MAINTENANCE", google);
  });
  EXPECT_EQ(watch("gce", server.origin()), "maintenance: TERMINATE_ON_HOST_MAINTENANCE");
  EXPECT_GE(looks, 3);
}

TEST_F(PreemptionTest, AwsTellsByIts2ndService) {
  std::atomic<int> looks = 0;
  const TestingHttpServer server([&](const Asked& asked) {
    if (asked.target == "/latest/api/token" && asked.method == "PUT") {
      return http_answer(200, looks < 2 ? "first" : "second");
    }
    if (asked.target != "/latest/meta-data/spot/instance-action") return http_answer(404);
    const auto token = asked.fields.find("x-aws-ec2-metadata-token");
    // The first token runs out meanwhile.
    if (++looks > 2 && (token == asked.fields.end() || token->second != "second")) return http_answer(401);
    return looks < 5 ? http_answer(404)
                     : http_answer(200, R"({"action": "terminate"})"
                                        "\n");
  });
  for (const char* cloud : {"aws", "auto"}) {
    looks = 0;
    EXPECT_EQ(watch(cloud, server.origin()), R"(spot interruption: {"action": "terminate"})") << cloud;
  }
}

TEST_F(PreemptionTest, WhoeverElseAnswersIsNotBelieved) {
  const TestingHttpServer server([](const Asked&) { return http_answer(200, "TRUE"); });
  EXPECT_EQ(watch("gce", server.origin(), 1s), std::nullopt);
}

TEST_F(PreemptionTest, WhereNobodyAnswersNothingHappens) {
  std::string nobody;
  {
    const TestingHttpServer server([](const Asked&) { return std::string(); });
    nobody = server.origin();
    EXPECT_EQ(watch("auto", nobody, 1s), std::nullopt);
    EXPECT_EQ(server.asked().size() % 2, 0U);
    EXPECT_LE(server.asked().size(), 20U) << "after a few tries it is no longer asked";
    const std::size_t before = server.asked().size();
    EXPECT_EQ(watch("off", nobody, 1s), std::nullopt);
    EXPECT_EQ(server.asked().size(), before);
  }
  EXPECT_EQ(watch("gce", nobody, 1s), std::nullopt);
}

}  // namespace
}  // namespace decant::programs
