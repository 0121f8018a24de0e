#include "programs/exit_status.h"

#include <fmt/format.h>

#include <cstdio>

namespace decant::programs {

int report_failure(const Error& error) {
  fmt::print(stderr, "decant: {}{}\n", error.message, error.detail.empty() ? "" : " (" + error.detail + ")");
  for (const FieldError& field : error.fields) {
    if (error.message.find(field.message) == std::string::npos)
      fmt::print(stderr, "  {}: {}\n", field.field, field.message);
  }
  return error.code == ErrorCode::invalid_argument ? exit_usage : exit_failed;
}

}  // namespace decant::programs
