#pragma once

#include <map>
#include <string>

#include "objects/s3/http_client.h"
#include "objects/s3/secret_cache.h"
#include "objects/s3/sigv4.h"

namespace decant::objects {

/// Variables of the process, by name.
using Environment = std::map<std::string, std::string>;

/// The value; empty when it is not set.
[[nodiscard]] std::string find_variable(const Environment& environment, const std::string& name);

/// The keys for S3 from the first of these that has any:
///   1. AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN (not when `profile` is given)
///   2. the profile (`profile`, else AWS_PROFILE, else "default") in AWS_SHARED_CREDENTIALS_FILE (~/.aws/credentials)
///      or AWS_CONFIG_FILE (~/.aws/config)
///   3. a container's, from AWS_CONTAINER_CREDENTIALS_RELATIVE_URI or _FULL_URI (ECS, EKS Pod Identity)
///   4. the instance's, from the metadata service, version 2 (EC2), unless AWS_EC2_METADATA_DISABLED is true
/// unauthenticated with where it looked when nobody has any. Blocks: reads files and asks the metadata services by
/// `client`, whose timeouts should be short.
Result<TimedSecret<S3Credentials>> find_s3_credentials(const Environment& environment, const std::string& profile,
                                                       HttpClient& client);

/// Region of the profile in AWS_CONFIG_FILE, else AWS_REGION or AWS_DEFAULT_REGION come first; empty when nobody says.
[[nodiscard]] std::string find_region(const Environment& environment, const std::string& profile);

/// For metadata services: on this machine, so they answer at once or not at all.
[[nodiscard]] HttpClientOptions metadata_client_options();

}  // namespace decant::objects
