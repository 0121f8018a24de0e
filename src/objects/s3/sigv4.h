#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "objects/s3/http_message.h"

namespace decant::objects {

/// Keys of an AWS account or of a store that speaks its protocol. Secret: never logged.
struct S3Credentials {
  std::string access_key;
  std::string secret_key;
  std::string session_token;  ///< of temporary credentials, else empty
  friend bool operator==(const S3Credentials&, const S3Credentials&) = default;
};

/// What a signature holds for besides the request.
struct SigningScope {
  std::string region;
  std::string service = "s3";
  WallTime time{};  ///< of this machine; stores refuse one that is more than 15 minutes off theirs
};

/// Of a body that is not hashed: over TLS, and in presigned URLs.
inline constexpr std::string_view unsigned_payload = "UNSIGNED-PAYLOAD";

/// The Authorization field of AWS Signature Version 4 over the method, the path as it is, the query, all of
/// `request.headers` and Host. The caller has set X-Amz-Date (signing_time) and what else the service wants signed.
/// (AWS, "Signature Calculations for the Authorization Header"; for S3 the path is not normalized.)
[[nodiscard]] std::string make_authorization(const HttpRequest& request, const S3Credentials& credentials,
                                             const SigningScope& scope, std::string_view payload_sha256);

/// Signs a request to S3: adds X-Amz-Date, X-Amz-Content-Sha256, X-Amz-Security-Token and Authorization.
void sign(HttpRequest& request, const S3Credentials& credentials, const SigningScope& scope,
          std::string_view payload_sha256);

/// The URL of a request that whoever holds it may make until `lifetime` is over: the signature is in the query, and
/// `request.headers` must be sent with it. With "x-amz-content-sha256" among them, so must a body of that SHA-256.
/// (AWS, "Authenticating Requests: Using Query Parameters".)
[[nodiscard]] std::string presign(HttpRequest request, const S3Credentials& credentials, const SigningScope& scope,
                                  std::chrono::seconds lifetime);

/// 20130524T000000Z
[[nodiscard]] std::string signing_time(WallTime time);

}  // namespace decant::objects
