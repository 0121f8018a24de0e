#include "broker/pubsub/testing_pubsub_server.h"

#include <fmt/format.h>
#include <google/pubsub/v1/pubsub.grpc.pb.h>
#include <google/rpc/error_details.pb.h>
#include <google/rpc/status.pb.h>
#include <grpcpp/grpcpp.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>

#include "broker/message.h"

namespace decant::broker::pubsub {
namespace {

namespace api = google::pubsub::v1;

constexpr const char* topic_name = "projects/test/topics/tasks";
constexpr const char* subscription_name = "projects/test/subscriptions/tasks-sub";
constexpr std::chrono::seconds ample{20};

grpc::Status to_grpc(Code code) { return {static_cast<grpc::StatusCode>(code), "as the test wants it"}; }

constexpr std::size_t usual_id_length = 180;  // of Google's

grpc::Status failed_delivery(Code code, const std::string& ack_id, const std::string& reason, int others = 0) {
  google::rpc::ErrorInfo info;
  info.set_domain("pubsub.googleapis.com");
  info.set_reason(reason);
  (*info.mutable_metadata())[ack_id] = reason;
  for (int i = 0; i < others; ++i) (*info.mutable_metadata())[fmt::format("{:x<{}}", i, usual_id_length)] = reason;
  google::rpc::Status details;
  details.set_code(static_cast<int>(code));
  details.add_details()->PackFrom(info);
  return {static_cast<grpc::StatusCode>(code), "some acknowledgment ids failed", details.SerializeAsString()};
}

struct Message {
  std::string data;
  int attempts = 0;
};

struct Delivery {
  Message message;
  std::string client;
  bool is_receipted = false;
};

}  // namespace

// The mutex is recursive because gRPC may call a reactor's OnWriteDone from within its StartWrite.
class TestingPubsubServer::State {
 public:
  class Stream;
  using Lock = std::unique_lock<std::recursive_mutex>;

  Lock lock() const { return Lock(mutex_); }

  void check(bool holds, const std::string& violation) {
    const auto guard = lock();
    if (!holds) violations.push_back(violation);
  }
  template <class Context>
  void check_route(const Context& context, const std::string& expected) {
    const auto [begin, end] = context.client_metadata().equal_range("x-goog-request-params");
    check(begin != end && begin->second == expected, "a call has no x-goog-request-params that routes it");
  }

  /// Counts the call and asks the test.
  Fate begin(Call call) {
    std::function<Fate(Call)> asked;
    {
      const auto guard = lock();
      ++counts.at(static_cast<std::size_t>(call));
      asked = plan;
    }
    return asked ? asked(call) : Fate{};
  }

  /// Something changed: sends what can be sent. With the lock held.
  void change();

  void redeliver(std::map<std::string, Delivery>::iterator delivery) {
    waiting.push_front(std::move(delivery->second.message));
    deliveries.erase(delivery);
  }
  std::size_t outstanding_of(const std::string& client) const {
    return static_cast<std::size_t>(
        std::ranges::count_if(deliveries, [&](const auto& entry) { return entry.second.client == client; }));
  }

  grpc::Status answer_delivery(Call call, const std::string& ack_id, const std::function<bool()>& carry_out);

