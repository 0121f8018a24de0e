#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tasks/task_service.h"

namespace decant::http {

/// The form of POST /api/tasks as its parts come in, in any order: the file "audio", and the texts "newFormat", "filename", "options"
/// (JSON) and one for each option. Errors name the field. Blocks on the disk: for the pool only.
class UploadForm {
 public:
  /// `most`: the most bytes of the file. `service` outlives it.
  UploadForm(std::filesystem::path spool_folder, ByteCount most, const tasks::TaskService& service)
      : spool_folder_(std::move(spool_folder)), most_(most), service_(service) {}

  /// A part begins; the one before is over. A file whose format or options are known to be wrong already is refused here,
  /// before it is sent.
  Result<void> begin_part(std::string_view name, std::string_view filename);
  Result<void> add(std::span<const std::byte> bytes);
  Result<void> end_part();

  /// After the last part: what is asked for, by whom it may be. Once.
  Result<tasks::Submission> take_submission(const tasks::UserId& user);
  /// The file, after take_submission.
  [[nodiscard]] tasks::Upload& upload() { return *upload_; }

 private:
  Result<tasks::ConversionOptions> options() const;

  std::filesystem::path spool_folder_;
  ByteCount most_;
  const tasks::TaskService& service_;
  std::set<std::string, std::less<>> seen_;
  std::string part_;  ///< name of the part that is open
  std::string text_;  ///< of the part that is open, unless it is the file
  std::string name_of_file_;
  std::optional<std::string> filename_;
  std::optional<std::string> target_;
  std::string options_json_;
  std::vector<std::pair<std::string, std::string>> option_texts_;
  std::optional<tasks::Upload> upload_;
};

}  // namespace decant::http
