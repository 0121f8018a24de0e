#include "broker/nats/nats_broker.h"

#include <fmt/format.h>

#include "broker/nats/status.h"

namespace decant::broker::nats {
namespace {

using Steady = std::chrono::steady_clock;

// An election takes some four seconds.
constexpr std::chrono::milliseconds publish_patience = std::chrono::seconds(10);
constexpr std::chrono::milliseconds publish_pause{100};  // between two tries
// The servers need a moment to answer: what comes after a shorter wait would lie here until the next.
constexpr std::chrono::milliseconds shortest_wait{50};
// So that a ring which cannot be worked on now goes in no quick circle.
constexpr std::chrono::milliseconds release_delay{250};
// Where JetStream takes the answers to its deliveries.
constexpr std::string_view ack_prefix = "$JS.ACK.";

}  // namespace

Result<std::unique_ptr<tasks::Broker>> NatsBroker::open(Address address, std::chrono::milliseconds lease,
                                                        Logger& logger) {
  // Not make_unique: the constructor is open's alone.
  std::unique_ptr<NatsBroker> broker(new NatsBroker(std::move(address), lease, logger));
  const auto prepared = broker->prepare();
  if (prepared) return broker;
  if (prepared.error().code != ErrorCode::unavailable) return Failure(prepared.error());
  logger.warning("the broker is away; it is looked for again", {{"error", prepared.error().describe()}});
  return broker;
}

Result<std::shared_ptr<Session>> NatsBroker::session() {
  const std::lock_guard turn(connecting_);
  if (auto current = current_session(); current && !current->is_closed()) return current;
  DECANT_TRY(std::shared_ptr<Session> fresh, Session::open(address_, lease_, logger_));
  const std::lock_guard lock(mutex_);
  if (interrupted_) fresh->stop_listening();
  session_ = fresh;
  return fresh;
}

Result<void> NatsBroker::prepare() {
  DECANT_TRY(const auto session, session());
  return session->make_stream();
}

Result<void> NatsBroker::publish(std::span<const tasks::TaskRef> tasks) {
  for (const tasks::TaskRef& task : tasks) DECANT_CHECK(publish(task));
  return {};
}

Result<void> NatsBroker::publish(const tasks::TaskRef& task) {
  const std::string message = encode_message(task);
  const std::string id = fmt::format("{}:{}", task.task.text(), task.generation);
  const auto give_up = Steady::now() + publish_patience;
  for (;;) {
    const auto published = publish_once(message, id);
    const bool is_over = is_interrupted() || Steady::now() >= give_up;
    if (published || is_over || published.error().code != ErrorCode::unavailable) return published;
    pause(publish_pause);
  }
}

Result<void> NatsBroker::publish_once(const std::string& message, const std::string& id) {
  DECANT_TRY(const auto session, session());
  return session->publish(message, id);
}

Result<std::optional<tasks::Delivery>> NatsBroker::receive(std::chrono::milliseconds timeout) {
  const auto deadline = Steady::now() + std::max(timeout, shortest_wait);
  const std::unique_lock turn(listening_, deadline);
  if (!turn) return std::nullopt;
  while (!is_interrupted()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - Steady::now());
    if (left.count() <= 0) return std::nullopt;
    DECANT_TRY(const auto session, session());
    DECANT_TRY(const MessageHandle message, session->fetch(left));
    if (!message) continue;
    if (auto delivery = read(*session, *message)) return delivery;
  }
  return std::nullopt;
}

std::optional<tasks::Delivery> NatsBroker::read(Session& session, const natsMsg& message) {
  const std::string_view text(natsMsg_GetData(&message), static_cast<std::size_t>(natsMsg_GetDataLength(&message)));
  const char* const reply = natsMsg_GetReply(&message);
  const std::string ack_id = reply == nullptr ? "" : reply;
  const auto task = parse_message(text);
  const bool is_delivery = ack_id.starts_with(ack_prefix);
  if (task && is_delivery) return tasks::Delivery{*task, ack_id};

  refused_.add(text,
               task ? Error{ErrorCode::invalid_argument, "a message did not come from the stream"} : task.error());
  // Whoever sends what does not come from the stream would also choose where the answer goes.
  if (!is_delivery) return std::nullopt;
  if (const auto told = session.tell(ack_id, "+ACK"); !told)
    logger_.warning("a refused message was not acknowledged", {{"error", told.error().describe()}});
  return std::nullopt;
}

Result<void> NatsBroker::extend(const tasks::Delivery& delivery, std::chrono::milliseconds) {
  const auto session = current_session();
  // A new one would be waited for, and who extends has other leases to think of.
  if (!session) return nats_failure(NATS_CONNECTION_DISCONNECTED, "extend a delivery", address_);
  return session->tell_soon(delivery.ack_id, "+WPI");
}

Result<void> NatsBroker::acknowledge(const tasks::Delivery& delivery) {
  DECANT_TRY(const auto session, session());
  return session->tell(delivery.ack_id, "+ACK");
}

Result<void> NatsBroker::release(const tasks::Delivery& delivery) {
  DECANT_TRY(const auto session, session());
  return session->tell(delivery.ack_id,
                       fmt::format(R"(-NAK {{"delay":{}}})", std::chrono::nanoseconds(release_delay).count()));
}

void NatsBroker::interrupt() {
  {
    const std::lock_guard lock(mutex_);
    interrupted_ = true;
    if (session_) session_->stop_listening();
  }
  changed_.notify_all();
}

std::shared_ptr<Session> NatsBroker::current_session() const {
  const std::lock_guard lock(mutex_);
  return session_;
}

bool NatsBroker::is_interrupted() const {
  const std::lock_guard lock(mutex_);
  return interrupted_;
}

void NatsBroker::pause(std::chrono::milliseconds duration) {
  std::unique_lock lock(mutex_);
  changed_.wait_for(lock, duration, [this] { return interrupted_; });
}

}  // namespace decant::broker::nats
