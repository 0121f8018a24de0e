#pragma once

#include <filesystem>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "http/multipart.h"
#include "tasks/task_service.h"

namespace decant::http {

/// The form of POST /api/tasks as it comes in, its parts in any order: the file "audio", perhaps the picture "cover",
/// and the texts "newFormat", "filename", "options" (JSON) and one for each option, which win over "options". Errors
/// name the field. Blocks on the disk: for the pool only.
class UploadForm {
 public:
  struct Options {
    std::string boundary;  ///< as MultipartParser::find_boundary gives it
    std::filesystem::path spool_folder;
    ByteCount most = 0;        ///< bytes of the file
    ByteCount most_cover = 0;  ///< bytes of the picture
  };
  /// `service` outlives it.
  UploadForm(Options options, const tasks::TaskService& service);

  /// The next bytes of the body. A format or options that are known to be wrong when the file begins are refused then.
  Result<void> feed(std::span<const std::byte> bytes);
  /// After the last bytes: what is asked for, but for the user. Once.
  Result<tasks::Submission> finish();
  /// After finish().
  [[nodiscard]] tasks::Upload& upload() { return *upload_; }
  /// After finish(); null when there is none.
  [[nodiscard]] tasks::Upload* cover() { return cover_ ? &*cover_ : nullptr; }

 private:
  Result<void> take(MultipartParser::PartBegin& part);
  Result<void> take(const MultipartParser::PartData& data);
  Result<void> take(const MultipartParser::PartEnd&);
  [[nodiscard]] Result<tasks::ConversionOptions> parse_options() const;

  Options options_;
  const tasks::TaskService& service_;
  MultipartParser parser_;
  std::set<std::string> seen_;
  std::string part_;  ///< name of the part that is open
  std::string text_;  ///< of the part that is open, unless it is the file
  std::string name_of_file_;
  std::optional<std::string> filename_;
  std::optional<std::string> target_;
  std::string options_json_;
  std::vector<std::pair<std::string, std::string>> option_texts_;
  std::optional<tasks::Upload> upload_;
  std::string name_of_cover_;
  std::optional<tasks::Upload> cover_;
};

}  // namespace decant::http
