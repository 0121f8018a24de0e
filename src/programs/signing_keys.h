#pragma once

#include <string>

#include "http/auth_token.h"

namespace decant::programs {

/// The secrets that sign tokens, from a text file: the current one on the first line and, while keys are being changed,
/// the previous one on the second. Makes the file (0600) with a new random secret when there is none; any number of
/// processes may do so at once, and all read the same. Refuses a file that others may read, and a secret shorter than
/// 32 characters. Blocks.
Result<http::TokenKeys> load_signing_keys(const std::string& path);

}  // namespace decant::programs
