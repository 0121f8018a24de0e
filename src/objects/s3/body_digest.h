#pragma once

#include <string>

#include "objects/s3/http_message.h"

namespace decant::objects {

/// Lower-case hexadecimal SHA-256 of the body. Blocks on the disk.
Result<std::string> sha256_of_body(const HttpRequest& request);
/// MD5 of the body in base64, as Content-MD5 has it (RFC 1864). Blocks on the disk.
Result<std::string> md5_of_body(const HttpRequest& request);
/// Lower-case hexadecimal SHA-256 of a part of a file. Blocks on the disk.
Result<std::string> sha256_of_file(const FilePart& part);

}  // namespace decant::objects
