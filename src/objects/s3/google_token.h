#pragma once

#include <string>

#include "objects/s3/credentials.h"

namespace decant::objects {

/// An OAuth 2.0 access token for Google Cloud Storage (read and write), from the first of these that there is:
///   1. the service account whose key file GOOGLE_APPLICATION_CREDENTIALS names: a JWT signed with RS256 is exchanged
///      for a token (RFC 7523) at the file's token_uri
///   2. the metadata server of Compute Engine, GKE and Cloud Run (GCE_METADATA_HOST, metadata.google.internal)
/// unauthenticated with where it looked when nobody gives one. Blocks.
Result<TimedSecret<std::string>> find_google_token(const Environment& environment, HttpClient& client,
                                                   const Clock& clock);

}  // namespace decant::objects
