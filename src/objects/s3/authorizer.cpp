#include "objects/s3/authorizer.h"

#include "objects/s3/body_digest.h"

namespace decant::objects {

Result<void> SignatureAuthorizer::authorize(HttpRequest& request) {
  DECANT_TRY(const std::string digest, sha256_of_body(request));
  DECANT_TRY(const S3Credentials credentials, credentials_.get());
  sign(request, credentials, {.region = region_, .time = clock_.wall_now()}, digest);
  return {};
}

Result<std::optional<std::string>> SignatureAuthorizer::presign(HttpRequest request, std::chrono::seconds lifetime) {
  DECANT_TRY(const S3Credentials credentials, credentials_.get());
  return objects::presign(std::move(request), credentials, {.region = region_, .time = clock_.wall_now()}, lifetime);
}

void SignatureAuthorizer::renew() { credentials_.forget(); }

BearerAuthorizer::BearerAuthorizer(SecretCache<std::string>::Fetch fetch, const Clock& clock) {
  if (fetch) token_.emplace(std::move(fetch), clock);
}

Result<void> BearerAuthorizer::authorize(HttpRequest& request) {
  if (request.body_size() > 0) {
    DECANT_TRY(std::string digest, md5_of_body(request));
    request.headers.emplace_back("Content-MD5", std::move(digest));
  }
  if (!token_) return {};
  DECANT_TRY(const std::string token, token_->get());
  request.headers.emplace_back("Authorization", "Bearer " + token);
  return {};
}

Result<std::optional<std::string>> BearerAuthorizer::presign(HttpRequest, std::chrono::seconds) { return std::nullopt; }

void BearerAuthorizer::renew() {
  if (token_) token_->forget();
}

}  // namespace decant::objects
