#include "programs/preemption.h"

#include <fmt/format.h>

#include <condition_variable>
#include <mutex>

namespace decant::programs {
namespace {

constexpr ByteCount answer_limit = 4096;
/// With "auto", after so many looks without an answer this is no cloud.
constexpr int most_unanswered = 5;

objects::HttpClientOptions client_options() {
  return {.connections = 1,
          .connect_timeout = std::chrono::seconds(1),
          .stall_timeout = std::chrono::seconds(2),
          .request_timeout = std::chrono::seconds(2)};
}

/// What is said goes to the log: one line of it.
std::string first_line(std::string_view text) {
  return std::string(text.substr(0, text.find_first_of("\r\n")).substr(0, 200));
}

}  // namespace

PreemptionWatch::PreemptionWatch(PreemptionOptions options, std::function<void(const std::string&)> on_notice,
                                 Logger& logger)
    : options_(std::move(options)), on_notice_(std::move(on_notice)), logger_(logger), client_(client_options()) {
  while (options_.metadata.ends_with('/')) options_.metadata.pop_back();
  if (options_.cloud != "off") thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

void PreemptionWatch::run(const std::stop_token& stop) {
  std::mutex mutex;
  std::condition_variable_any never;
  bool was_answered = false;
  for (int unanswered = 0; !stop.stop_requested();) {
    const Answer answer = ask();
    if (answer && !answer->empty()) return on_notice_(*answer);
    if (answer && !was_answered) logger_.info("the cloud will tell before it takes this machine away");
    was_answered |= answer.has_value();
    unanswered = answer ? 0 : unanswered + 1;
    if (unanswered == most_unanswered) {
      if (options_.cloud == "auto" && !was_answered) {
        logger_.info("this machine is in no cloud that tells before it takes it away");
        return;
      }
      logger_.warning("the metadata service does not answer: the cloud may take this machine away without a word",
                      {{"service", options_.metadata}});
    }
    std::unique_lock lock(mutex);
    never.wait_for(lock, stop, options_.interval, [] { return false; });
  }
}

PreemptionWatch::Answer PreemptionWatch::ask() {
  if (options_.cloud == "gce") return ask_gce();
  if (options_.cloud == "aws") return ask_aws();
  if (Answer answer = ask_gce()) {
    options_.cloud = "gce";
    return answer;
  }
  Answer answer = ask_aws();
  if (answer) options_.cloud = "aws";
  return answer;
}

PreemptionWatch::Answer PreemptionWatch::ask_gce_for(const std::string& value) {
  const auto response = client_.perform({.origin = options_.metadata,
                                         .path = "/computeMetadata/v1/instance/" + value,
                                         .headers = {{"Metadata-Flavor", "Google"}},
                                         .response_limit = answer_limit});
  // Whoever else answers at that address does not have this field.
  if (!response || response->status != 200 || response->header("metadata-flavor") != "Google") return std::nullopt;
  return first_line(response->body);
}

PreemptionWatch::Answer PreemptionWatch::ask_gce() {
  const Answer preempted = ask_gce_for("preempted");
  if (!preempted) return std::nullopt;
  if (*preempted == "TRUE") return "the instance is preempted";
  const Answer event = ask_gce_for("maintenance-event");
  if (event && event->starts_with("TERMINATE")) return "maintenance: " + *event;
  return std::string();
}

PreemptionWatch::Answer PreemptionWatch::ask_aws() {
  if (aws_token_.empty()) {
    auto token = client_.perform({.method = "PUT",
                                  .origin = options_.metadata,
                                  .path = "/latest/api/token",
                                  .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "21600"}},
                                  .response_limit = answer_limit});
    if (!token || token->status != 200) return std::nullopt;
    aws_token_ = first_line(token->body);
  }
  const auto response = client_.perform({.origin = options_.metadata,
                                         .path = "/latest/meta-data/spot/instance-action",
                                         .headers = {{"X-aws-ec2-metadata-token", aws_token_}},
                                         .response_limit = answer_limit});
  if (!response) return std::nullopt;
  if (response->status == 404) return std::string();
  if (response->status == 200) return "spot interruption: " + first_line(response->body);
  aws_token_.clear();  // 401: it has run out
  return std::nullopt;
}

}  // namespace decant::programs
