#include "objects/s3/google_token.h"

#include <openssl/bio.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

namespace decant::objects {
namespace {

namespace json = boost::json;

constexpr std::string_view scope = "https://www.googleapis.com/auth/devstorage.read_write";
constexpr std::size_t most_key_file_bytes = 64 * 1024;
constexpr ByteCount token_limit = 64 * 1024;
constexpr std::chrono::seconds assertion_lifetime = std::chrono::hours(1);

/// RFC 4648 5, without padding.
std::string base64url(std::string_view bytes) {
  std::string text(4 * ((bytes.size() + 2) / 3) + 1, '\0');
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  while (text.ends_with('=')) text.pop_back();
  std::ranges::replace(text, '+', '-');
  std::ranges::replace(text, '/', '_');
  return text;
}

struct FreeKey {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
};
struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};
struct FreeContext {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};

/// RSASSA-PKCS1-v1_5 with SHA-256 (RFC 7518 3.3); nothing when `pem` is no RSA key.
std::optional<std::string> sign_rs256(const std::string& pem, std::string_view text) {
  const std::unique_ptr<BIO, FreeBio> bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const std::unique_ptr<EVP_PKEY, FreeKey> key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  if (!key || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) return std::nullopt;
  const std::unique_ptr<EVP_MD_CTX, FreeContext> context(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
  std::size_t size = signature.size();
  const bool is_signed = EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
                         EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size,
                                        reinterpret_cast<const unsigned char*>(text.data()), text.size()) == 1;
  if (!is_signed) return std::nullopt;
  signature.resize(size);
  return signature;
}

std::string member(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : std::string();
}

Result<json::object> parse_object(std::string_view text, std::string_view who) {
  json::error_code error;
  json::value parsed = json::parse(text, error);
  if (error || !parsed.is_object()) return failure(ErrorCode::unavailable, fmt::format("{} gave no JSON object", who));
  return std::move(parsed.get_object());
}

Result<json::object> read_key_file(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text(most_key_file_bytes + 1, '\0');
  file.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.empty() || text.size() > most_key_file_bytes) {
    return failure(ErrorCode::unauthenticated,
                   fmt::format("the file of GOOGLE_APPLICATION_CREDENTIALS cannot be read: {}", path));
  }
  return parse_object(text, "the file of GOOGLE_APPLICATION_CREDENTIALS");
}

/// {"access_token", "expires_in"}.
Result<TimedSecret<std::string>> request_token(HttpRequest request, HttpClient& client, const Clock& clock,
                                               std::string_view who) {
  request.response_limit = token_limit;
  auto response = client.perform(request);
  if (!response) return Failure(std::move(response).error().error);
  if (response->status != 200) {
    return failure(ErrorCode::unavailable, fmt::format("{} gave no token", who),
                   fmt::format("status {}", response->status));
  }
  DECANT_TRY(const json::object object, parse_object(response->body, who));
  TimedSecret<std::string> token{member(object, "access_token"), {}};
  const json::value* lifetime = object.if_contains("expires_in");
  if (token.secret.empty() || lifetime == nullptr || !lifetime->is_int64()) {
    return failure(ErrorCode::unavailable, fmt::format("{} gave no token", who),
                   "access_token or expires_in is missing");
  }
  token.expires = clock.wall_now() + std::chrono::seconds(std::clamp<std::int64_t>(lifetime->get_int64(), 0, 86400));
  return token;
}

Result<TimedSecret<std::string>> of_service_account(const std::string& path, HttpClient& client, const Clock& clock) {
  DECANT_TRY(const json::object key, read_key_file(path));
  if (member(key, "type") != "service_account") {
    return failure(ErrorCode::unauthenticated,
                   "the file of GOOGLE_APPLICATION_CREDENTIALS must be the key of a service account");
  }
  const std::string audience = member(key, "token_uri");
  const std::size_t path_at = audience.find('/', std::min(audience.find("://"), audience.size() - 3) + 3);
  const auto now = std::chrono::floor<std::chrono::seconds>(clock.wall_now()).time_since_epoch();
  const std::string header =
      json::serialize(json::object{{"alg", "RS256"}, {"typ", "JWT"}, {"kid", member(key, "private_key_id")}});
  const std::string claims = json::serialize(json::object{{"iss", member(key, "client_email")},
                                                          {"scope", scope},
                                                          {"aud", audience},
                                                          {"iat", now.count()},
                                                          {"exp", (now + assertion_lifetime).count()}});
  const std::string unsigned_jwt = base64url(header) + '.' + base64url(claims);
  const auto signature = sign_rs256(member(key, "private_key"), unsigned_jwt);
  if (!signature || path_at == std::string::npos) {
    return failure(ErrorCode::unauthenticated, "the key of the service account is damaged");
  }
  HttpRequest request{
      .method = "POST",
      .origin = audience.substr(0, path_at),
      .path = audience.substr(path_at),
      .headers = {{"Content-Type", "application/x-www-form-urlencoded"}},
      .body = encode_query({{"grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer"},
                            {"assertion", unsigned_jwt + '.' + base64url(*signature)}}),
  };
  return request_token(std::move(request), client, clock, "Google's token server");
}

Result<TimedSecret<std::string>> of_metadata_server(const Environment& environment, HttpClient& client,
                                                    const Clock& clock) {
  std::string host = find_variable(environment, "GCE_METADATA_HOST");
  if (host.empty()) host = "metadata.google.internal";
  auto token = request_token({.origin = "http://" + host,
                              .path = "/computeMetadata/v1/instance/service-accounts/default/token",
                              .headers = {{"Metadata-Flavor", "Google"}}},
                             client, clock, "Google's metadata server");
  if (token) return token;
  return failure(ErrorCode::unauthenticated,
                 "there are no credentials for Google Cloud Storage: name the key file of a service account by "
                 "GOOGLE_APPLICATION_CREDENTIALS, or run where Google's metadata server gives them",
                 token.error().describe());
}

}  // namespace

Result<TimedSecret<std::string>> find_google_token(const Environment& environment, HttpClient& client,
                                                   const Clock& clock) {
  const std::string key_file = find_variable(environment, "GOOGLE_APPLICATION_CREDENTIALS");
  return key_file.empty() ? of_metadata_server(environment, client, clock)
                          : of_service_account(key_file, client, clock);
}

}  // namespace decant::objects