  mutable std::recursive_mutex mutex_;
  mutable std::condition_variable_any changed;
  std::vector<std::string> violations;
  std::function<Fate(Call)> plan;
  std::array<int, 5> counts{};
  std::deque<Message> waiting;
  std::map<std::string, Delivery> deliveries;  // by acknowledgment id
  std::vector<std::string> given_back;
  std::vector<Stream*> streams;
  std::vector<std::string> client_ids;
  std::vector<int> extensions;
  Code stream_refusal = Code::ok;
  bool is_exactly_once = true;
  bool has_flow_control = true;
  std::int64_t flow_limit = 0;
  std::size_t published = 0;
  std::size_t acknowledged = 0;
  std::size_t most_outstanding = 0;
  int next_ack_id = 0;
  int pings = 0;
};

class TestingPubsubServer::State::Stream final
    : public grpc::ServerBidiReactor<api::StreamingPullRequest, api::StreamingPullResponse> {
 public:
  explicit Stream(State& state) : state_(state) { StartRead(&request_); }

  void OnReadDone(bool is_read) override {
    const auto guard = state_.lock();
    if (!is_read) return finish(grpc::Status::OK);
    if (client_.empty()) {
      begin();
    } else {
      state_.check(request_.ByteSizeLong() == 0, "a stream carries more than pings: " + request_.ShortDebugString());
      ++state_.pings;
    }
    if (is_finished_) return;
    request_.Clear();
    StartRead(&request_);
    state_.change();
  }

  void OnWriteDone(bool is_written) override {
    const auto guard = state_.lock();
    is_writing_ = false;
    if (is_written) state_.change();
  }

  void OnCancel() override {
    const auto guard = state_.lock();
    finish(grpc::Status::CANCELLED);
  }

  void OnDone() override { delete this; }

  // With the lock held:
  void finish(const grpc::Status& status) {
    if (std::exchange(is_finished_, true)) return;
    std::erase(state_.streams, this);
    Finish(status);
    state_.change();
  }
  void silence() { is_silent_ = true; }
  void tell_properties() { has_news_ = true; }

  void send() {
    if (is_writing_ || is_silent_ || is_finished_) return;
    response_.Clear();
    while (!state_.waiting.empty() && has_room()) deliver();
    if (response_.received_messages_size() == 0 && !has_news_) return;
    response_.mutable_subscription_properties()->set_exactly_once_delivery_enabled(state_.is_exactly_once);
    has_news_ = false;
    is_writing_ = true;
    StartWrite(&response_);
  }

 private:
  void begin() {
    state_.check(request_.subscription() == subscription_name, "a stream names another subscription");
    state_.check(!request_.client_id().empty(), "a stream has no client_id");
    state_.check(request_.stream_ack_deadline_seconds() == 60, "a stream has no fixed lease of 60 s");
    state_.check(request_.max_outstanding_messages() > 0, "a stream has no limit of messages");
    state_.check(request_.max_outstanding_bytes() > 0, "a stream has no limit of bytes");
    state_.check(request_.ack_ids().empty() && request_.modify_deadline_ack_ids().empty(),
                 "a stream begins with acknowledgments");
    client_ = request_.client_id();
    state_.client_ids.push_back(client_);
    state_.flow_limit = request_.max_outstanding_messages();
    const Fate fate = state_.begin(Call::open_stream);
    if (fate.code != Code::ok) return finish(to_grpc(fate.code));
    if (state_.stream_refusal != Code::ok) return finish(to_grpc(state_.stream_refusal));
    state_.streams.push_back(this);
  }

  [[nodiscard]] bool has_room() const {
    return !state_.has_flow_control || state_.outstanding_of(client_) < static_cast<std::size_t>(state_.flow_limit);
  }

  void deliver() {
    Message message = std::move(state_.waiting.front());
    state_.waiting.pop_front();
    ++message.attempts;
    const std::string ack_id = fmt::format("ack-{}", state_.next_ack_id++);
    api::ReceivedMessage& received = *response_.add_received_messages();
    received.set_ack_id(ack_id);
    received.set_delivery_attempt(message.attempts);
    received.mutable_message()->set_data(message.data);
    state_.deliveries.emplace(ack_id, Delivery{std::move(message), client_});
    state_.most_outstanding = std::max(state_.most_outstanding, state_.deliveries.size());
  }

  State& state_;
  api::StreamingPullRequest request_;
  api::StreamingPullResponse response_;
  std::string client_;
  bool is_writing_ = false;
  bool is_silent_ = false;
  bool is_finished_ = false;
  bool has_news_ = true;
};

void TestingPubsubServer::State::change() {
  changed.notify_all();
  // A copy, for a stream that ends leaves the list.
  for (Stream* stream : std::vector(streams)) {
    if (std::ranges::find(streams, stream) != streams.end()) stream->send();
  }
}

grpc::Status TestingPubsubServer::State::answer_delivery(Call call, const std::string& ack_id,
                                                         const std::function<bool()>& carry_out) {
  const Fate fate = begin(call);
  const auto guard = lock();
  bool is_valid = true;
  if (fate.code == Code::ok || fate.effect == Fate::Effect::carried_out) is_valid = carry_out();
  change();
  if (fate.code != Code::ok && !fate.reason.empty())
    return failed_delivery(fate.code, ack_id, fate.reason, fate.others);
  if (fate.code != Code::ok) return to_grpc(fate.code);
  // Without exactly-once delivery nobody learns that he was too late.
  if (is_valid || !is_exactly_once) return grpc::Status::OK;
  return failed_delivery(Code::failed_precondition, ack_id, "PERMANENT_FAILURE_INVALID_ACK_ID");
}

class TestingPubsubServer::PublisherCalls final : public api::Publisher::Service {
 public:
  explicit PublisherCalls(State& state) : state_(state) {}

