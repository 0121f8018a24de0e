#include "http/api_download.h"

#include <fmt/format.h>

#include "http/api_endpoint.h"
#include "http/api_json.h"
#include "http/api_tasks.h"
#include "tasks/display_name.h"

namespace decant::http {
namespace {

enum class Which { result, original };

Result<Which> parse_which(const Request& request) {
  const std::string text = request.find_query("which").value_or("result");
  if (text == "result") return Which::result;
  if (text == "original") return Which::original;
  return wrong_field("which", "must be result or original");
}

struct Found {
  std::string name;
  tasks::StoredFile file;
  WallTime modified;
  std::unique_ptr<tasks::ObjectReader> reader;
};

Result<Found> describe(const tasks::Task& task, Which which) {
  if (which == Which::original) {
    return Found{tasks::with_some_extension(task.name, task.source.extension), task.source, task.created, nullptr};
  }
  if (!task.result) {
    return failure(ErrorCode::conflict, fmt::format("there is no result yet: the task is {}", to_string(task.state)));
  }
  return Found{tasks::with_extension(task.name, task.result->extension), *task.result, task.updated, nullptr};
}

Result<Found> find_file(const ApiParts& parts, const tasks::TaskId& id, const tasks::UserId& user, Which which) {
  // A new result may take the old one's place between the row and the file: then the row is worth a second look.
  for (int tries_left = 1;; --tries_left) {
    DECANT_TRY(const auto task, parts.tasks.find_task(id, user));
    if (!task) return tasks::no_such_task();
    DECANT_TRY(Found found, describe(*task, which));
    auto reader = parts.objects.open(found.file.key);
    if (reader) {
      found.reader = *std::move(reader);
      return found;
    }
    if (reader.error().code != ErrorCode::not_found) return Failure(std::move(reader).error());
    if (tries_left == 0) return failure(ErrorCode::internal, "the file is lost", "no object " + found.file.key);
  }
}

constexpr bool is_alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/// attr-char of RFC 8187 3.2.1.
bool is_attribute_character(char c) { return is_alphanumeric(c) || std::string_view("!#$&+-.^_`|~").contains(c); }

/// What every client takes between quotes: no escapes, no percent sign (some decode it).
bool is_plain_character(char c) { return c >= ' ' && c <= '~' && !std::string_view("\"\\%").contains(c); }

}  // namespace

std::string attachment(std::string_view name) {
  std::string plain;
  std::string encoded;
  for (const char raw : name) {
    const char character = raw == '/' || raw == '\\' ? '_' : raw;
    const auto byte = static_cast<unsigned char>(character);
    const bool continues = (byte & 0xC0) == 0x80;
    if (is_plain_character(character)) {
      plain += character;
    } else if (!continues) {
      plain += '_';
    }
    if (is_attribute_character(character)) {
      encoded += character;
    } else {
      encoded += fmt::format("%{:02X}", byte);
    }
  }
  return fmt::format("attachment; filename=\"{}\"; filename*=UTF-8''{}", plain, encoded);
}

}  // namespace decant::http
