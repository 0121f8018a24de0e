#include "broker/pubsub/subscriber.h"

#include <algorithm>

namespace decant::broker::pubsub {
namespace {

std::chrono::seconds whole_seconds(std::chrono::milliseconds lease) {
  return std::chrono::ceil<std::chrono::seconds>(lease);
}

}  // namespace

Subscriber::Subscriber(const SubscriberOptions& options, Service& service, const Clock& clock, Logger& logger)
    : options_(options),
      service_(service),
      clock_(clock),
      logger_(logger),
      client_id_("decant-" + random_hex(16)),
      leases_(options.leases, clock),
      watch_(options.stream, clock) {}

Subscriber::~Subscriber() {
  interrupt();
  streaming_.request_stop();
  if (streaming_.joinable()) streaming_.join();
  tending_.request_stop();
}

void Subscriber::start() {
  streaming_ = std::jthread([this](const std::stop_token& stop) { run_stream(stop); });
  tending_ = std::jthread([this](const std::stop_token& stop) { tend(stop); });
}

// What workers ask for

Result<std::optional<tasks::Delivery>> Subscriber::receive(std::chrono::milliseconds timeout) {
  std::call_once(started_, [this] { start(); });
  const auto deadline = std::chrono::steady_clock::now() + timeout;
  std::unique_lock lock(mutex_);
  ++listeners_;
  changed_.notify_all();
  changed_.wait_until(lock, deadline, [this] { return is_interrupted_ || refusal_ || leases_.has_ready(); });
  --listeners_;
  wanted_until_ = clock_.steady_now() + options_.listening_grace;
  if (is_interrupted_) return std::nullopt;
  if (auto delivery = leases_.take()) return delivery;
  if (refusal_) return Failure(*refusal_);
  return std::nullopt;
}

Result<void> Subscriber::extend(const tasks::Delivery& delivery, std::chrono::milliseconds lease) {
  const std::lock_guard lock(mutex_);
  if (leases_.keep(delivery.ack_id, lease)) return {};
  return failure(ErrorCode::lost_lease, "Pub/Sub has taken the delivery back", delivery.ack_id);
}

Result<void> Subscriber::acknowledge(const tasks::Delivery& delivery) {
  {
    const std::lock_guard lock(mutex_);
    leases_.end(delivery.ack_id);
  }
  changed_.notify_all();
  const Answer answer = settle(delivery.ack_id, [&] { return service_.acknowledge(delivery.ack_id); });
  // What is no longer ours rings again at the worst, and then the database says that it is done.
  if (answer.verdict == Verdict::retry || answer.verdict == Verdict::refused)
    return Failure(to_error(answer.status, "acknowledge a ring"));
  return {};
}

Result<void> Subscriber::release(const tasks::Delivery& delivery) {
  {
    std::unique_lock lock(mutex_);
    leases_.end(delivery.ack_id);
    // An extension that arrives after it would undo it.
    changed_.wait(lock, [&] { return extending_ != delivery.ack_id; });
  }
  changed_.notify_all();
  const Answer answer = give_back(delivery.ack_id);
  if (answer.verdict == Verdict::retry || answer.verdict == Verdict::refused)
    return Failure(to_error(answer.status, "give a ring back"));
  return {};
}

void Subscriber::interrupt() {
  {
    const std::lock_guard lock(mutex_);
    is_interrupted_ = true;
    std::ranges::move(leases_.close(), std::back_inserter(to_give_back_));
    leave_stream();
  }
  changed_.notify_all();
}

// The thread of the stream

bool Subscriber::is_wanted() const {
  return !is_interrupted_ && (listeners_ > 0 || clock_.steady_now() < wanted_until_);
}

void Subscriber::leave_stream() {
  if (!stream_ || leaving_ != Leaving::no) return;
  leaving_ = Leaving::wanted;
  left_at_ = clock_.steady_now();
}

void Subscriber::run_stream(const std::stop_token& stop) {
  while (wait_until_wanted(stop)) {
    const std::shared_ptr<PullStream> stream =
        service_.open_stream({client_id_, whole_seconds(options_.leases.lease), options_.leases.capacity});
    {
      const std::lock_guard lock(mutex_);
      stream_ = stream;
      leaving_ = Leaving::no;
      refusal_.reset();
      watch_.opened();
      if (!is_wanted()) leave_stream();
    }
    read_stream(*stream, stop);
    const Status status = stream->finish();
    note_end(status);
  }
}

bool Subscriber::wait_until_wanted(const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  while (!stop.stop_requested() && !is_interrupted_) {
    const auto pause = watch_.time_to_open();
    if (is_wanted() && pause <= std::chrono::milliseconds(0)) return true;
    if (is_wanted()) {
      changed_.wait_for(lock, stop, pause, [this] { return is_interrupted_; });
    } else {
      changed_.wait(lock, stop, [this] { return is_interrupted_ || is_wanted(); });
    }
  }
  return false;
}

void Subscriber::read_stream(PullStream& stream, const std::stop_token& stop) {
  for (;;) {
    {
      std::unique_lock lock(mutex_);
      // Servers without flow control send on: what is not read is not ours yet, and others will get it.
      changed_.wait(lock, stop, [this] { return leases_.has_room() || leaving_ != Leaving::no; });
      watch_.waits();
    }
    const std::optional<StreamResponse> response = stream.read();
    if (!response) return;
    {
      const std::lock_guard lock(mutex_);
      watch_.heard();
      guarantee_ = response->guarantee.value_or(guarantee_);
    }
    for (const ReceivedMessage& message : response->messages) take_in(message);
  }
}

void Subscriber::take_in(const ReceivedMessage& message) {
  const auto task = parse_message(message.data);
  if (!task) {
    refused_messages_.add(message.data, task.error());
    const Answer gone = settle(message.ack_id, [&] { return service_.acknowledge(message.ack_id); });
    if (gone.verdict != Verdict::done) logger_.debug("a refused message will come again");
    return;
  }
  LeaseTable::Admission admission{};
  {
    const std::lock_guard lock(mutex_);
    admission = leases_.admit(message.ack_id, *task, guarantee_);
  }
  if (admission == LeaseTable::Admission::ignore) return;
  if (admission == LeaseTable::Admission::give_back) {
    (void)give_back(message.ack_id);
    return;
  }
  const SteadyTime sent = clock_.steady_now();
  const Answer receipt = settle(
      message.ack_id, [&] { return service_.modify_deadline(message.ack_id, whole_seconds(options_.leases.lease)); });
  LeaseTable::Next next{};
  {
    const std::lock_guard lock(mutex_);
    next = leases_.confirm(message.ack_id, receipt.verdict, sent);
  }
  changed_.notify_all();
  if (next == LeaseTable::Next::give_back) (void)give_back(message.ack_id);
  if (next == LeaseTable::Next::drop) {
    logger_.debug("a ring was not confirmed and is left to come again",
                  {{"task", task->task.text()}, {"delivery_attempt", message.delivery_attempt}});
  }
}

void Subscriber::note_end(const Status& status) {
  {
    const std::lock_guard lock(mutex_);
    stream_.reset();
    if (leaving_ != Leaving::no) return watch_.dropped();
    switch (watch_.ended(status)) {
      case StreamWatch::Ending::usual: break;
      case StreamWatch::Ending::trouble:
        logger_.warning("no rings come: the stream of Pub/Sub ends again and again",
                        {{"status", to_string(status.code)}, {"error", status.message}});
        break;
      case StreamWatch::Ending::refused: refusal_ = to_error(status, "listen to its subscription"); break;
    }
  }
  changed_.notify_all();
}

// The thread that tends what is held

void Subscriber::tend(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    tend_stream();
    extend_due();
    give_back_due();
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, options_.tend_interval,
                      [this] { return !to_give_back_.empty() || leaving_ == Leaving::wanted; });
  }
  give_back_due();
}

