#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace decant::http {

struct MultipartLimits {
  int parts = 64;
  std::size_t header_bytes = 8 * 1024;  ///< of one part
};

/// A multipart/form-data body (RFC 7578) as it arrives in pieces. Its memory is bounded by the limits, whatever the
/// body holds.
///
///   parser.feed(bytes);
///   while (true) {
///     DECANT_TRY(auto event, parser.next());
///     … until it is NeedMore; then feed again, or finish()
///   }
class MultipartParser {
 public:
  /// The boundary of a Content-Type field. unsupported_media when that is not multipart/form-data; invalid_argument
  /// when the boundary is missing, longer than 70 characters or not made of those that RFC 2046 5.1.1 allows.
  static Result<std::string> find_boundary(std::string_view content_type);

  explicit MultipartParser(std::string_view boundary, MultipartLimits limits = {});

  struct NeedMore {};
  /// All of it as the client sent it: not cleaned, not a path, perhaps not UTF-8.
  struct PartBegin {
    std::string name;
    std::optional<std::string> filename;  ///< of filename* where there is one
    std::string content_type = "text/plain";
  };
  /// Valid until the next call of any kind.
  struct PartData {
    std::span<const std::byte> bytes;
  };
  struct PartEnd {};
  using Event = std::variant<NeedMore, PartBegin, PartData, PartEnd>;

  /// Only after next() returned NeedMore. The bytes must stay until it does so again.
  void feed(std::span<const std::byte> bytes);
  /// invalid_argument for a body that is malformed, too_large past a limit; nothing may be called after an error.
  Result<Event> next();
  /// There is no more: invalid_argument when the last boundary never came.
  [[nodiscard]] Result<void> finish() const;

 private:
  enum class State { preamble, boundary_line, headers, data, epilogue };

  // Each is false when the input ends first.
  Result<bool> read_boundary_line();
  Result<bool> read_headers();
  /// Moves input into line_ up to and with its LF.
  Result<bool> collect_line(std::size_t limit);
  Result<void> take_header_line(std::string_view line);
  /// What is content for certain: up to the delimiter, or to what may become one. Empty: more is needed, or
  /// at_delimiter_ is set, and the input is behind it.
  std::string_view take_content();

  std::string delimiter_;  ///< CRLF "--" boundary
  MultipartLimits limits_;
  State state_ = State::preamble;
  std::string_view input_;
  std::string held_;   ///< the end of earlier input, a beginning of the delimiter
  std::string given_;  ///< what was held and turned out to be data
  bool at_delimiter_ = false;
  std::string line_;
  std::size_t header_bytes_ = 0;
  int parts_ = 0;
  PartBegin part_;  ///< as far as its headers are read
  bool has_disposition_ = false;
};

}  // namespace decant::http
