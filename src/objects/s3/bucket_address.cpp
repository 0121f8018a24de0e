#include "objects/s3/bucket_address.h"

#include <boost/url.hpp>

namespace decant::objects {
namespace {

namespace urls = boost::urls;

constexpr std::string_view default_region = "us-east-1";

Failure wrong(std::string message) { return failure(ErrorCode::invalid_argument, std::move(message)); }

bool is_bucket_name(std::string_view name) {
  const auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-' ||
           c == '_';
  };
  return !name.empty() && name.size() <= 255 && name.front() != '.' && std::ranges::all_of(name, is_allowed);
}

/// "scheme://authority" of an http or https URL with nothing behind it; nothing for others.
std::optional<std::string> parse_origin(std::string_view text) {
  const auto url = urls::parse_uri(text);
  if (!url || (url->scheme() != "http" && url->scheme() != "https") || url->host().empty()) return std::nullopt;
  if (url->has_userinfo() || url->has_query() || url->has_fragment()) return std::nullopt;
  if (url->encoded_path() != "" && url->encoded_path() != "/") return std::nullopt;
  return std::string(url->scheme()) + "://" + std::string(url->encoded_host_and_port());
}

Result<std::string> parse_prefix(const urls::url_view& url) {
  std::string prefix;
  for (const std::string segment : url.segments()) {
    if (segment.empty()) continue;  // slashes at the ends
    if (segment == "." || segment == "..") return wrong("the prefix of an object store has no . and .. in it");
    prefix += segment + '/';
  }
  return prefix;
}

struct Parameters {
  std::string endpoint;
  std::string style;
};

Result<Parameters> parse_parameters(const urls::url_view& url, BucketAddress& address) {
  Parameters parameters;
  const std::array known = {std::pair{"endpoint", &parameters.endpoint}, std::pair{"style", &parameters.style},
                            std::pair{"region", &address.region}, std::pair{"profile", &address.profile},
                            std::pair{"ca", &address.ca_file}};
  for (const auto& parameter : url.params()) {
    const auto found =
        std::ranges::find(known, std::string_view(parameter.key), &std::pair<const char*, std::string*>::first);
    if (found == known.end()) {
      return wrong(
          "the URL of an object store takes endpoint, region, style, profile and ca; keys come from the "
          "environment or a profile, never from a URL");
    }
    *found->second = parameter.value;
  }
  if (!parameters.style.empty() && parameters.style != "path" && parameters.style != "host") {
    return wrong("style= in the URL of an object store is path or host");
  }
  return parameters;
}

std::string first_set(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names) {
    if (std::string value = find_variable(environment, name); !value.empty()) return value;
  }
  return {};
}

Result<void> place_in_s3(Parameters parameters, const Environment& environment, BucketAddress& address) {
  if (address.region.empty()) address.region = find_region(environment, address.profile);
  if (address.region.empty()) address.region = default_region;
  if (parameters.endpoint.empty()) {
    parameters.endpoint = first_set(environment, {"AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"});
  }
  const bool is_amazon = parameters.endpoint.empty();
  if (is_amazon) parameters.endpoint = fmt::format("https://s3.{}.amazonaws.com", address.region);
  const auto origin = parse_origin(parameters.endpoint);
  if (!origin) return wrong("the endpoint of an object store is like https://s3.example.org or http://10.0.0.5:9000");
  // A certificate for *.s3.… does not cover names with another dot.
  const bool fits_into_host = !address.bucket.contains('.');
  if (parameters.style.empty()) parameters.style = is_amazon && fits_into_host ? "host" : "path";
  address.origin = *origin;
  address.bucket_path = '/' + address.bucket + '/';
  if (parameters.style == "host") {
    address.origin.insert(address.origin.find("://") + 3, address.bucket + '.');
    address.bucket_path = "/";
  }
  return {};
}

Result<void> place_in_google(Parameters parameters, const Environment& environment, BucketAddress& address) {
  address.protocol = Protocol::google;
  address.bucket_path = '/' + address.bucket + '/';
  if (parameters.endpoint.empty()) {
    std::string emulator = find_variable(environment, "STORAGE_EMULATOR_HOST");
    address.is_anonymous = !emulator.empty();
    if (!emulator.empty() && !emulator.contains("://")) emulator.insert(0, "http://");
    parameters.endpoint = emulator.empty() ? "https://storage.googleapis.com" : emulator;
  }
  const auto origin = parse_origin(parameters.endpoint);
  if (!origin) return wrong("the endpoint of Google Cloud Storage is like https://storage.googleapis.com");
  address.origin = *origin;
  return {};
}

}  // namespace

Result<BucketAddress> parse_bucket_address(const std::string& text, const Environment& environment) {
  const auto url = urls::parse_uri(text);
  if (!url || (url->scheme() != "s3" && url->scheme() != "gs")) {
    return wrong("an object store is named by a URL like s3://bucket/prefix?region=eu-west-1 or gs://bucket/prefix");
  }
  if (url->has_userinfo()) {
    return wrong("keys of an object store come from the environment or a profile, never from a URL, which is logged");
  }
  BucketAddress address;
  address.bucket = url->host();
  if (!is_bucket_name(address.bucket) || url->has_port()) {
    return wrong("the URL of an object store needs the name of a bucket: s3://bucket/prefix");
  }
  DECANT_TRY(address.prefix, parse_prefix(*url));
  DECANT_TRY(Parameters parameters, parse_parameters(*url, address));
  if (url->scheme() == "gs") {
    DECANT_CHECK(place_in_google(std::move(parameters), environment, address));
  } else {
    DECANT_CHECK(place_in_s3(std::move(parameters), environment, address));
  }
  return address;
}

}  // namespace decant::objects
