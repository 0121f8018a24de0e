#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "objects/s3/credentials.h"

namespace decant::objects {

enum class Protocol { s3, google };

/// What differs between Amazon S3 and the XML API of Google Cloud Storage.
struct Dialect {
  std::string_view metadata_prefix;   ///< of the names of an object's own metadata
  std::string_view create_only_name;  ///< the condition "only if there is no such object yet"
  std::string_view create_only_value;
};
inline constexpr Dialect s3_dialect{"x-amz-meta-", "If-None-Match", "*"};
inline constexpr Dialect google_dialect{"x-goog-meta-", "x-goog-if-generation-match", "0"};

/// Where objects are and who may ask for them, as a URL says it:
///   s3://bucket/prefix?endpoint=https://host:port&region=eu-west-1&style=path&profile=name&ca=/file.pem
///   gs://bucket/prefix?endpoint=https://host:port
struct BucketAddress {
  Protocol protocol = Protocol::s3;
  std::string bucket;
  std::string prefix;       ///< "" or "a/b/": in front of every key
  std::string origin;       ///< scheme and authority of requests
  std::string bucket_path;  ///< "/" where the bucket is in the host's name, else "/bucket/"
  std::string region;       ///< that requests are signed for
  std::string profile;      ///< of the AWS tools' files; empty: as the environment says
  std::string ca_file;
  bool is_anonymous = false;  ///< an emulator: nothing is proved

  [[nodiscard]] const Dialect& dialect() const { return protocol == Protocol::google ? google_dialect : s3_dialect; }
};

/// Reads such a URL. What it does not say comes from AWS_REGION, AWS_DEFAULT_REGION and the profile's region,
/// AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL, or STORAGE_EMULATOR_HOST. invalid_argument says what is wrong. Keys in the
/// URL are refused: URLs are logged. May read ~/.aws/config: blocks.
Result<BucketAddress> parse_bucket_address(const std::string& url, const Environment& environment);

}  // namespace decant::objects
