#pragma once

#include <string>

#include "objects/s3/s3_client.h"

namespace decant::objects {

/// A stretch of an object's bytes, and what the store said about the whole.
struct ObjectWindow {
  ByteCount offset = 0;
  std::string bytes;
  ByteCount object_size = 0;
  std::string etag;
  std::string sha256;  ///< of the whole, from its metadata; empty when there is none
};

/// Reads up to `length` bytes from `offset`; none past the end. With `etag` only of that version: else not_found, as
/// when there is no object. Blocks.
Result<ObjectWindow> read_window(S3Client& client, const std::string& key, ByteCount offset, ByteCount length,
                                 const std::string& etag = {});

}  // namespace decant::objects
