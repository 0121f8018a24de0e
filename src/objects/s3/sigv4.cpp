#include "objects/s3/sigv4.h"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

#include "base/sha256.h"

namespace decant::objects {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

using Digest = std::array<unsigned char, 32>;

std::span<const unsigned char> bytes_of(std::string_view text) {
  return {reinterpret_cast<const unsigned char*>(text.data()), text.size()};
}

Digest hmac(std::span<const unsigned char> key, std::string_view text) {
  Digest digest{};
  if (HMAC(EVP_sha256(), key.data(), static_cast<int>(key.size()), bytes_of(text).data(), text.size(), digest.data(),
           nullptr) == nullptr) {
    throw std::runtime_error("libcrypto has no HMAC-SHA256");
  }
  return digest;
}

std::string sha256_hex(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.finish_hex();
}

std::string hex(const Digest& digest) {
  std::string text;
  for (const unsigned char byte : digest) text += fmt::format("{:02x}", byte);
  return text;
}

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& character : lower) {
    if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
  }
  return lower;
}

/// Without spaces at its ends, and with single ones inside.
std::string trim_all(std::string_view value) {
  std::string trimmed;
  for (const char character : value) {
    if (character != ' ' && character != '\t') {
      trimmed += character;
    } else if (!trimmed.empty() && trimmed.back() != ' ') {
      trimmed += ' ';
    }
  }
  if (trimmed.ends_with(' ')) trimmed.pop_back();
  return trimmed;
}

struct CanonicalHeaders {
  std::string lines;         ///< "name:value\n", sorted
  std::string signed_names;  ///< "host;range"
};

CanonicalHeaders canonical_headers(const HttpRequest& request) {
  Fields headers{{"host", request.host()}};
  for (const auto& [name, value] : request.headers) headers.emplace_back(lower_case(name), trim_all(value));
  std::ranges::sort(headers);
  CanonicalHeaders canonical;
  for (const auto& [name, value] : headers) {
    canonical.lines.append(name).append(1, ':').append(value).append(1, '\n');
    if (!canonical.signed_names.empty()) canonical.signed_names += ';';
    canonical.signed_names += name;
  }
  return canonical;
}

/// Sorted by what they are encoded to.
std::string canonical_query(const Fields& query) {
  Fields encoded;
  for (const auto& [name, value] : query) encoded.emplace_back(percent_encode(name), percent_encode(value));
  std::ranges::sort(encoded);
  std::string text;
  for (const auto& [name, value] : encoded) {
    if (!text.empty()) text += '&';
    text.append(name).append(1, '=').append(value);
  }
  return text;
}

std::string scope_text(const SigningScope& scope) {
  return fmt::format("{}/{}/{}/aws4_request", signing_time(scope.time).substr(0, 8), scope.region, scope.service);
}

std::string signature(const HttpRequest& request, const CanonicalHeaders& headers, const S3Credentials& credentials,
                      const SigningScope& scope, std::string_view payload_sha256) {
  const std::string canonical =
      fmt::format("{}\n{}\n{}\n{}\n{}\n{}", request.method, request.path, canonical_query(request.query), headers.lines,
                  headers.signed_names, payload_sha256);
  const std::string to_sign =
      fmt::format("{}\n{}\n{}\n{}", algorithm, signing_time(scope.time), scope_text(scope), sha256_hex(canonical));
  Digest key = hmac(bytes_of("AWS4" + credentials.secret_key), signing_time(scope.time).substr(0, 8));
  key = hmac(key, scope.region);
  key = hmac(key, scope.service);
  key = hmac(key, "aws4_request");
  return hex(hmac(key, to_sign));
}

}  // namespace

std::string signing_time(WallTime time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date(day);
  const hh_mm_ss clock(floor<seconds>(time - day));
  return fmt::format("{:04}{:02}{:02}T{:02}{:02}{:02}Z", static_cast<int>(date.year()),
                     static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()), clock.hours().count(),
                     clock.minutes().count(), clock.seconds().count());
}

std::string make_authorization(const HttpRequest& request, const S3Credentials& credentials, const SigningScope& scope,
                               std::string_view payload_sha256) {
  const CanonicalHeaders headers = canonical_headers(request);
  return fmt::format("{} Credential={}/{}, SignedHeaders={}, Signature={}", algorithm, credentials.access_key,
                     scope_text(scope), headers.signed_names,
                     signature(request, headers, credentials, scope, payload_sha256));
}

void sign(HttpRequest& request, const S3Credentials& credentials, const SigningScope& scope,
          std::string_view payload_sha256) {
  request.headers.emplace_back("X-Amz-Date", signing_time(scope.time));
  request.headers.emplace_back("X-Amz-Content-Sha256", payload_sha256);
  if (!credentials.session_token.empty()) {
    request.headers.emplace_back("X-Amz-Security-Token", credentials.session_token);
  }
  request.headers.emplace_back("Authorization", make_authorization(request, credentials, scope, payload_sha256));
}

std::string presign(HttpRequest request, const S3Credentials& credentials, const SigningScope& scope,
                    std::chrono::seconds lifetime) {
  const CanonicalHeaders headers = canonical_headers(request);
  const auto digest = std::ranges::find(request.headers, "x-amz-content-sha256", &Fields::value_type::first);
  const std::string payload_sha256(digest == request.headers.end() ? unsigned_payload : digest->second);
  Fields& query = request.query;
  query.emplace_back("X-Amz-Algorithm", algorithm);
  query.emplace_back("X-Amz-Credential", credentials.access_key + '/' + scope_text(scope));
  query.emplace_back("X-Amz-Date", signing_time(scope.time));
  query.emplace_back("X-Amz-Expires", std::to_string(lifetime.count()));
  query.emplace_back("X-Amz-SignedHeaders", headers.signed_names);
  if (!credentials.session_token.empty()) query.emplace_back("X-Amz-Security-Token", credentials.session_token);
  query.emplace_back("X-Amz-Signature", signature(request, headers, credentials, scope, payload_sha256));
  return request.url();
}

}  // namespace decant::objects
