#include "http/method.h"

#include <array>
#include <utility>

namespace decant::http {
namespace {

constexpr auto method_names = std::to_array<std::pair<Method, std::string_view>>({
    {Method::get, "GET"},
    {Method::head, "HEAD"},
    {Method::post, "POST"},
    {Method::put, "PUT"},
    {Method::patch, "PATCH"},
    {Method::remove, "DELETE"},
    {Method::options, "OPTIONS"},
});

}  // namespace

std::string_view to_string(Method method) {
  for (const auto& [candidate, name] : method_names) {
    if (candidate == method) return name;
  }
  std::unreachable();
}

std::optional<Method> find_method(std::string_view name) {
  for (const auto& [method, candidate] : method_names) {
    if (candidate == name) return method;
  }
  return std::nullopt;
}

}  // namespace decant::http
