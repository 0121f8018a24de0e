#include "http/multipart.h"

#include <algorithm>
#include <array>

#include "http/parameters.h"
#include "http/syntax.h"

namespace decant::http {
namespace {

constexpr std::size_t max_boundary = 70;
/// Spaces that a gateway may have put behind a boundary.
constexpr std::size_t max_padding = 64;

Failure malformed(std::string why) {
  return failure(ErrorCode::invalid_argument, "the form data is malformed: " + std::move(why));
}

/// bchars of RFC 2046 5.1.1.
bool is_boundary(std::string_view text) {
  return !text.empty() && text.size() <= max_boundary && text.back() != ' ' &&
         std::ranges::all_of(text, [](char character) {
           return (character >= '0' && character <= '9') || (character >= 'a' && character <= 'z') ||
                  (character >= 'A' && character <= 'Z') || std::string_view("'()+_,-./:=? ").contains(character);
         });
}

/// Browsers write these three into a quoted name as escapes (WHATWG HTML 4.10.21.8), and no others.
std::string decode_browser_escapes(std::string_view text) {
  static constexpr auto escapes =
      std::to_array<std::pair<std::string_view, char>>({{"%22", '"'}, {"%0D", '\r'}, {"%0A", '\n'}});
  std::string result;
  while (!text.empty()) {
    const auto escape = std::ranges::find_if(escapes, [&](const auto& entry) { return text.starts_with(entry.first); });
    if (escape != escapes.end()) {
      result += escape->second;
      text.remove_prefix(escape->first.size());
    } else {
      result += text.front();
      text.remove_prefix(1);
    }
  }
  return result;
}

std::span<const std::byte> to_bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

}  // namespace

Result<std::string> MultipartParser::find_boundary(std::string_view content_type) {
  const auto parsed = parse_parameterized(content_type);
  if (!parsed || parsed->value != "multipart/form-data") {
    return failure(ErrorCode::unsupported_media, "send the form as multipart/form-data");
  }
  const std::string_view boundary = parsed->find("boundary").value_or("");
  if (!is_boundary(boundary)) return malformed("its boundary is missing or not allowed");
  return std::string(boundary);
}

MultipartParser::MultipartParser(std::string_view boundary, MultipartLimits limits)
    : delimiter_("\r\n--" + std::string(boundary)),
      limits_(limits),
      // The first boundary may stand at the very beginning, as if a line had ended before.
      held_("\r\n") {}

void MultipartParser::feed(std::span<const std::byte> bytes) {
  input_ = {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

Result<MultipartParser::Event> MultipartParser::next() {
  while (true) {
    switch (state_) {
      case State::preamble:
        if (!take_content().empty()) continue;
        if (!std::exchange(at_delimiter_, false)) return NeedMore{};
        state_ = State::boundary_line;
        continue;
      case State::boundary_line: {
        DECANT_TRY(const bool complete, read_boundary_line());
        if (!complete) return NeedMore{};
        continue;
      }
      case State::headers: {
        DECANT_TRY(const bool complete, read_headers());
        if (!complete) return NeedMore{};
        state_ = State::data;
        return std::exchange(part_, {});
      }
      case State::data: {
        const std::string_view content = take_content();
        if (!content.empty()) return PartData{to_bytes(content)};
        if (!std::exchange(at_delimiter_, false)) return NeedMore{};
        state_ = State::boundary_line;
        return PartEnd{};
      }
      case State::epilogue: input_ = {}; return NeedMore{};
    }
  }
}

Result<void> MultipartParser::finish() const {
  if (state_ != State::epilogue) return malformed("it ends before its last boundary");
  return {};
}

std::string_view MultipartParser::take_content() {
  if (!held_.empty()) {
    const std::size_t common = std::min(delimiter_.size() - held_.size(), input_.size());
    if (input_.substr(0, common) == std::string_view(delimiter_).substr(held_.size(), common)) {
      held_ += input_.substr(0, common);
      input_.remove_prefix(common);
      if (held_ == delimiter_) {
        held_.clear();
        at_delimiter_ = true;
      }
      return {};
    }
    // A CR stands only at the front of the delimiter, so no later part of what was held can begin another one.
    given_ = std::exchange(held_, {});
    return given_;
  }
  std::size_t end = input_.find(delimiter_);
  if (end == 0) {
    input_.remove_prefix(delimiter_.size());
    at_delimiter_ = true;
    return {};
  }
  if (end == std::string_view::npos) {
    const std::size_t last_cr = input_.rfind('\r');
    const bool may_begin = last_cr != std::string_view::npos && delimiter_.starts_with(input_.substr(last_cr));
    end = may_begin ? last_cr : input_.size();
    held_ = input_.substr(end);
    const std::string_view content = input_.substr(0, end);
    input_ = {};
    return content;
  }
  const std::string_view content = input_.substr(0, end);
  input_.remove_prefix(end);
  return content;
}

Result<bool> MultipartParser::collect_line(std::size_t limit) {
  const std::size_t newline = input_.find('\n');
  const std::size_t count = newline == std::string_view::npos ? input_.size() : newline + 1;
  if (line_.size() + count > limit)
    return failure(ErrorCode::too_large, "the form data has a header that is too large");
  line_ += input_.substr(0, count);
  input_.remove_prefix(count);
  if (newline == std::string_view::npos) return false;
  if (!line_.ends_with("\r\n")) return malformed("a line ends without CR");
  return true;
}

Result<bool> MultipartParser::read_boundary_line() {
  // The last boundary needs no line end.
  while (line_.size() < 2 && !input_.empty()) {
    line_ += input_.front();
    input_.remove_prefix(1);
  }
  if (line_ == "--") {
    line_.clear();
    state_ = State::epilogue;
    return true;
  }
  if (line_.size() < 2) return false;
  if (line_ != "\r\n") {
    DECANT_TRY(const bool complete, collect_line(max_padding));
    if (!complete) return false;
    if (line_.find_first_not_of(" \t\r\n") != std::string::npos)
      return malformed("something follows a boundary on its line");
  }
  line_.clear();
  if (++parts_ > limits_.parts) return failure(ErrorCode::too_large, "the form data has too many parts");
  header_bytes_ = 0;
  part_ = {};
  has_disposition_ = false;
  state_ = State::headers;
  return true;
}

Result<bool> MultipartParser::read_headers() {
  while (true) {
    DECANT_TRY(const bool complete, collect_line(limits_.header_bytes - header_bytes_));
    if (!complete) return false;
    header_bytes_ += line_.size();
    const std::string line = std::exchange(line_, {});
    if (line == "\r\n") break;
    DECANT_CHECK(take_header_line(std::string_view(line).substr(0, line.size() - 2)));
  }
  if (!has_disposition_) return malformed("a part has no Content-Disposition");
  return true;
}

Result<void> MultipartParser::take_header_line(std::string_view line) {
  std::string_view value = line;
  const std::string_view name = take_until(value, ':');
  value = trim(value);
  if (!is_token(name) || line.size() == name.size() ||
      value.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) {
    return malformed("a part has a broken header");
  }
  if (equals_ignoring_case(name, "Content-Type")) part_.content_type = value;
  if (equals_ignoring_case(name, "Content-Transfer-Encoding") && !equals_ignoring_case(value, "binary") &&
      !equals_ignoring_case(value, "8bit") && !equals_ignoring_case(value, "7bit")) {
    return malformed("a part has a Content-Transfer-Encoding (RFC 7578 4.7)");
  }
  if (!equals_ignoring_case(name, "Content-Disposition")) return {};

  const auto disposition = parse_parameterized(value);
  if (!disposition || disposition->value != "form-data" || !disposition->find("name") || has_disposition_) {
    return malformed("a part has a wrong Content-Disposition");
  }
  has_disposition_ = true;
  part_.name = decode_browser_escapes(*disposition->find("name"));
  if (const auto filename = disposition->find("filename")) part_.filename = decode_browser_escapes(*filename);
  if (const auto extended = disposition->find("filename*")) {
    if (auto decoded = decode_extended(*extended)) part_.filename = *std::move(decoded);
  }
  return {};
}

}  // namespace decant::http