  grpc::Status Publish(grpc::ServerContext* context, const api::PublishRequest* request,
                       api::PublishResponse* response) override {
    state_.check_route(*context, "topic=projects%2Ftest%2Ftopics%2Ftasks");
    state_.check(request->topic() == topic_name, "a message is published to another topic");
    state_.check(request->messages_size() > 0 && request->messages_size() <= 1000, "a batch is empty or too long");
    const Fate fate = state_.begin(Call::publish);
    const auto guard = state_.lock();
    if (fate.code == Code::ok || fate.effect == Fate::Effect::carried_out) {
      for (const api::PubsubMessage& message : request->messages()) {
        state_.waiting.push_back({message.data()});
        response->add_message_ids(std::to_string(++state_.published));
      }
    }
    state_.change();
    return fate.code == Code::ok ? grpc::Status::OK : to_grpc(fate.code);
  }

 private:
  State& state_;
};

class TestingPubsubServer::SubscriberCalls final
    : public api::Subscriber::WithCallbackMethod_StreamingPull<api::Subscriber::Service> {
 public:
  explicit SubscriberCalls(State& state) : state_(state) {}

  grpc::ServerBidiReactor<api::StreamingPullRequest, api::StreamingPullResponse>* StreamingPull(
      grpc::CallbackServerContext* context) override {
    state_.check_route(*context, route);
    return new State::Stream(state_);
  }

  grpc::Status Acknowledge(grpc::ServerContext* context, const api::AcknowledgeRequest* request,
                           google::protobuf::Empty*) override {
    state_.check_route(*context, route);
    state_.check(request->subscription() == subscription_name, "an acknowledgment names another subscription");
    state_.check(request->ack_ids_size() == 1, "an acknowledgment has not one id");
    const std::string& ack_id = request->ack_ids(0);
    return state_.answer_delivery(Call::acknowledge, ack_id, [&] {
      const auto delivery = state_.deliveries.find(ack_id);
      if (delivery == state_.deliveries.end()) return false;
      state_.check(
          delivery->second.is_receipted || !state_.is_exactly_once || !parse_message(delivery->second.message.data),
          "a delivery is acknowledged before its receipt is confirmed");
      ++state_.acknowledged;
      state_.deliveries.erase(delivery);
      return true;
    });
  }

  grpc::Status ModifyAckDeadline(grpc::ServerContext* context, const api::ModifyAckDeadlineRequest* request,
                                 google::protobuf::Empty*) override {
    const int seconds = request->ack_deadline_seconds();
    state_.check_route(*context, route);
    state_.check(request->subscription() == subscription_name, "an extension names another subscription");
    state_.check(request->ack_ids_size() == 1, "an extension has not one id");
    state_.check(seconds == 0 || seconds == 60, "an extension is not of 60 s");
    const std::string& ack_id = request->ack_ids(0);
    return state_.answer_delivery(seconds == 0 ? Call::give_back : Call::extend, ack_id,
                                  [&] { return modify(ack_id, seconds); });
  }

 private:
  static constexpr const char* route = "subscription=projects%2Ftest%2Fsubscriptions%2Ftasks-sub";

  bool modify(const std::string& ack_id, int seconds) {
    if (seconds > 0) state_.extensions.push_back(seconds);
    state_.check(seconds == 0 || std::ranges::find(state_.given_back, ack_id) == state_.given_back.end(),
                 "a delivery is extended after it was given back");
    const auto delivery = state_.deliveries.find(ack_id);
    if (delivery == state_.deliveries.end()) return false;
    if (seconds == 0) {
      state_.given_back.push_back(ack_id);
      state_.redeliver(delivery);
    } else {
      delivery->second.is_receipted = true;
    }
    return true;
  }

  State& state_;
};

struct TestingPubsubServer::Server {
  explicit Server(State& state) : publisher(state), subscriber(state) {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&publisher);
    builder.RegisterService(&subscriber);
    server = builder.BuildAndStart();
  }

