#pragma once

#include <memory>
#include <string>

#include "base/log.h"
#include "objects/s3/authorizer.h"
#include "objects/s3/bucket_address.h"
#include "objects/s3/http_client.h"
#include "tasks/retry.h"

namespace decant::objects {

/// When a request may be made again after it failed.
enum class Repeat {
  always,       ///< it has the same effect once and twice
  unless_done,  ///< only when it is certain that the store did not carry it out
};

/// One request on the bucket.
struct StoreCall {
  std::string method = "GET";
  std::string key;  ///< of an object, without the store's prefix; empty: on the bucket itself
  Fields query = {};
  Fields headers = {};
  std::variant<std::string, FilePart> body = {};
  ByteCount response_limit = 1 << 20;
  Repeat repeat = Repeat::always;
};

/// Makes requests on one bucket: proves who asks, tries again with growing pauses (full jitter) what failed for a
/// reason that passes; what let a whole timeout pass in silence, only once. Blocks; thread-safe.
class S3Client {
 public:
  struct Options {
    int tries = 5;
    tasks::Backoff backoff{std::chrono::milliseconds(200), std::chrono::seconds(5)};
  };

  S3Client(BucketAddress address, Options options, std::unique_ptr<HttpClient> http,
           std::unique_ptr<Authorizer> authorizer)
      : address_(std::move(address)), options_(options), http_(std::move(http)), authorizer_(std::move(authorizer)) {}

  /// Whatever the store answers in the end, errors included; unavailable when it does not.
  Result<HttpResponse> call(const StoreCall& call);
  /// A URL for that request without its body; nothing where the store has no such thing.
  Result<std::optional<std::string>> presign(const StoreCall& call, std::chrono::seconds lifetime);

  [[nodiscard]] const BucketAddress& address() const { return address_; }

 private:
  [[nodiscard]] HttpRequest make_request(const StoreCall& call) const;

  BucketAddress address_;
  Options options_;
  std::unique_ptr<HttpClient> http_;
  std::unique_ptr<Authorizer> authorizer_;
};

/// What an answer that is no success means: not_found (no such object), conflict (the key exists), quota_exceeded,
/// too_large, unavailable (all that its operator must mend, or that passes). `action` ("store the object") goes into
/// the message, what the store says only into the log.
[[nodiscard]] Failure refused(const HttpResponse& response, std::string_view action);

[[nodiscard]] inline bool is_success(const HttpResponse& response) {
  return response.status >= 200 && response.status < 300;
}

}  // namespace decant::objects
