#include "broker/message.h"

#include <fmt/format.h>

#include <bit>
#include <boost/json.hpp>
#include <boost/json/basic_parser_impl.hpp>
#include <map>

namespace decant::broker {

namespace json = boost::json;

namespace {

constexpr std::size_t longest_excerpt = 64;  // bytes

/// Collects the fields of the outermost object, as json::basic_parser meets them. json::parse would keep the last of
/// two equal names and tell nobody.
class FieldReader {
 public:
  // The message itself is bounded.
  static constexpr std::size_t max_object_size = longest_message;
  static constexpr std::size_t max_array_size = longest_message;
  static constexpr std::size_t max_key_size = longest_message;
  static constexpr std::size_t max_string_size = longest_message;

  bool on_document_begin(json::error_code&) { return true; }
  bool on_document_end(json::error_code&) { return true; }
  bool on_object_begin(json::error_code&) { return begin(json::object()); }
  bool on_object_end(std::size_t, json::error_code&) { return end(); }
  bool on_array_begin(json::error_code&) { return begin(json::array()); }
  bool on_array_end(std::size_t, json::error_code&) { return end(); }
  bool on_key_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_key(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    const std::string name = std::exchange(text_, {});
    if (depth_ != 1) return true;
    const auto [field, is_new] = fields_.try_emplace(name, nullptr);
    has_repeated_name_ |= !is_new;
    field_ = &field->second;
    return true;
  }
  bool on_string_part(json::string_view part, std::size_t, json::error_code&) { return append(part); }
  bool on_string(json::string_view part, std::size_t, json::error_code&) {
    append(part);
    return keep(json::string(std::exchange(text_, {})));
  }
  bool on_number_part(json::string_view, json::error_code&) { return true; }
  bool on_int64(std::int64_t number, json::string_view, json::error_code&) { return keep(number); }
  bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) { return keep(number); }
  bool on_double(double number, json::string_view, json::error_code&) { return keep(number); }
  bool on_bool(bool value, json::error_code&) { return keep(value); }
  bool on_null(json::error_code&) { return keep(nullptr); }
  bool on_comment_part(json::string_view, json::error_code&) { return true; }
  bool on_comment(json::string_view, json::error_code&) { return true; }

  [[nodiscard]] bool has_repeated_name() const { return has_repeated_name_; }
  /// Null where there is none. Objects and arrays count as empty.
  [[nodiscard]] json::value field(std::string_view name) const {
    const auto found = fields_.find(name);
    return found == fields_.end() ? json::value() : found->second;
  }

 private:
  bool append(json::string_view part) {
    text_.append(part);
    return true;
  }
  bool keep(json::value value) {
    if (depth_ == 1 && field_ != nullptr) *field_ = std::move(value);
    return true;
  }
  bool begin(json::value nothing_in_it) {
    keep(std::move(nothing_in_it));
    ++depth_;
    return true;
  }
  bool end() {
    --depth_;
    return true;
  }

  std::size_t depth_ = 0;
  std::string text_;  // of the name or string that is being read
  std::map<std::string, json::value, std::less<>> fields_;
  json::value* field_ = nullptr;  // the one that is being read
  bool has_repeated_name_ = false;
};

Failure refuse(std::string_view why) {
  return failure(ErrorCode::invalid_argument, fmt::format("a message of the broker is not a ring: {}", why));
}

}  // namespace

std::string encode_message(const tasks::TaskRef& task) {
  return json::serialize(json::object{{"task_id", task.task.text()}, {"generation", task.generation}});
}

Result<tasks::TaskRef> parse_message(std::string_view message) {
  if (message.size() > longest_message) return refuse("it is too long");
  json::parse_options options;
  options.max_depth = deepest_message;
  json::basic_parser<FieldReader> parser(options);
  json::error_code error;
  const std::size_t read = parser.write_some(false, message.data(), message.size(), error);
  if (error || read != message.size()) return refuse("it is no JSON, or nested too deeply");

  const FieldReader& reader = parser.handler();
  if (reader.has_repeated_name()) return refuse("a name stands in it twice");
  const json::value id = reader.field("task_id");
  const auto task = id.is_string() ? tasks::TaskId::parse(id.get_string()) : std::nullopt;
  if (!task) return refuse("it has no task_id that is a UUID");
  const json::value generation = reader.field("generation");
  if (!generation.is_int64() || generation.get_int64() < 1)
    return refuse("it has no generation that is a number from 1");
  return tasks::TaskRef{*task, generation.get_int64()};
}

void RefusedMessages::add(std::string_view message, const Error& why) {
  const std::uint64_t count = ++count_;
  if (!std::has_single_bit(count)) return;
  logger_.warning("a message of the broker was refused", {{"error", why.message},
                                                          {"begins", message.substr(0, longest_excerpt)},
                                                          {"bytes", message.size()},
                                                          {"refused", static_cast<std::int64_t>(count)}});
}

}  // namespace decant::broker
