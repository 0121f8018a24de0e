// Signs requests for test_sigv4.py: reads one JSON object a line, writes what came of it a line.
#include <fmt/format.h>

#include <boost/json.hpp>
#include <iostream>

#include "objects/s3/sigv4.h"

namespace json = boost::json;
using namespace decant;
using namespace decant::objects;

namespace {

Fields fields_of(const json::value& pairs) {
  Fields fields;
  for (const json::value& pair : pairs.as_array()) {
    fields.emplace_back(pair.at(0).as_string().c_str(), pair.at(1).as_string().c_str());
  }
  return fields;
}

std::string answer(const json::value& asked) {
  const auto text = [&](const char* name) { return std::string(asked.at(name).as_string()); };
  HttpRequest request{.method = text("method"),
                      .origin = text("origin"),
                      .path = percent_encode_path(text("path")),
                      .query = fields_of(asked.at("query")),
                      .headers = fields_of(asked.at("headers"))};
  const S3Credentials credentials{text("access_key"), text("secret_key"), text("token")};
  const SigningScope scope{.region = text("region"),
                           .time = WallTime(std::chrono::seconds(asked.at("time").as_int64()))};
  if (text("kind") == "presign") {
    return presign(std::move(request), credentials, scope, std::chrono::seconds(asked.at("lifetime").as_int64()));
  }
  sign(request, credentials, scope, text("payload_sha256"));
  return request.headers.back().second;
}

}  // namespace

int main() {
  for (std::string line; std::getline(std::cin, line);) fmt::print("{}\n", answer(json::parse(line)));
}
