#pragma once

#include <condition_variable>
#include <exception>
#include <list>
#include <thread>
#include <vector>

#include "audio/encoder.h"
#include "audio/parallel/chunks.h"
#include "audio/parallel/pcm_window.h"
#include "audio/spare_cores.h"

namespace decant::audio {

/// Encodes one sound with as many threads as there are idle cores, into what one encoder would have made.
///
/// An encoder goes on as long as nobody has begun on what lies ahead: a sound that finds no second core is encoded in
/// one go. A thread that has a core begins amid what the foremost encoder has before it, or what a slow one has up to
/// the next, some frames early; the encoder before runs on past that seam until the two agree, and is done. Threads ask
/// for their core again every few seconds of sound.
class ParallelEncoder {
 public:
  struct Job {
    const Format& format;
    const Encoding& encoding;
    ChunkPlan chunks;
    std::optional<std::int64_t> samples;  ///< how long the sound will be, if somebody knows; a hint
    const SpareCores& cores;
  };

  /// `first` is open for the sound's beginning. Everything outlives run().
  ParallelEncoder(const Job& job, Encoder& first, PcmStream& pcm, Muxer& muxer);

  /// To the end of the sound; called once. `tell` hears the part done, 0 to 1, on the calling thread.
  Result<void> run(const std::function<void(double)>& tell);

 private:
  enum class State { waiting, running, ended };
  /// One encoder and what it made.
  struct Lane {
    std::int64_t begin = 0;     // the seam: packets for times before are only for warming up
    std::int64_t position = 0;  // of the sample that is read next
    std::optional<Encoder> own;
    Encoder* encoder = nullptr;
    std::vector<av::Packet> packets;  // not yet written
    State state = State::waiting;
    bool is_dropped = false;  // the lane before went on to the sound's end
  };
  using Lanes = std::list<Lane>;
  /// Where a further lane is to begin, and the one that it shall follow.
  struct Start {
    Lanes::iterator before;
    std::int64_t begin;
  };
  /// What a thread does after some frames: the same lane, or another.
  enum class Step { go_on, leave };
  enum class Thread { caller, extra };
  enum class Core { kept, lost };

  Lane* pick();
  Lane* find_waiting();
  [[nodiscard]] std::optional<Start> next_start();
  [[nodiscard]] std::optional<Start> start_amid(Lanes::iterator lane, std::optional<std::int64_t> left) const;
  [[nodiscard]] bool is_near(std::int64_t position) const;
  Result<Core> encode(Lane& lane, Thread thread);
  Result<bool> encode_some(Encoder& encoder, std::int64_t& position, std::vector<av::Packet>& made);
  Step advance(Lane& lane, std::int64_t position, std::vector<av::Packet>& made, bool is_over);
  bool join_next(Lane& lane);
  void finish_at_end(Lanes::iterator last);
  void forget_read_samples();
  std::vector<av::Packet> take_finished();
  Result<void> write_finished();
  Core renew_core();
  void start_threads();
  void run_extra();
  void stop(std::optional<Error> error, std::exception_ptr thrown);
  Result<void> run_caller(const std::function<void(double)>& tell);
  [[nodiscard]] double part_done();

  const Job job_;
  const Seam& seam_;
  const std::int64_t frame_size_;
  const std::int64_t turn_;  // samples
  Muxer* muxer_;
  PcmWindow window_;
  std::function<void()> after_batch_;  // of the calling thread

  std::mutex writing_;  // held by who writes to the muxer; taken before mutex_
  std::mutex mutex_;    // guards all below
  std::condition_variable changed_;
  Lanes lanes_;               // in order of time; the first is being written
  std::int64_t encoded_ = 0;  // samples, those of seams twice
  bool is_over_ = false;      // a lane has come to the sound's end
  bool is_stopped_ = false;
  std::optional<Error> error_;
  std::exception_ptr thrown_;
  int threads_ = 1;  // that run, the calling one included
  std::list<std::jthread> extra_;
  std::vector<std::thread::id> finished_threads_;
};

}  // namespace decant::audio
