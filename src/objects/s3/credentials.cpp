#include "objects/s3/credentials.h"

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "objects/s3/ini_file.h"

namespace decant::objects {
namespace {

namespace json = boost::json;
using Found = Result<std::optional<TimedSecret<S3Credentials>>>;

constexpr ByteCount metadata_limit = 64 * 1024;
constexpr std::string_view container_host = "http://169.254.170.2";
constexpr std::string_view instance_host = "http://169.254.169.254";

struct Search {
  const Environment& environment;
  const std::string& profile;
  HttpClient& client;

  [[nodiscard]] std::string variable(const std::string& name) const { return find_variable(environment, name); }
};

std::string profile_name(const Environment& environment, const std::string& profile) {
  if (!profile.empty()) return profile;
  const std::string named = find_variable(environment, "AWS_PROFILE");
  return named.empty() ? "default" : named;
}

std::filesystem::path aws_file(const Environment& environment, const std::string& variable, const std::string& name) {
  const std::string named = find_variable(environment, variable);
  if (!named.empty()) return named;
  return std::filesystem::path(find_variable(environment, "HOME")) / ".aws" / name;
}

std::map<std::string, std::string> read_config_profile(const Environment& environment, const std::string& name) {
  return read_ini_section(aws_file(environment, "AWS_CONFIG_FILE", "config"),
                          name == "default" ? name : "profile " + name);
}

Found in_environment(const Search& search) {
  if (!search.profile.empty()) return std::nullopt;
  S3Credentials keys{search.variable("AWS_ACCESS_KEY_ID"), search.variable("AWS_SECRET_ACCESS_KEY"),
                     search.variable("AWS_SESSION_TOKEN")};
  if (keys.access_key.empty() && keys.secret_key.empty()) return std::nullopt;
  if (keys.access_key.empty() || keys.secret_key.empty()) {
    return failure(ErrorCode::unauthenticated,
                   "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY go together: one is missing");
  }
  return TimedSecret<S3Credentials>{std::move(keys), {}};
}

Found in_profile(const Search& search) {
  const std::string name = profile_name(search.environment, search.profile);
  const auto has_keys = [](const auto& settings) { return settings.contains("aws_access_key_id"); };
  auto settings = read_ini_section(aws_file(search.environment, "AWS_SHARED_CREDENTIALS_FILE", "credentials"), name);
  if (!has_keys(settings)) settings = read_config_profile(search.environment, name);
  if (has_keys(settings)) {
    return TimedSecret<S3Credentials>{
        {settings["aws_access_key_id"], settings["aws_secret_access_key"], settings["aws_session_token"]}, {}};
  }
  const bool was_named = !search.profile.empty() || !search.variable("AWS_PROFILE").empty();
  if (!was_named) return std::nullopt;
  return failure(ErrorCode::unauthenticated,
                 fmt::format("the AWS profile {} has no aws_access_key_id and aws_secret_access_key; other kinds of "
                             "profiles (single sign-on, roles, processes) are not read",
                             name));
}

Failure odd_answer(std::string_view who, std::string detail) {
  return failure(ErrorCode::unavailable, fmt::format("{} gave no credentials", who), std::move(detail));
}

Result<HttpResponse> ask(HttpClient& client, HttpRequest request, std::string_view who) {
  request.response_limit = metadata_limit;
  auto response = client.perform(request);
  if (!response) return odd_answer(who, std::move(response).error().error.detail);
  if (response->status != 200) return odd_answer(who, fmt::format("status {}", response->status));
  return *std::move(response);
}

/// {"AccessKeyId", "SecretAccessKey", "Token", "Expiration"}: containers and instances have the same form. What it
/// holds is never shown.
Result<TimedSecret<S3Credentials>> parse_credentials(std::string_view text, std::string_view who) {
  json::error_code error;
  const json::value parsed = json::parse(text, error);
  const auto* object = error ? nullptr : parsed.if_object();
  if (object == nullptr) return odd_answer(who, "no JSON object");
  const auto member = [object](std::string_view name) {
    const json::value* value = object->if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
  };
  TimedSecret<S3Credentials> timed{{member("AccessKeyId"), member("SecretAccessKey"), member("Token")}, {}};
  if (timed.secret.access_key.empty() || timed.secret.secret_key.empty()) return odd_answer(who, "a key is missing");
  if (const std::string expiration = member("Expiration"); !expiration.empty()) {
    timed.expires = parse_iso8601(expiration);
    if (!timed.expires) return odd_answer(who, "Expiration is no time");
  }
  return timed;
}

/// The token goes to nobody but TLS servers and the addresses that the containers' hosts have.
bool may_be_told(const std::string& origin) {
  if (origin.starts_with("https://")) return true;
  constexpr std::array<std::string_view, 5> local = {container_host, "http://169.254.170.23", "http://127.0.0.1",
                                                     "http://localhost", "http://[::1]"};
  return std::ranges::any_of(local, [&](std::string_view host) {
    return origin.starts_with(host) && (origin.size() == host.size() || origin[host.size()] == ':');
  });
}

Result<std::string> container_token(const Search& search) {
  const std::string path = search.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE");
  if (path.empty()) return search.variable("AWS_CONTAINER_AUTHORIZATION_TOKEN");
  std::ifstream file(path);
  std::string token;
  std::getline(file, token);
  if (token.empty()) return failure(ErrorCode::unauthenticated, "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE has no token");
  return token;
}

Found in_container(const Search& search) {
  constexpr std::string_view who = "the container's credential service";
  std::string url = search.variable("AWS_CONTAINER_CREDENTIALS_FULL_URI");
  if (const std::string path = search.variable("AWS_CONTAINER_CREDENTIALS_RELATIVE_URI"); !path.empty()) {
    url = std::string(container_host) + path;
  }
  if (url.empty()) return std::nullopt;
  const std::size_t scheme = url.find("://");
  const std::size_t path = scheme == std::string::npos ? scheme : url.find('/', scheme + 3);
  HttpRequest request{.origin = url.substr(0, path), .path = path == std::string::npos ? "/" : url.substr(path)};
  if (!may_be_told(request.origin)) {
    return failure(ErrorCode::unauthenticated, "AWS_CONTAINER_CREDENTIALS_FULL_URI must be https, or on this machine",
                   request.origin);
  }
  DECANT_TRY(const std::string token, container_token(search));
  if (!token.empty()) request.headers.emplace_back("Authorization", token);
  DECANT_TRY(const HttpResponse response, ask(search.client, std::move(request), who));
  return parse_credentials(response.body, who);
}

Found in_instance(const Search& search) {
  constexpr std::string_view who = "the instance's metadata service";
  constexpr std::string_view folder = "/latest/meta-data/iam/security-credentials/";
  if (search.variable("AWS_EC2_METADATA_DISABLED") == "true") return std::nullopt;
  std::string origin = search.variable("AWS_EC2_METADATA_SERVICE_ENDPOINT");
  if (origin.empty()) origin = instance_host;
  while (origin.ends_with('/')) origin.pop_back();

  auto token = search.client.perform({.method = "PUT",
                                      .origin = origin,
                                      .path = "/latest/api/token",
                                      .headers = {{"X-aws-ec2-metadata-token-ttl-seconds", "300"}},
                                      .response_limit = metadata_limit});
  if (!token) return std::nullopt;  // no such service: this is not EC2
  if (token->status != 200) return odd_answer(who, fmt::format("status {} for a token", token->status));
  HttpRequest request{
      .origin = origin, .path = std::string(folder), .headers = {{"X-aws-ec2-metadata-token", std::move(token->body)}}};
  DECANT_TRY(const HttpResponse roles, ask(search.client, request, who));
  request.path += percent_encode(roles.body.substr(0, roles.body.find_first_of("\r\n")));
  DECANT_TRY(const HttpResponse response, ask(search.client, std::move(request), who));
  return parse_credentials(response.body, who);
}

}  // namespace

std::string find_variable(const Environment& environment, const std::string& name) {
  const auto found = environment.find(name);
  return found == environment.end() ? std::string() : found->second;
}

Result<TimedSecret<S3Credentials>> find_s3_credentials(const Environment& environment, const std::string& profile,
                                                       HttpClient& client) {
  constexpr std::array sources = {in_environment, in_profile, in_container, in_instance};
  const Search search{environment, profile, client};
  for (const auto& source : sources) {
    DECANT_TRY(auto found, source(search));
    if (found) return *std::move(found);
  }
  return failure(ErrorCode::unauthenticated,
                 "there are no credentials for the object store: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or "
                 "write a profile in ~/.aws/credentials; no container or instance metadata service offers any either");
}

std::string find_region(const Environment& environment, const std::string& profile) {
  for (const char* name : {"AWS_REGION", "AWS_DEFAULT_REGION"}) {
    if (std::string region = find_variable(environment, name); !region.empty()) return region;
  }
  return read_config_profile(environment, profile_name(environment, profile))["region"];
}

HttpClientOptions metadata_client_options() {
  return {.connections = 4,
          .connect_timeout = std::chrono::seconds(1),
          .stall_timeout = std::chrono::seconds(2),
          .request_timeout = std::chrono::seconds(5)};
}

}  // namespace decant::objects
