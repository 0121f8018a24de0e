#include <google/pubsub/v1/pubsub.grpc.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpc/support/log.h>
#include <grpcpp/grpcpp.h>

#include <mutex>
#include <utility>

#include "broker/pubsub/service.h"

namespace decant::broker::pubsub {
namespace {

namespace api = google::pubsub::v1;

// The ids of many failed acknowledgments come back in the trailing metadata, for which gRPC reserves 8 KiB.
constexpr int max_metadata_bytes = 4 << 20;
// A ring is a hundred bytes. Strangers may publish up to 10 MB.
constexpr int max_response_bytes = 24 << 20;
constexpr std::int64_t max_outstanding_bytes = 16 << 20;

constexpr const char* no_credentials =
    "no credentials for Google Cloud: set GOOGLE_APPLICATION_CREDENTIALS to the key file of a service account, or run "
    "`gcloud auth application-default login`; on Google Cloud attach a service account to the machine. For an emulator "
    "set PUBSUB_EMULATOR_HOST.";

Status to_status(const grpc::Status& status) {
  Status known{static_cast<Code>(status.error_code()), status.error_message()};
  google::rpc::Status details;
  if (status.ok() || !details.ParseFromString(status.error_details())) return known;
  for (const google::protobuf::Any& detail : details.details()) {
    google::rpc::ErrorInfo info;
    if (!detail.UnpackTo(&info)) continue;
    for (const auto& [ack_id, why] : info.metadata()) known.failed_ids.emplace(ack_id, why);
  }
  return known;
}

/// The header by which Google's front ends find the server that knows the resource.
void route(grpc::ClientContext& context, std::string_view field, std::string_view name) {
  std::string value(field);
  value += '=';
  for (const char c : name) {
    constexpr std::string_view hexadecimal = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    if (std::string_view("/:%+ ").contains(c)) {
      value += {'%', hexadecimal[byte >> 4U], hexadecimal[byte & 15U]};
    } else {
      value += c;
    }
  }
  context.AddMetadata("x-goog-request-params", value);
}

class GrpcStream final : public PullStream {
 public:
  GrpcStream(api::Subscriber::Stub& stub, const std::string& subscription, const StreamRequest& request) {
    route(context_, "subscription", subscription);
    // Else this would block until there is a connection, and nobody could cancel it.
    context_.set_initial_metadata_corked(true);
    stream_ = stub.StreamingPull(&context_);
    first_.set_subscription(subscription);
    first_.set_client_id(request.client_id);
    first_.set_stream_ack_deadline_seconds(static_cast<int>(request.lease.count()));
    first_.set_max_outstanding_messages(static_cast<std::int64_t>(request.max_outstanding));
    first_.set_max_outstanding_bytes(max_outstanding_bytes);
  }

  std::optional<StreamResponse> read() override {
    if (!is_begun_) begin();
    api::StreamingPullResponse read;
    if (!stream_->Read(&read)) return std::nullopt;
    StreamResponse response;
    for (api::ReceivedMessage& message : *read.mutable_received_messages()) {
      response.messages.push_back({std::move(*message.mutable_ack_id()),
                                   std::move(*message.mutable_message()->mutable_data()), message.delivery_attempt()});
    }
    if (read.has_subscription_properties()) {
      response.guarantee = read.subscription_properties().exactly_once_delivery_enabled() ? Guarantee::exactly_once
                                                                                          : Guarantee::at_least_once;
    }
    return response;
  }

  Status finish() override {
    {
      const std::lock_guard lock(writing_);
      is_writable_ = false;
    }
    return to_status(stream_->Finish());
  }

  void ping() override {
    const std::lock_guard lock(writing_);
    if (is_writable_) stream_->Write(api::StreamingPullRequest());
  }

  void close() override {
    const std::lock_guard lock(writing_);
    // There may be no connection yet.
    if (!is_writable_) return cancel();
    is_writable_ = false;
    stream_->WritesDone();
  }

  void cancel() override { context_.TryCancel(); }

 private:
  void begin() {
    is_begun_ = true;
    stream_->Write(first_);  // where it fails, so does the next read
    const std::lock_guard lock(writing_);
    is_writable_ = true;
  }

