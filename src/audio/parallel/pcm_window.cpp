#include "audio/parallel/pcm_window.h"

#include <algorithm>

namespace decant::audio {

PcmWindow::Part PcmWindow::find(std::int64_t position) const {
  if (position >= end_) return {};
  const auto after = std::ranges::upper_bound(entries_, position, {}, &Entry::position);
  const Entry& entry = *std::prev(after);
  return {av::must<av::Frame>(av_frame_clone(entry.frame.get())), static_cast<int>(position - entry.position)};
}

Result<void> PcmWindow::pull(std::int64_t position) {
  const std::lock_guard reading(reading_);
  {
    const std::lock_guard lock(entries_mutex_);
    if (position < end_ || is_over_) return {};
  }
  DECANT_TRY(const AVFrame* frame, stream_->next());
  av::Frame kept = frame == nullptr ? nullptr : av::must<av::Frame>(av_frame_clone(frame));
  const std::lock_guard lock(entries_mutex_);
  progress_ = stream_->progress();
  if (kept == nullptr) {
    is_over_ = true;
    return {};
  }
  const int samples = kept->nb_samples;
  entries_.push_back({end_, std::move(kept)});
  end_ += samples;
  return {};
}

Result<PcmWindow::Part> PcmWindow::read(std::int64_t position) {
  for (;;) {
    {
      const std::lock_guard lock(entries_mutex_);
      if (Part part = find(position); part.frame != nullptr || is_over_) return part;
    }
    DECANT_CHECK(pull(position));
  }
}

void PcmWindow::forget_before(std::int64_t position) {
  std::deque<Entry> forgotten;  // freed outside the lock
  const std::lock_guard lock(entries_mutex_);
  while (!entries_.empty() && entries_.front().position + entries_.front().frame->nb_samples <= position) {
    forgotten.push_back(std::move(entries_.front()));
    entries_.pop_front();
  }
}

std::int64_t PcmWindow::samples() const {
  const std::lock_guard lock(entries_mutex_);
  return end_;
}

double PcmWindow::progress() const {
  const std::lock_guard lock(entries_mutex_);
  return progress_;
}

}  // namespace decant::audio
