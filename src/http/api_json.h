#pragma once

#include <boost/json/object.hpp>
#include <string>
#include <string_view>
#include <vector>

#include "http/message.h"

namespace decant::http {

/// `text` as a JSON string, with its quotes.
[[nodiscard]] std::string json_string(std::string_view text);

/// The body as one JSON object: at most 64 KiB, at most 8 levels deep. unsupported_media unless it says that it is
/// JSON; too_large, invalid_argument.
Awaitable<Result<boost::json::object>> read_json_object(Request& request);

/// Takes fields of the right type out of an object and notes each one that is not.
class JsonFields {
 public:
  explicit JsonFields(const boost::json::object& object) : object_(object) {}
  /// Empty, and an error noted, when it is missing or no string.
  std::string text(std::string_view name);
  /// invalid_argument with a FieldError for each noted one.
  [[nodiscard]] Result<void> check() const;

 private:
  const boost::json::object& object_;
  std::vector<FieldError> errors_;
};

/// invalid_argument about one field or query parameter.
[[nodiscard]] Failure wrong_field(std::string name, std::string message);

}  // namespace decant::http