  grpc::ClientContext context_;
  std::unique_ptr<grpc::ClientReaderWriter<api::StreamingPullRequest, api::StreamingPullResponse>> stream_;
  api::StreamingPullRequest first_;
  bool is_begun_ = false;
  std::mutex writing_;
  bool is_writable_ = false;  // guarded by writing_
};

class GrpcService final : public Service {
 public:
  GrpcService(const Address& address, const std::shared_ptr<grpc::Channel>& channel, const ConnectionOptions& options)
      : topic_(address.topic_name()),
        subscription_(address.subscription_name()),
        options_(options),
        publisher_(api::Publisher::NewStub(channel)),
        subscriber_(api::Subscriber::NewStub(channel)) {}

  Status publish(const std::vector<std::string>& messages) override {
    api::PublishRequest request;
    request.set_topic(topic_);
    for (const std::string& message : messages) request.add_messages()->set_data(message);
    grpc::ClientContext context;
    limit(context);
    route(context, "topic", topic_);
    api::PublishResponse response;
    return to_status(publisher_->Publish(&context, request, &response));
  }

  Status acknowledge(const std::string& ack_id) override {
    api::AcknowledgeRequest request;
    request.set_subscription(subscription_);
    request.add_ack_ids(ack_id);
    grpc::ClientContext context;
    limit(context);
    route(context, "subscription", subscription_);
    google::protobuf::Empty nothing;
    return to_status(subscriber_->Acknowledge(&context, request, &nothing));
  }

  Status modify_deadline(const std::string& ack_id, std::chrono::seconds deadline) override {
    api::ModifyAckDeadlineRequest request;
    request.set_subscription(subscription_);
    request.add_ack_ids(ack_id);
    request.set_ack_deadline_seconds(static_cast<int>(deadline.count()));
    grpc::ClientContext context;
    limit(context);
    route(context, "subscription", subscription_);
    google::protobuf::Empty nothing;
    return to_status(subscriber_->ModifyAckDeadline(&context, request, &nothing));
  }

  std::unique_ptr<PullStream> open_stream(const StreamRequest& request) override {
    return std::make_unique<GrpcStream>(*subscriber_, subscription_, request);
  }

 private:
  void limit(grpc::ClientContext& context) const {
    context.set_deadline(std::chrono::system_clock::now() + options_.call_timeout);
  }

  std::string topic_;
  std::string subscription_;
  ConnectionOptions options_;
  std::unique_ptr<api::Publisher::Stub> publisher_;
  std::unique_ptr<api::Subscriber::Stub> subscriber_;
};

SubscriptionSetup to_setup(const api::Subscription& subscription) {
  SubscriptionSetup setup;
  setup.topic = subscription.topic();
  setup.guarantee = subscription.enable_exactly_once_delivery() ? Guarantee::exactly_once : Guarantee::at_least_once;
  setup.lease = std::chrono::seconds(subscription.ack_deadline_seconds());
  setup.dead_letter_topic = subscription.dead_letter_policy().dead_letter_topic();
  setup.max_delivery_attempts = subscription.dead_letter_policy().max_delivery_attempts();
  setup.shortest_retry = std::chrono::seconds(subscription.retry_policy().minimum_backoff().seconds());
  setup.longest_retry = std::chrono::seconds(subscription.retry_policy().maximum_backoff().seconds());
  setup.expires_after = std::chrono::seconds(subscription.expiration_policy().ttl().seconds());
  const bool is_pushed = !subscription.push_config().push_endpoint().empty() || subscription.has_bigquery_config() ||
                         subscription.has_cloud_storage_config();
  setup.delivery = is_pushed ? SubscriptionSetup::Delivery::push : SubscriptionSetup::Delivery::pull;
  setup.filter = subscription.filter();
  // The emulator does not tell the state.
  const bool is_broken = subscription.detached() || subscription.state() == api::Subscription::RESOURCE_ERROR;
  setup.state = is_broken ? SubscriptionSetup::State::out_of_order : SubscriptionSetup::State::active;
  return setup;
}

api::Subscription to_subscription(const std::string& name, const SubscriptionSetup& setup) {
  api::Subscription subscription;
  subscription.set_name(name);
  subscription.set_topic(setup.topic);
  subscription.set_filter(setup.filter);
  subscription.set_enable_exactly_once_delivery(setup.guarantee == Guarantee::exactly_once);
  subscription.set_ack_deadline_seconds(static_cast<int>(setup.lease.count()));
  if (!setup.dead_letter_topic.empty()) {
    subscription.mutable_dead_letter_policy()->set_dead_letter_topic(setup.dead_letter_topic);
    subscription.mutable_dead_letter_policy()->set_max_delivery_attempts(setup.max_delivery_attempts);
  }
  subscription.mutable_retry_policy()->mutable_minimum_backoff()->set_seconds(setup.shortest_retry.count());
  subscription.mutable_retry_policy()->mutable_maximum_backoff()->set_seconds(setup.longest_retry.count());
  // A policy without a time means never; no policy means 31 days.
  subscription.mutable_expiration_policy();
  if (setup.expires_after.count() > 0) {
    subscription.mutable_expiration_policy()->mutable_ttl()->set_seconds(setup.expires_after.count());
  }
  return subscription;
}

class GrpcSetupService final : public SetupService {
 public:
  GrpcSetupService(const std::shared_ptr<grpc::Channel>& channel, const ConnectionOptions& options)
      : options_(options),
        publisher_(api::Publisher::NewStub(channel)),
        subscriber_(api::Subscriber::NewStub(channel)) {}

