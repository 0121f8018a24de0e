#pragma once

#include <chrono>
#include <functional>
#include <optional>
#include <string>
#include <thread>

#include "base/log.h"
#include "objects/s3/http_client.h"

namespace decant::programs {

struct PreemptionOptions {
  std::string cloud = "off";                        ///< gce, aws, or auto: whichever answers; off: nobody is asked
  std::string metadata = "http://169.254.169.254";  ///< origin of the metadata service: of both clouds the same
  std::chrono::milliseconds interval{2000};         ///< between two looks
};

/// Asks the metadata service of the cloud, time and again, whether it is about to take this machine away: a spot or
/// preemptible instance, or maintenance that ends it. On a thread of its own, so that nothing waits for a service that
/// does not answer; with "auto", one that never does is no longer asked after a few tries.
///
/// GCE: https://cloud.google.com/compute/docs/instances/create-use-spot#detect-preemption
/// EC2: https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html, with IMDSv2
class PreemptionWatch {
 public:
  /// Calls `on_notice` once, with what the cloud said, on its thread. The logger outlives it.
  PreemptionWatch(PreemptionOptions options, std::function<void(const std::string&)> on_notice, Logger& logger);
  /// Waits for a question under way, two seconds at the most.
  ~PreemptionWatch() = default;
  PreemptionWatch(const PreemptionWatch&) = delete;
  PreemptionWatch& operator=(const PreemptionWatch&) = delete;

 private:
  /// What a question brought. Nothing: no answer, or none of that cloud's.
  using Answer = std::optional<std::string>;

  void run(const std::stop_token& stop);
  /// The notice, empty as long as there is none.
  Answer ask();
  Answer ask_gce();
  Answer ask_gce_for(const std::string& value);
  Answer ask_aws();

  PreemptionOptions options_;
  std::function<void(const std::string&)> on_notice_;
  Logger& logger_;
  objects::HttpClient client_;
  std::string aws_token_;
  std::jthread thread_;
};

}  // namespace decant::programs
