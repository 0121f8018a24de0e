#include "tasks/metadata_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/json.hpp>

namespace decant::tasks {

namespace json = boost::json;

namespace {

Failure wrong(std::string_view name, std::string message) {
  Error error{ErrorCode::invalid_argument, fmt::format("{}: {}", name, message), {}, {}};
  error.fields.push_back({std::string(name), std::move(message)});
  return Failure(std::move(error));
}

Failure wrong_metadata(std::string message) { return wrong("metadata", std::move(message)); }

char lower(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character + ('a' - 'A')) : character;
}

bool is_same_name(std::string_view a, std::string_view b) { return std::ranges::equal(a, b, {}, lower, lower); }

bool is_control(char character) {
  const auto byte = static_cast<unsigned char>(character);
  return byte < 0x20 || byte == 0x7F;
}

/// Lyrics and comments have lines.
bool is_forbidden_in_value(char character) {
  return is_control(character) && character != '\n' && character != '\r' && character != '\t';
}

Result<void> check_name(std::string_view name) {
  if (name.empty()) return wrong_metadata("a tag needs a name");
  if (name.size() > MetadataOptions::most_name_bytes)
    return wrong_metadata(fmt::format("a name may have at most {} bytes", MetadataOptions::most_name_bytes));
  if (std::ranges::any_of(name, is_control) || name.contains('='))
    return wrong_metadata("a name may have no control characters and no =");
  return {};
}

Result<void> add_value(TagEdit& edit, const json::value& value) {
  if (!value.is_string())
    return wrong_metadata(fmt::format("{} must be a text, a list of texts, or null to remove it", edit.name));
  const std::string_view text = value.get_string();
  if (text.empty()) return wrong_metadata(fmt::format("{} is empty; null removes it", edit.name));
  if (std::ranges::any_of(text, is_forbidden_in_value))
    return wrong_metadata(fmt::format("{} has control characters", edit.name));
  if (edit.values.size() >= MetadataOptions::most_values)
    return wrong_metadata(fmt::format("a tag may have at most {} values", MetadataOptions::most_values));
  edit.values.emplace_back(text);
  return {};
}

Result<void> change(MetadataOptions& options, std::string_view name, const json::value& value) {
  DECANT_CHECK(check_name(name));
  auto edit = std::ranges::find_if(options.edits, [&](const TagEdit& other) { return is_same_name(other.name, name); });
  if (edit == options.edits.end()) {
    if (options.edits.size() >= MetadataOptions::most_edits)
      return wrong_metadata(fmt::format("at most {} tags can be changed", MetadataOptions::most_edits));
    edit = options.edits.insert(edit, {std::string(name), {}});
  }
  if (value.is_null()) {
    edit->values.clear();
    return {};
  }
  if (!value.is_array()) return add_value(*edit, value);
  if (value.get_array().empty()) return wrong_metadata(fmt::format("{} has no values; null removes it", name));
  for (const json::value& one : value.get_array()) DECANT_CHECK(add_value(*edit, one));
  return {};
}

std::size_t bytes_of(const MetadataOptions& options) {
  std::size_t bytes = 0;
  for (const TagEdit& edit : options.edits) {
    bytes += edit.name.size();
    for (const std::string& value : edit.values) bytes += value.size();
  }
  return bytes;
}

Result<void> change_all(MetadataOptions& options, std::string_view text) {
  boost::system::error_code problem;
  const json::value root = json::parse(text, problem);
  if (problem || !root.is_object())
    return wrong_metadata(R"(expected a JSON object such as {"title": "X", "comment": null})");
  for (const auto& [name, value] : root.get_object()) DECANT_CHECK(change(options, name, value));
  if (bytes_of(options) > MetadataOptions::most_bytes)
    return wrong_metadata(fmt::format("at most {} bytes in all", MetadataOptions::most_bytes));
  return {};
}

struct KeepOption {
  std::string_view name;
  Keep MetadataOptions::* member;
};
constexpr std::array keep_options = {KeepOption{"tags", &MetadataOptions::tags},
                                     KeepOption{"pictures", &MetadataOptions::pictures}};

constexpr std::string_view chapters_option = "chapters";
constexpr std::array<std::string_view, 3> chapters_choices = {"keep", "drop", "split"};  // as Chapters has them

Result<void> set_chapters(MetadataOptions& options, std::string_view text) {
  const auto choice = std::ranges::find(chapters_choices, text);
  if (choice == chapters_choices.end()) return wrong(chapters_option, "expected keep, drop or split");
  options.chapters = static_cast<Chapters>(choice - chapters_choices.begin());
  return {};
}

}  // namespace

Result<void> set_metadata_option(MetadataOptions& options, std::string_view name, std::string_view text) {
  if (name == "metadata") return change_all(options, text);
  if (name == chapters_option) return set_chapters(options, text);
  const auto option = std::ranges::find(keep_options, name, &KeepOption::name);
  if (option == keep_options.end() || (text != "keep" && text != "drop")) return wrong(name, "expected keep or drop");
  options.*option->member = text == "keep" ? Keep::keep : Keep::drop;
  return {};
}

std::string metadata_option_text(const MetadataOptions& options, std::string_view name) {
  if (const auto option = std::ranges::find(keep_options, name, &KeepOption::name); option != keep_options.end())
    return options.*option->member == Keep::drop ? "drop" : "";
  if (name == chapters_option) {
    const bool is_default = options.chapters == Chapters::keep;
    return std::string(is_default ? "" : chapters_choices.at(static_cast<std::size_t>(options.chapters)));
  }
  if (options.edits.empty()) return {};
  json::object edits;
  for (const TagEdit& edit : options.edits) {
    if (edit.values.empty()) {
      edits[edit.name] = nullptr;
    } else if (edit.values.size() == 1) {
      edits[edit.name] = edit.values.front();
    } else {
      edits[edit.name] = json::value_from(edit.values);
    }
  }
  return json::serialize(edits);
}

Result<std::string> parse_tag_edit(std::string_view name_and_value) {
  const std::size_t equals = name_and_value.find('=');
  if (equals == std::string_view::npos) return wrong_metadata("expected name=value");
  return json::serialize(json::object{{name_and_value.substr(0, equals), name_and_value.substr(equals + 1)}});
}

std::string tag_removal(std::string_view name) { return json::serialize(json::object{{name, nullptr}}); }

}  // namespace decant::tasks
