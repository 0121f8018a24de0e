#include "broker/nats/session.h"

#include <fmt/format.h>

#include <boost/json.hpp>

#include "broker/message.h"
#include "broker/nats/status.h"

namespace decant::broker::nats {
namespace {

constexpr std::int64_t request_wait = 2'000;       // milliseconds
constexpr std::int64_t most_idle_workers = 8'192;  // that wait for a ring at once
constexpr std::chrono::seconds check_interval{10};
// One that a leader took with it when it died is asked again after so long.
constexpr std::chrono::milliseconds longest_pull{5'000};
constexpr int longest_stored = 4 * longest_message;  // bytes, with the headers

std::int64_t nanoseconds(std::chrono::milliseconds duration) { return std::chrono::nanoseconds(duration).count(); }

/// The message that a MAX_DELIVERIES advisory is about.
std::optional<std::uint64_t> find_sequence(const natsMsg& advisory) {
  boost::json::error_code error;
  const auto parsed = boost::json::parse(
      std::string_view(natsMsg_GetData(&advisory), static_cast<std::size_t>(natsMsg_GetDataLength(&advisory))), error);
  if (error || !parsed.is_object()) return std::nullopt;
  const auto* const sequence = parsed.get_object().if_contains("stream_seq");
  if (sequence == nullptr || !sequence->is_int64() || sequence->get_int64() < 1) return std::nullopt;
  return static_cast<std::uint64_t>(sequence->get_int64());
}

}  // namespace

Result<std::unique_ptr<Session>> Session::open(const Address& address, std::chrono::milliseconds ack_wait,
                                               Logger& logger) {
  // Not make_unique: the constructor is open's alone.
  std::unique_ptr<Session> session(new Session(address, ack_wait, logger));
  DECANT_TRY(session->connection_, Connection::open(address, logger));
  jsOptions options{};
  jsOptions_Init(&options);
  options.Wait = request_wait;
  jsCtx* made = nullptr;
  const natsStatus status = natsConnection_JetStream(&made, session->connection_->get(), &options);
  if (status != NATS_OK) return nats_failure(status, "use JetStream", address);
  session->stream_.reset(made);
  return session;
}

Result<void> Session::make_stream() {
  if (has_stream_) return {};
  jsStreamInfo* found = nullptr;
  jsErrCode code{};
  natsStatus status = js_GetStreamInfo(&found, stream_.get(), address_.stream.c_str(), nullptr, &code);
  if (status == NATS_NOT_FOUND || code == JSStreamNotFoundErr) {
    const std::string subject = address_.subject();
    const char* subjects[] = {subject.c_str()};
    jsStreamConfig config{};
    jsStreamConfig_Init(&config);
    config.Name = address_.stream.c_str();
    config.Description = "rings for decant's workers";
    config.Subjects = subjects;
    config.SubjectsLen = 1;
    config.Retention = js_WorkQueuePolicy;
    config.Storage = js_FileStorage;
    config.Replicas = address_.replicas;
    config.MaxAge = nanoseconds(address_.max_age);
    config.MaxMsgSize = longest_stored;
    config.Duplicates = nanoseconds(std::min(address_.duplicate_window, address_.max_age));
    status = js_AddStream(&found, stream_.get(), &config, nullptr, &code);
  }
  const StreamInfoHandle stream(found);
  if (status != NATS_OK)
    return nats_failure(status, fmt::format("make the stream {}", address_.stream), address_, code);
  DECANT_CHECK(check_stream(*stream));
  has_stream_ = true;
  return {};
}

/// What an operator has set otherwise stays, but for what the protocol rests on.
Result<void> Session::check_stream(const jsStreamInfo& stream) const {
  const jsStreamConfig& config = *stream.Config;
  const bool has_subject = config.SubjectsLen == 1 && config.Subjects[0] == address_.subject();
  if (has_subject && config.Retention == js_WorkQueuePolicy) return {};
  return failure(ErrorCode::invalid_argument,
                 fmt::format("the stream {} at NATS is not decant's: it has to be a work queue of the subject {}",
                             address_.stream, address_.subject()));
}

Result<void> Session::make_consumer() {
  jsConsumerInfo* made = nullptr;
  jsErrCode code{};
  natsStatus status =
      js_GetConsumerInfo(&made, stream_.get(), address_.stream.c_str(), address_.consumer.c_str(), nullptr, &code);
  const ConsumerInfoHandle found(made);
  if (found && found->Config->AckWait == nanoseconds(ack_wait_) && found->Config->MaxDeliver == address_.max_deliver)
    return {};

  const std::string subject = address_.subject();
  jsConsumerConfig config{};
  jsConsumerConfig_Init(&config);
  config.Durable = address_.consumer.c_str();
  config.Description = "decant's workers";
  config.FilterSubject = subject.c_str();
  config.DeliverPolicy = js_DeliverAll;
  config.AckPolicy = js_AckExplicit;
  config.AckWait = nanoseconds(ack_wait_);
  config.MaxDeliver = address_.max_deliver;
  config.MaxAckPending = -1;  // each worker takes as many as it has slots
  config.MaxWaiting = most_idle_workers;
  // Also changes one that is there. Only where it has to: who waits for a ring meanwhile would not get it.
  if (found || status == NATS_NOT_FOUND || code == JSConsumerNotFoundErr)
    status = js_AddConsumer(nullptr, stream_.get(), address_.stream.c_str(), &config, nullptr, &code);
  if (status == NATS_OK) return {};
  return nats_failure(status, fmt::format("make the consumer {}", address_.consumer), address_, code);
}

Result<void> Session::listen() {
  if (rings_ && std::chrono::steady_clock::now() < next_check_) return {};
  // The servers don't tell who waits that somebody has deleted what he waits for.
  has_stream_ = false;
  DECANT_CHECK(make_stream());
  DECANT_CHECK(make_consumer());
  next_check_ = std::chrono::steady_clock::now() + check_interval;
  if (rings_) return {};

  const std::string advisories =
      fmt::format("$JS.EVENT.ADVISORY.CONSUMER.MAX_DELIVERIES.{}.{}", address_.stream, address_.consumer);
  natsSubscription* made = nullptr;
  natsStatus status = natsConnection_QueueSubscribeSync(&made, connection_->get(), advisories.c_str(), "decant");
  leftovers_.reset(made);
  if (status != NATS_OK) return nats_failure(status, "listen to advisories", address_);

  // Named so, it is bound to the consumer that is there, and is not removed with it.
  jsSubOptions options{};
  jsSubOptions_Init(&options);
  options.Stream = address_.stream.c_str();
  options.Consumer = address_.consumer.c_str();
  made = nullptr;
  status = js_PullSubscribe(&made, stream_.get(), address_.subject().c_str(), address_.consumer.c_str(), nullptr,
                            &options, nullptr);
  SubscriptionHandle rings(made);
  if (status != NATS_OK) return nats_failure(status, "listen for rings", address_);
  const std::lock_guard lock(mutex_);
  if (!is_stopped_) rings_ = std::move(rings);
  return {};
}

void Session::stop_listening() {
  const std::lock_guard lock(mutex_);
  is_stopped_ = true;
  if (rings_) natsSubscription_Unsubscribe(rings_.get());
}

Result<void> Session::publish(const std::string& message, const std::string& id) {
  DECANT_CHECK(check_connection("publish a ring"));
  DECANT_CHECK(make_stream());
  jsPubOptions options{};
  jsPubOptions_Init(&options);
  options.MsgId = id.c_str();
  options.ExpectStream = address_.stream.c_str();
  jsErrCode code{};
  const natsStatus status = js_Publish(nullptr, stream_.get(), address_.subject().c_str(), message.data(),
                                       static_cast<int>(message.size()), &options, &code);
  if (status == NATS_OK) return {};
  // Nobody listens where there is no stream: perhaps it was deleted.
  if (status == NATS_NO_RESPONDERS) has_stream_ = false;
  return nats_failure(status, "publish a ring", address_, code);
}

Result<MessageHandle> Session::fetch(std::chrono::milliseconds timeout) {
  DECANT_CHECK(check_connection("wait for rings"));
  DECANT_CHECK(listen());
  if (!rings_) return MessageHandle();
  remove_leftovers();

  natsMsgList list{};
  const natsStatus status =
      natsSubscription_Fetch(&list, rings_.get(), 1, std::min(timeout, longest_pull).count(), nullptr);
  if (status == NATS_OK) {
    MessageHandle message(std::exchange(list.Msgs[0], nullptr));
    natsMsgList_Destroy(&list);
    return message;
  }
  if (status == NATS_TIMEOUT || status == NATS_NOT_FOUND) return MessageHandle();
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return MessageHandle();
  // Whatever it is, the consumer may be gone, and the stream with it. With NATS_ERR the servers tell of a change.
  next_check_ = {};
  return nats_failure(status, "wait for rings", address_, status == NATS_ERR ? JSClusterNotAvailErr : jsErrCode());
}

void Session::remove_leftovers() {
  std::uint64_t waiting = 0;
  while (natsSubscription_QueuedMsgs(leftovers_.get(), &waiting) == NATS_OK && waiting > 0) {
    natsMsg* got = nullptr;
    if (natsSubscription_NextMsg(&got, leftovers_.get(), 1) != NATS_OK) return;
    const MessageHandle advisory(got);
    const auto sequence = find_sequence(*advisory);
    if (!sequence) continue;
    // Not found: it was acknowledged late.
    const natsStatus status = js_DeleteMsg(stream_.get(), address_.stream.c_str(), *sequence, nullptr, nullptr);
    if (status != NATS_OK) continue;
    logger_.warning("a ring that was delivered too often was removed",
                    {{"sequence", static_cast<std::int64_t>(*sequence)}, {"deliveries", address_.max_deliver}});
  }
}

/// libnats would keep what it is given, and send it whenever the servers are back.
Result<void> Session::check_connection(std::string_view action) const {
  if (natsConnection_Status(connection_->get()) == NATS_CONN_STATUS_CONNECTED) return {};
  return nats_failure(NATS_CONNECTION_DISCONNECTED, action, address_);
}

Result<void> Session::tell(const std::string& ack_id, const std::string& word) {
  DECANT_CHECK(check_connection("answer a ring"));
  natsMsg* reply = nullptr;
  const natsStatus status =
      natsConnection_RequestString(&reply, connection_->get(), ack_id.c_str(), word.c_str(), request_wait);
  const MessageHandle confirmed(reply);
  if (status != NATS_OK) return nats_failure(status, "answer a ring", address_);
  return {};
}

Result<void> Session::tell_soon(const std::string& ack_id, const std::string& word) {
  DECANT_CHECK(check_connection("answer a ring"));
  const natsStatus status = natsConnection_PublishString(connection_->get(), ack_id.c_str(), word.c_str());
  if (status != NATS_OK) return nats_failure(status, "answer a ring", address_);
  return {};
}

}  // namespace decant::broker::nats
