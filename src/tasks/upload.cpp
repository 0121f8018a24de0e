#include "tasks/upload.h"

#include <fmt/format.h>

namespace decant::tasks {

Result<Upload> Upload::make(const std::filesystem::path& spool_folder, ByteCount most) {
  DECANT_TRY(SpoolFile file, SpoolFile::make(spool_folder));
  return Upload(std::move(file), most);
}

Result<void> Upload::append(std::span<const std::byte> bytes) {
  const auto count = static_cast<ByteCount>(bytes.size());
  if (count > most_ - size_) {
    return failure(ErrorCode::too_large, fmt::format("a file may have at most {} bytes", most_));
  }
  DECANT_CHECK(file_.append(bytes));
  hash_.update(bytes);
  size_ += count;
  return {};
}

}  // namespace decant::tasks