  int port = 0;
  PublisherCalls publisher;
  SubscriberCalls subscriber;
  std::unique_ptr<grpc::Server> server;
};

TestingPubsubServer::TestingPubsubServer()
    : state_(std::make_unique<State>()), server_(std::make_unique<Server>(*state_)) {}

TestingPubsubServer::~TestingPubsubServer() {
  end_streams(Code::unavailable);
  server_->server->Shutdown(std::chrono::system_clock::now());
}

std::string TestingPubsubServer::endpoint() const { return fmt::format("127.0.0.1:{}", server_->port); }

std::vector<std::string> TestingPubsubServer::violations() const {
  const auto guard = state_->lock();
  return state_->violations;
}

void TestingPubsubServer::plan(std::function<Fate(Call)> plan) {
  const auto guard = state_->lock();
  state_->plan = std::move(plan);
}

int TestingPubsubServer::count(Call call) const {
  const auto guard = state_->lock();
  return state_->counts.at(static_cast<std::size_t>(call));
}

bool TestingPubsubServer::wait_until(const std::function<bool()>& predicate) const {
  auto guard = state_->lock();
  return state_->changed.wait_for(guard, ample, predicate);
}

void TestingPubsubServer::publish(const std::string& data) {
  const auto guard = state_->lock();
  state_->waiting.push_back({data});
  state_->change();
}

std::size_t TestingPubsubServer::published() const {
  const auto guard = state_->lock();
  return state_->published;
}

void TestingPubsubServer::refuse_streams(Code code) {
  const auto guard = state_->lock();
  state_->stream_refusal = code;
  if (code != Code::ok) end_streams(code);
}

void TestingPubsubServer::end_streams(Code code) {
  const auto guard = state_->lock();
  for (State::Stream* stream : std::vector(state_->streams)) stream->finish(to_grpc(code));
}

void TestingPubsubServer::silence_streams() {
  const auto guard = state_->lock();
  for (State::Stream* stream : state_->streams) stream->silence();
}

int TestingPubsubServer::open_streams() const {
  const auto guard = state_->lock();
  return static_cast<int>(state_->streams.size());
}

int TestingPubsubServer::pings() const {
  const auto guard = state_->lock();
  return state_->pings;
}

void TestingPubsubServer::set_exactly_once(bool is_on) {
  const auto guard = state_->lock();
  state_->is_exactly_once = is_on;
  for (State::Stream* stream : state_->streams) stream->tell_properties();
  state_->change();
}

void TestingPubsubServer::ignore_flow_control() {
  const auto guard = state_->lock();
  state_->has_flow_control = false;
  state_->change();
}

void TestingPubsubServer::expire_leases() {
  const auto guard = state_->lock();
  while (!state_->deliveries.empty()) state_->redeliver(state_->deliveries.begin());
  state_->change();
}

std::size_t TestingPubsubServer::acknowledged() const {
  const auto guard = state_->lock();
  return state_->acknowledged;
}

std::size_t TestingPubsubServer::outstanding() const {
  const auto guard = state_->lock();
  return state_->deliveries.size();
}

std::size_t TestingPubsubServer::waiting() const {
  const auto guard = state_->lock();
  return state_->waiting.size();
}

std::size_t TestingPubsubServer::most_outstanding() const {
  const auto guard = state_->lock();
  return state_->most_outstanding;
}

std::int64_t TestingPubsubServer::flow_limit() const {
  const auto guard = state_->lock();
  return state_->flow_limit;
}

std::vector<std::string> TestingPubsubServer::client_ids() const {
  const auto guard = state_->lock();
  return state_->client_ids;
}

std::vector<int> TestingPubsubServer::extensions() const {
  const auto guard = state_->lock();
  return state_->extensions;
}

}  // namespace decant::broker::pubsub
