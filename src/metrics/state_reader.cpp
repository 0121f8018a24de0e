#include "metrics/state_reader.h"

#include <sys/statvfs.h>

namespace decant::metrics {
namespace {

constexpr std::chrono::seconds lifetime{1};

std::optional<DiskSpace> disk_space(const std::string& folder) {
  struct statvfs disk{};
  if (::statvfs(folder.c_str(), &disk) != 0) return std::nullopt;
  const auto block = static_cast<ByteCount>(disk.f_frsize);
  return DiskSpace{.size = static_cast<ByteCount>(disk.f_blocks) * block,
                   .free = static_cast<ByteCount>(disk.f_bavail) * block};
}

template <class T>
std::optional<T> value_of(Result<T> result) {
  if (!result) return std::nullopt;
  return *std::move(result);
}

}  // namespace

State StateReader::read() {
  // Held over the query, so that scrapers who come together ask the database once.
  const std::lock_guard lock(mutex_);
  const SteadyTime now = clock_.steady_now();
  if (!expires_ || now >= *expires_) {
    state_ = read_anew();
    expires_ = clock_.steady_now() + lifetime;
  }
  return state_;
}

State StateReader::read_anew() const {
  State state;
  state.database_answers = sources_.check().has_value();
  // A database that is away would be waited for twice more.
  if (state.database_answers && sources_.queue != nullptr) state.queue = value_of(sources_.queue->queue_stats());
  if (state.database_answers && sources_.outbox != nullptr) state.outbox = value_of(sources_.outbox->outbox_stats());
  if (sources_.slots) state.slots = sources_.slots();
  state.disk = disk_space(sources_.data_folder);
  return state;
}

}  // namespace decant::metrics
