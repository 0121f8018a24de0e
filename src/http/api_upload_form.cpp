#include "http/api_upload_form.h"

#include <fmt/format.h>

#include "http/api_json.h"

namespace decant::http {
namespace {

constexpr std::string_view audio = "audio";
constexpr std::size_t most_parts = 32;
constexpr std::size_t most_text = 8 * 1024;

}  // namespace

Result<void> UploadForm::begin_part(std::string_view name, std::string_view filename) {
  if (seen_.size() >= most_parts) {
    return failure(ErrorCode::invalid_argument, fmt::format("the form may have at most {} fields", most_parts));
  }
  part_ = name;
  text_.clear();
  if (!seen_.insert(part_).second) return wrong_field(part_, "is given twice");
  if (part_ != audio) return {};
  if (target_) {
    DECANT_TRY(const auto asked, options());
    DECANT_CHECK(service_.check_target(*target_, asked));
  }
  name_of_file_ = filename;
  DECANT_TRY(upload_, tasks::Upload::make(spool_folder_, most_));
  return {};
}

Result<void> UploadForm::add(std::span<const std::byte> bytes) {
  if (part_ == audio) return upload_->append(bytes);
  if (bytes.size() > most_text - text_.size()) {
    return wrong_field(part_, fmt::format("may have at most {} bytes", most_text));
  }
  text_.append(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return {};
}

Result<void> UploadForm::end_part() {
  if (part_ == audio) return {};
  if (part_ == "newFormat") {
    target_ = text_;
  } else if (part_ == "filename") {
    filename_ = text_;
  } else if (part_ == "options") {
    options_json_ = text_;
  } else if (!text_.empty()) {  // forms send what was left blank, too
    option_texts_.emplace_back(part_, text_);
  }
  return {};
}

Result<tasks::ConversionOptions> UploadForm::options() const {
  tasks::ConversionOptions options;
  if (!options_json_.empty()) {
    DECANT_TRY(options, tasks::parse_options_json(options_json_));
  }
  for (const auto& [name, text] : option_texts_) DECANT_CHECK(tasks::set_option(options, name, text));
  return options;
}

Result<tasks::Submission> UploadForm::take_submission(const tasks::UserId& user) {
  if (!upload_) return wrong_field(std::string(audio), "is missing: send the file in it");
  if (!target_) return wrong_field("newFormat", "is missing");
  DECANT_TRY(auto asked, options());
  return tasks::Submission{.user = user,
                           .name = filename_.value_or(name_of_file_),
                           .target = *std::move(target_),
                           .options = asked};
}

}  // namespace decant::http
