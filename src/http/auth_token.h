#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "tasks/user_store.h"

namespace decant::http {

/// What a token opens; one is never taken for another.
enum class TokenUse {
  access,    ///< the API, as a bearer
  refresh,   ///< a new access token, as a cookie
  download,  ///< GET /api/download, as a cookie
};

/// The secrets that sign tokens, of 32 bytes or more each. To change them: the current one becomes the previous one,
/// which still verifies.
struct TokenKeys {
  std::string current;
  std::optional<std::string> previous;
};

struct TokenClaims {
  tasks::UserId user;
  std::int64_t generation = 0;  ///< User::token_generation when it was signed
};

/// JSON Web Tokens (RFC 7519) in the compact form (RFC 7515), HS256 and nothing else. Thread-safe; never blocks.
class TokenSigner {
 public:
  /// std::invalid_argument when a secret is shorter than 32 bytes. `clock` outlives it.
  TokenSigner(TokenKeys keys, const Clock& clock);

  [[nodiscard]] std::string sign(const tasks::User& user, TokenUse use, std::chrono::seconds lifetime) const;
  /// unauthenticated unless it was signed here for `use` and its time has come and is not over. Whether the user still
  /// exists and is of that generation is for the caller to check.
  Result<TokenClaims> verify(std::string_view token, TokenUse use) const;

 private:
  struct Key {
    std::string id;  ///< `kid`, derived from the secret
    std::string secret;
  };
  static Key make_key(std::string secret);
  [[nodiscard]] const Key* find_key(std::string_view id) const;

  Key current_;
  std::optional<Key> previous_;
  const Clock& clock_;
};

}  // namespace decant::http