  Status find_topic(const std::string& topic) override {
    api::GetTopicRequest request;
    request.set_topic(topic);
    grpc::ClientContext context;
    prepare(context, "topic", topic);
    api::Topic found;
    return to_status(publisher_->GetTopic(&context, request, &found));
  }

  Status create_topic(const std::string& topic) override {
    api::Topic request;
    request.set_name(topic);
    grpc::ClientContext context;
    prepare(context, "name", topic);
    api::Topic made;
    return to_status(publisher_->CreateTopic(&context, request, &made));
  }

  std::pair<Status, SubscriptionSetup> find_subscription(const std::string& subscription) override {
    api::GetSubscriptionRequest request;
    request.set_subscription(subscription);
    grpc::ClientContext context;
    prepare(context, "subscription", subscription);
    api::Subscription found;
    Status status = to_status(subscriber_->GetSubscription(&context, request, &found));
    return {std::move(status), to_setup(found)};
  }

  Status create_subscription(const std::string& subscription, const SubscriptionSetup& setup) override {
    grpc::ClientContext context;
    prepare(context, "name", subscription);
    api::Subscription made;
    return to_status(subscriber_->CreateSubscription(&context, to_subscription(subscription, setup), &made));
  }

  Status update_subscription(const std::string& subscription, const SubscriptionSetup& setup) override {
    api::UpdateSubscriptionRequest request;
    *request.mutable_subscription() = to_subscription(subscription, setup);
    for (const char* field : {"ack_deadline_seconds", "enable_exactly_once_delivery", "dead_letter_policy",
                              "retry_policy", "expiration_policy"}) {
      request.mutable_update_mask()->add_paths(field);
    }
    grpc::ClientContext context;
    prepare(context, "subscription.name", subscription);
    api::Subscription updated;
    return to_status(subscriber_->UpdateSubscription(&context, request, &updated));
  }

 private:
  void prepare(grpc::ClientContext& context, std::string_view field, const std::string& name) const {
    context.set_deadline(std::chrono::system_clock::now() + options_.call_timeout);
    route(context, field, name);
  }

  ConnectionOptions options_;
  std::unique_ptr<api::Publisher::Stub> publisher_;
  std::unique_ptr<api::Subscriber::Stub> subscriber_;
};

}  // namespace

Result<Connection> connect(const Address& address, const ConnectionOptions& options) {
  // gRPC would write lines of its own form beside those of the log; what matters comes back as a status.
  gpr_set_log_function([](gpr_log_func_args*) {});
  std::shared_ptr<grpc::ChannelCredentials> credentials;
  if (address.transport == Address::Transport::clear_text) {
    credentials = grpc::InsecureChannelCredentials();
  } else {
    credentials = grpc::GoogleDefaultCredentials();
    if (!credentials) return failure(ErrorCode::unauthenticated, no_credentials);
  }
  grpc::ChannelArguments arguments;
  arguments.SetUserAgentPrefix("decant");
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, max_metadata_bytes);
  arguments.SetMaxReceiveMessageSize(max_response_bytes);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, static_cast<int>(options.keepalive.count()));
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, static_cast<int>(options.keepalive_timeout.count()));
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
  // What is tried again, and how often, is decided here.
  arguments.SetInt(GRPC_ARG_ENABLE_RETRIES, 0);
  const auto channel = grpc::CreateCustomChannel(address.endpoint, credentials, arguments);
  return Connection{std::make_unique<GrpcService>(address, channel, options),
                    std::make_unique<GrpcSetupService>(channel, options)};
}

}  // namespace decant::broker::pubsub
