#include "http/message.h"

#include "http/request_head.h"
#include "http/syntax.h"

namespace decant::http {

std::string_view Request::header(std::string_view name) const { return find_field(headers, name); }

std::optional<std::string> Request::find_query(const std::string& name) const {
  const auto found = query.find(name);
  if (found == query.end()) return std::nullopt;
  return found->second;
}

Response& Response::set(std::string name, std::string value) {
  std::erase_if(headers, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
  return add(std::move(name), std::move(value));
}

Response& Response::add(std::string name, std::string value) {
  headers.emplace_back(std::move(name), std::move(value));
  return *this;
}

Response Response::json(int status, std::string body) {
  Response response;
  response.status = status;
  response.set("Content-Type", "application/json");
  response.body = std::move(body);
  return response;
}

}  // namespace decant::http
