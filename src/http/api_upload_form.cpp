#include "http/api_upload_form.h"

#include <fmt/format.h>

#include "http/api_json.h"

namespace decant::http {
namespace {

constexpr std::string_view audio = "audio";
constexpr std::string_view cover_part = "cover";
constexpr MultipartLimits limits{.parts = 32, .header_bytes = 8 * 1024};
constexpr std::size_t most_text = 8 * 1024;
// Of those that may have tags to set.
constexpr std::size_t most_options_text = 40 * 1024;

}  // namespace

UploadForm::UploadForm(Options options, const tasks::TaskService& service)
    : options_(std::move(options)), service_(service), parser_(options_.boundary, limits) {}

Result<void> UploadForm::feed(std::span<const std::byte> bytes) {
  parser_.feed(bytes);
  while (true) {
    DECANT_TRY(MultipartParser::Event event, parser_.next());
    if (std::holds_alternative<MultipartParser::NeedMore>(event)) return {};
    if (auto* part = std::get_if<MultipartParser::PartBegin>(&event)) {
      DECANT_CHECK(take(*part));
    } else if (const auto* data = std::get_if<MultipartParser::PartData>(&event)) {
      DECANT_CHECK(take(*data));
    } else {
      DECANT_CHECK(take(MultipartParser::PartEnd{}));
    }
  }
}

Result<void> UploadForm::take(MultipartParser::PartBegin& part) {
  part_ = std::move(part.name);
  text_.clear();
  if (!seen_.insert(part_).second) return wrong_field(part_, "is given twice");
  if (part_ == cover_part) {
    name_of_cover_ = std::move(part.filename).value_or("");
    DECANT_TRY(cover_, tasks::Upload::make(options_.spool_folder, options_.most_cover));
  }
  if (part_ != audio) return {};
  if (target_) {
    DECANT_TRY(const auto asked, parse_options());
    DECANT_CHECK(service_.check_target(*target_, asked));
  }
  name_of_file_ = std::move(part.filename).value_or("");
  DECANT_TRY(upload_, tasks::Upload::make(options_.spool_folder, options_.most));
  return {};
}

Result<void> UploadForm::take(const MultipartParser::PartData& data) {
  if (part_ == audio) return upload_->append(data.bytes);
  if (part_ == cover_part) return cover_->append(data.bytes);
  const std::size_t most = part_ == "options" || part_ == "metadata" ? most_options_text : most_text;
  if (data.bytes.size() > most - text_.size()) {
    return wrong_field(part_, fmt::format("may have at most {} bytes", most));
  }
  text_.append(reinterpret_cast<const char*>(data.bytes.data()), data.bytes.size());
  return {};
}

Result<void> UploadForm::take(const MultipartParser::PartEnd&) {
  if (part_ == audio) return {};
  if (part_ == cover_part) {
    // So does a form send a file that was not chosen.
    if (cover_->size() == 0 && name_of_cover_.empty()) cover_.reset();
  } else if (part_ == "newFormat") {
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

Result<tasks::ConversionOptions> UploadForm::parse_options() const {
  tasks::ConversionOptions options;
  if (!options_json_.empty()) {
    DECANT_TRY(options, tasks::parse_options_json(options_json_));
  }
  for (const auto& [name, text] : option_texts_) DECANT_CHECK(tasks::set_option(options, name, text));
  return options;
}

Result<tasks::Submission> UploadForm::finish() {
  DECANT_CHECK(parser_.finish());
  if (!upload_) return wrong_field(std::string(audio), "is missing: send the file in it");
  if (!target_) return wrong_field("newFormat", "is missing");
  DECANT_TRY(const auto asked, parse_options());
  return tasks::Submission{.name = filename_.value_or(name_of_file_), .target = *std::move(target_), .options = asked};
}

}  // namespace decant::http