void Subscriber::tend_stream() {
  std::shared_ptr<PullStream> stream;
  void (PullStream::*act)() = nullptr;
  {
    const std::lock_guard lock(mutex_);
    if (!stream_) return;
    stream = stream_;
    if (!is_wanted()) leave_stream();
    if (leaving_ == Leaving::wanted) {
      leaving_ = Leaving::told;
      act = &PullStream::close;
    } else if (leaving_ == Leaving::told && clock_.steady_now() - left_at_ >= options_.longest_goodbye) {
      act = &PullStream::cancel;
    } else if (watch_.is_too_silent()) {
      leave_stream();
      leaving_ = Leaving::told;
      act = &PullStream::cancel;
    } else if (watch_.is_ping_due()) {
      watch_.pinged();
      act = &PullStream::ping;
    }
  }
  if (act != nullptr) (*stream.*act)();
}

void Subscriber::extend_due() {
  std::vector<std::string> due;
  {
    const std::lock_guard lock(mutex_);
    due = leases_.due_extensions();
  }
  for (const std::string& ack_id : due) {
    {
      const std::lock_guard lock(mutex_);
      if (leaving_ == Leaving::wanted) return;  // that must not wait for a service that is away
      if (!leases_.has(ack_id)) continue;
      extending_ = ack_id;
    }
    const SteadyTime sent = clock_.steady_now();
    const Status status = service_.modify_deadline(ack_id, whole_seconds(options_.leases.lease));
    {
      const std::lock_guard lock(mutex_);
      leases_.extended(ack_id, judge(status, ack_id, 0), sent);
      extending_.clear();
    }
    changed_.notify_all();
  }
}

void Subscriber::give_back_due() {
  std::vector<std::string> due;
  {
    const std::lock_guard lock(mutex_);
    due = leases_.end_overdue();
    std::ranges::move(to_give_back_, std::back_inserter(due));
    to_give_back_.clear();
  }
  for (const std::string& ack_id : due) {
    // The service is away: the rest run out by themselves.
    if (give_back(ack_id).verdict == Verdict::retry) return;
  }
}

// Calls about one delivery

Subscriber::Answer Subscriber::settle(const std::string& ack_id, const Call& call) const {
  Tries tries(options_.retry, clock_);
  for (;;) {
    Status status = call();
    const Verdict verdict = judge(status, ack_id, tries.earlier());
    if (verdict != Verdict::retry || !tries.wait_for_next()) return {verdict, std::move(status)};
  }
}

Subscriber::Answer Subscriber::give_back(const std::string& ack_id) const {
  return settle(ack_id, [&] { return service_.modify_deadline(ack_id, std::chrono::seconds(0)); });
}

}  // namespace decant::broker::pubsub
