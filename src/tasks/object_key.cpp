#include "tasks/object_key.h"

#include <fmt/format.h>

namespace decant::tasks {
namespace {

constexpr std::size_t random_bytes = 8;

constexpr bool is_key_character(char character) {
  return (character >= 'a' && character <= 'z') || (character >= '0' && character <= '9') || character == '.' ||
         character == '_' || character == '-' || character == '/';
}

}  // namespace

bool is_object_key(std::string_view key) {
  if (key.empty() || key.size() > longest_object_key || key.back() == '/') return false;
  char before = '/';
  for (const char character : key) {
    if (!is_key_character(character)) return false;
    if (before == '/' && (character == '/' || character == '.')) return false;
    if (before == '.' && character == '.') return false;
    before = character;
  }
  return true;
}

std::string make_source_key(const TaskId& task, std::string_view extension) {
  return fmt::format("sources/{}/{}.{}", task.text(), random_hex(random_bytes), extension);
}

std::string make_result_key(const TaskId& task, std::int64_t fence, std::string_view extension) {
  return fmt::format("results/{}/{}-{}.{}", task.text(), fence, random_hex(random_bytes), extension);
}

}  // namespace decant::tasks
