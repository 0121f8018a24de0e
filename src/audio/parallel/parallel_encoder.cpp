#include "audio/parallel/parallel_encoder.h"

#include <algorithm>
#include <chrono>
#include <system_error>

namespace decant::audio {

namespace {

constexpr auto look_interval = std::chrono::milliseconds(50);
// What is encoded between two looks at the others, in samples; what an encoder does past its seam is done twice.
constexpr std::int64_t batch = 16384;
// Seconds of sound that a thread encodes before it lets others have its core.
constexpr std::int64_t turn = 10;

}  // namespace

std::optional<std::size_t> find_same_time(PacketRun earlier, std::size_t index, PacketRun later) {
  const auto time = [](const av::Packet& packet) { return packet->pts; };
  const auto found = std::ranges::lower_bound(later, earlier[index]->pts, {}, time);
  if (found == later.end() || (*found)->pts != earlier[index]->pts) return std::nullopt;
  return static_cast<std::size_t>(found - later.begin());
}

ParallelEncoder::ParallelEncoder(const Job& job, Encoder& first, PcmStream& pcm, Muxer& muxer)
    : job_(job),
      seam_(*job.format.seam),
      frame_size_(first.context().frame_size),
      turn_(std::min(turn * pcm.format().sample_rate, job.chunks.longest)),
      muxer_(&muxer),
      window_(pcm) {
  lanes_.emplace_back().encoder = &first;
}

/// Where a further encoder would save time now: amid what the foremost has before it, or else amid the longest way that
/// one has to where the next began. Under mutex_.
std::optional<ParallelEncoder::Start> ParallelEncoder::next_start() {
  if (lanes_.empty()) return std::nullopt;
  const auto foremost = std::prev(lanes_.end());
  if (!is_over_) {
    const auto left = job_.samples ? std::optional(*job_.samples - foremost->position) : std::nullopt;
    if (const auto start = start_amid(foremost, left)) return start;
  }
  auto slowest = foremost;
  std::int64_t longest = 0;
  for (auto lane = lanes_.begin(); lane != foremost; ++lane) {
    const std::int64_t way = std::next(lane)->begin - lane->position;
    if (lane->state == State::ended || way <= longest) continue;
    slowest = lane;
    longest = way;
  }
  return start_amid(slowest, longest);
}

/// `left`: what the lane has before it, in samples, if somebody knows. Under mutex_.
std::optional<ParallelEncoder::Start> ParallelEncoder::start_amid(Lanes::iterator lane,
                                                                  std::optional<std::int64_t> left) const {
  const auto distance = job_.chunks.distance(left);
  if (!distance) return std::nullopt;
  const std::int64_t begin = (lane->position + *distance) / job_.chunks.unit * job_.chunks.unit;
  return is_near(begin) ? std::optional(Start{lane, begin}) : std::nullopt;
}

/// Whether memory has room for the sound between the slowest lane and there. Under mutex_.
bool ParallelEncoder::is_near(std::int64_t position) const {
  std::int64_t lowest = position;
  for (const Lane& lane : lanes_) {
    if (lane.state != State::ended) lowest = std::min(lowest, lane.position);
  }
  return position - lowest <= job_.chunks.reach;
}

/// A lane that waits for a thread; null when there is none. Under mutex_.
ParallelEncoder::Lane* ParallelEncoder::find_waiting() {
  const auto waiting = std::ranges::find_if(
      lanes_, [&](const Lane& lane) { return lane.state == State::waiting && is_near(lane.position); });
  return waiting == lanes_.end() ? nullptr : &*waiting;
}

/// The lane that a free thread shall go on with; null when there is nothing for it. Under mutex_.
ParallelEncoder::Lane* ParallelEncoder::pick() {
  if (is_stopped_) return nullptr;
  if (Lane* waiting = find_waiting(); waiting != nullptr) {
    waiting->state = State::running;
    return waiting;
  }
  const auto start = next_start();
  if (!start) return nullptr;
  Lane& lane = *lanes_.emplace(std::next(start->before));
  lane.begin = start->begin;
  lane.position = start->begin - seam_.warm_up * frame_size_;
  lane.state = State::running;
  return &lane;
}

Result<bool> ParallelEncoder::encode_some(Encoder& encoder, std::int64_t& position, std::vector<av::Packet>& made) {
  const PacketSink keep = [&made](AVPacket& packet) -> Result<void> {
    made.push_back(av::make_packet());
    av_packet_move_ref(made.back().get(), &packet);
    return {};
  };
  const std::int64_t goal = position + batch;
  while (position < goal) {
    DECANT_TRY(const PcmWindow::Part part, window_.read(position));
    if (part.frame == nullptr) {
      DECANT_CHECK(encoder.finish(keep));
      return true;
    }
    DECANT_CHECK(encoder.write(*part.frame, keep, part.skip));
    position += part.frame->nb_samples - part.skip;
  }
  return false;
}

Result<ParallelEncoder::Core> ParallelEncoder::encode(Lane& lane, Thread thread) {
  std::int64_t position = lane.position;
  if (lane.encoder == nullptr) {
    DECANT_TRY(Encoder encoder, Encoder::open(job_.format, job_.encoding, window_.format(), position));
    lane.encoder = &lane.own.emplace(std::move(encoder));
  }
  Encoder& encoder = *lane.encoder;
  for (std::int64_t turn_end = position + turn_;;) {
    std::vector<av::Packet> made;
    DECANT_TRY(const bool is_over, encode_some(encoder, position, made));
    const Step step = advance(lane, position, made, is_over);  // the lane may be gone after Step::leave
    DECANT_CHECK(write_finished());
    if (step == Step::leave) return Core::kept;
    if (thread == Thread::caller) {
      after_batch_();
    } else if (position >= turn_end) {
      turn_end = position + turn_;
      if (renew_core() == Core::kept) continue;
      const std::lock_guard lock(mutex_);
      lane.state = State::waiting;
      changed_.notify_all();
      return Core::lost;
    }
  }
}

ParallelEncoder::Step ParallelEncoder::advance(Lane& lane, std::int64_t position, std::vector<av::Packet>& made,
                                               bool is_over) {
  const std::lock_guard lock(mutex_);
  if (is_stopped_) return Step::leave;
  const auto self = std::ranges::find(lanes_, &lane, [](const Lane& one) { return &one; });
  if (lane.is_dropped) {
    lanes_.erase(self);
    changed_.notify_all();
    return Step::leave;
  }
  encoded_ += position - std::exchange(lane.position, position);
  std::ranges::move(made, std::back_inserter(lane.packets));
  forget_read_samples();
  if (join_next(lane)) {
    lane.state = State::ended;
    changed_.notify_all();
    return Step::leave;
  }
  if (is_over) {
    finish_at_end(self);
    return Step::leave;
  }
  if (is_near(position)) return Step::go_on;
  lane.state = State::waiting;  // for those behind it
  changed_.notify_all();
  return Step::leave;
}

/// Joins the lane to the one behind it, if both agree by now. Under mutex_.
bool ParallelEncoder::join_next(Lane& lane) {
  const auto self = std::ranges::find(lanes_, &lane, [](const Lane& one) { return &one; });
  auto next = std::next(self);
  // Where two never agreed, the earlier one replaces the later one.
  while (next != lanes_.end() && next->state == State::ended && !lane.packets.empty() &&
         (next->packets.empty() || next->packets.back()->pts <= lane.packets.back()->pts)) {
    next = lanes_.erase(next);
  }
  if (next == lanes_.end()) return false;
  const auto is_before = [&](const av::Packet& packet) { return packet->pts < next->begin; };
  const auto first = std::ranges::find_if_not(lane.packets, is_before);
  if (first == lane.packets.end()) return false;
  const auto from = static_cast<std::size_t>(first - lane.packets.begin());
  const auto run_on = static_cast<int>(lane.packets.end() - first);
  const std::optional<Splice> splice = seam_.find(lane.packets, next->packets, from, run_on);
  if (!splice) return false;
  if (seam_.join != nullptr) seam_.join(lane.packets, next->packets, *splice);
  lane.packets.erase(lane.packets.begin() + static_cast<std::ptrdiff_t>(splice->earlier), lane.packets.end());
  next->packets.erase(next->packets.begin(), next->packets.begin() + static_cast<std::ptrdiff_t>(splice->later));
  return true;
}

/// Under mutex_.
void ParallelEncoder::finish_at_end(Lanes::iterator last) {
  is_over_ = true;
  last->state = State::ended;
  for (auto lane = std::next(last); lane != lanes_.end();) {
    if (lane->state == State::running) {
      (lane++)->is_dropped = true;
    } else {
      lane = lanes_.erase(lane);
    }
  }
  changed_.notify_all();
}

/// Under mutex_.
void ParallelEncoder::forget_read_samples() {
  std::int64_t lowest = lanes_.back().position;
  for (const Lane& lane : lanes_) {
    if (lane.state != State::ended) lowest = std::min(lowest, lane.position);
  }
  window_.forget_before(lowest);
}

/// The packets that no seam can change any more, from where writing stopped.
std::vector<av::Packet> ParallelEncoder::take_finished() {
  const std::lock_guard lock(mutex_);
  std::vector<av::Packet> finished;
  while (!lanes_.empty() && !lanes_.front().is_dropped) {
    Lane& head = lanes_.front();
    auto end = head.packets.end();
    if (head.state != State::ended) {
      if (lanes_.size() > 1) {
        const std::int64_t seam = std::next(lanes_.begin())->begin;
        const auto is_before = [&](const av::Packet& packet) { return packet->pts < seam; };
        end = std::ranges::find_if_not(head.packets, is_before);
      }
      end -= std::min<std::ptrdiff_t>(seam_.reach, end - head.packets.begin());
    }
    std::move(head.packets.begin(), end, std::back_inserter(finished));
    head.packets.erase(head.packets.begin(), end);
    if (head.state != State::ended) break;
    lanes_.pop_front();
  }
  return finished;
}

Result<void> ParallelEncoder::write_finished() {
  const std::unique_lock writing(writing_, std::try_to_lock);
  if (!writing) return {};
  for (auto packets = take_finished(); !packets.empty(); packets = take_finished()) {
    for (const av::Packet& packet : packets) DECANT_CHECK(muxer_->write(*packet));
  }
  return {};
}

/// Lets whoever waits for a core have this one.
ParallelEncoder::Core ParallelEncoder::renew_core() {
  job_.cores.give_back();
  return job_.cores.try_take() ? Core::kept : Core::lost;
}

void ParallelEncoder::stop(std::optional<Error> error, std::exception_ptr thrown) {
  const std::lock_guard lock(mutex_);
  // What came first is why.
  if (!std::exchange(is_stopped_, true)) {
    error_ = std::move(error);
    thrown_ = std::move(thrown);
  }
  changed_.notify_all();
}

void ParallelEncoder::run_extra() {
  Core core = Core::kept;
  try {
    while (core == Core::kept) {
      Lane* lane = nullptr;
      {
        const std::lock_guard lock(mutex_);
        lane = pick();
      }
      if (lane == nullptr) break;
      auto left = encode(*lane, Thread::extra);
      if (!left) {
        stop(std::move(left).error(), {});
        break;
      }
      core = *left;
    }
  } catch (...) {
    stop({}, std::current_exception());
  }
  if (core == Core::kept) job_.cores.give_back();
  const std::lock_guard lock(mutex_);
  --threads_;
  finished_threads_.push_back(std::this_thread::get_id());
}

void ParallelEncoder::start_threads() {
  for (;;) {
    std::vector<std::thread::id> finished;
    {
      const std::lock_guard lock(mutex_);
      finished.swap(finished_threads_);
      const bool has_work = find_waiting() != nullptr || next_start().has_value();
      if (threads_ >= job_.chunks.threads || is_stopped_ || !has_work) return;
    }
    std::erase_if(extra_, [&](const std::jthread& thread) {
      return std::ranges::find(finished, thread.get_id()) != finished.end();
    });
    if (!job_.cores.try_take()) return;
    try {
      {
        const std::lock_guard lock(mutex_);
        ++threads_;
      }
      extra_.emplace_back([this] { run_extra(); });
    } catch (const std::system_error&) {
      // No room for another thread: those that run do.
      job_.cores.give_back();
      const std::lock_guard lock(mutex_);
      --threads_;
      return;
    }
  }
}

double ParallelEncoder::part_done() {
  const double read = window_.progress();
  const auto samples = static_cast<double>(std::max<std::int64_t>(window_.samples(), 1));
  const std::lock_guard lock(mutex_);
  return std::min(read * static_cast<double>(encoded_) / samples, 1.0);
}

Result<void> ParallelEncoder::run_caller(const std::function<void(double)>& tell) {
  auto next_look = std::chrono::steady_clock::now() + look_interval;
  after_batch_ = [&] {
    const auto now = std::chrono::steady_clock::now();
    if (now < next_look) return;
    next_look = now + look_interval;
    start_threads();
    tell(part_done());
  };
  start_threads();
  for (;;) {
    Lane* lane = nullptr;
    {
      std::unique_lock lock(mutex_);
      while ((lane = pick()) == nullptr) {
        if (is_stopped_ || std::ranges::find(lanes_, State::running, &Lane::state) == lanes_.end()) return {};
        changed_.wait_for(lock, look_interval);
        lock.unlock();
        after_batch_();
        lock.lock();
      }
    }
    DECANT_CHECK(encode(*lane, Thread::caller));
  }
}

Result<void> ParallelEncoder::run(const std::function<void(double)>& tell) {
  try {
    if (auto done = run_caller(tell); !done) stop(std::move(done).error(), {});
  } catch (...) {
    stop({}, std::current_exception());
  }
  extra_.clear();  // joins them
  if (thrown_) std::rethrow_exception(thrown_);
  if (error_) return Failure(*std::move(error_));
  return write_finished();
}

}  // namespace decant::audio
