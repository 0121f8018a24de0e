#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "objects/s3/credentials.h"
#include "objects/s3/http_message.h"

namespace decant::objects {

/// How a request proves who makes it. Thread-safe; may block to renew credentials.
class Authorizer {
 public:
  virtual ~Authorizer() = default;
  /// Adds what proves it, and a checksum of the body that the store verifies. Reads the body.
  virtual Result<void> authorize(HttpRequest& request) = 0;
  /// A URL by which anybody may make this request for `lifetime`; nothing where there is no such thing.
  virtual Result<std::optional<std::string>> presign(HttpRequest request, std::chrono::seconds lifetime) = 0;
  /// The store refused what authorize() added: get other credentials next time.
  virtual void renew() = 0;
};

/// AWS Signature Version 4.
class SignatureAuthorizer final : public Authorizer {
 public:
  /// `clock` outlives it.
  SignatureAuthorizer(SecretCache<S3Credentials>::Fetch fetch, std::string region, const Clock& clock)
      : credentials_(std::move(fetch), clock), region_(std::move(region)), clock_(clock) {}

  Result<void> authorize(HttpRequest& request) override;
  Result<std::optional<std::string>> presign(HttpRequest request, std::chrono::seconds lifetime) override;
  void renew() override;

 private:
  SecretCache<S3Credentials> credentials_;
  std::string region_;
  const Clock& clock_;
};

/// OAuth 2.0 bearer tokens (RFC 6750), as Google Cloud Storage takes them. Without `fetch` nothing is proved:
/// emulators.
class BearerAuthorizer final : public Authorizer {
 public:
  /// `clock` outlives it.
  BearerAuthorizer(SecretCache<std::string>::Fetch fetch, const Clock& clock);

  Result<void> authorize(HttpRequest& request) override;
  Result<std::optional<std::string>> presign(HttpRequest request, std::chrono::seconds lifetime) override;
  void renew() override;

 private:
  std::optional<SecretCache<std::string>> token_;
};

}  // namespace decant::objects
