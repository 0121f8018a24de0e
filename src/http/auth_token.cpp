#include "http/auth_token.h"

#include <fmt/format.h>
#include <sodium.h>

#include <boost/json.hpp>
#include <stdexcept>

namespace decant::http {
namespace {

namespace json = boost::json;

constexpr std::size_t least_secret = 32;
constexpr std::size_t most_token = 1024;
// Several machines sign; their clocks may differ by this much.
constexpr std::chrono::seconds clock_skew{30};

using Digest = std::array<unsigned char, crypto_auth_hmacsha256_BYTES>;

Digest hmac_sha256(std::string_view secret, std::string_view text) {
  const auto bytes = [](std::string_view of) { return reinterpret_cast<const unsigned char*>(of.data()); };
  crypto_auth_hmacsha256_state state;
  crypto_auth_hmacsha256_init(&state, bytes(secret), secret.size());
  crypto_auth_hmacsha256_update(&state, bytes(text), text.size());
  Digest digest{};
  crypto_auth_hmacsha256_final(&state, digest.data());
  sodium_memzero(&state, sizeof state);
  return digest;
}

std::string to_base64url(const unsigned char* bytes, std::size_t count) {
  constexpr int variant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_encoded_len(count, variant), '\0');
  sodium_bin2base64(text.data(), text.size(), bytes, count, variant);
  text.pop_back();  // the terminating NUL
  return text;
}

std::string to_base64url(std::string_view text) {
  return to_base64url(reinterpret_cast<const unsigned char*>(text.data()), text.size());
}

std::optional<std::string> from_base64url(std::string_view text) {
  std::string bytes(text.size(), '\0');
  std::size_t count = 0;
  if (sodium_base642bin(reinterpret_cast<unsigned char*>(bytes.data()), bytes.size(), text.data(), text.size(), nullptr,
                        &count, nullptr, sodium_base64_VARIANT_URLSAFE_NO_PADDING) != 0) {
    return std::nullopt;
  }
  bytes.resize(count);
  return bytes;
}

std::optional<json::object> find_object(std::string_view base64url) {
  const auto text = from_base64url(base64url);
  if (!text) return std::nullopt;
  boost::system::error_code problem;
  json::parse_options options;
  options.max_depth = 2;
  json::value value = json::parse(*text, problem, {}, options);
  if (problem || !value.is_object()) return std::nullopt;
  return std::move(value.get_object());
}

std::optional<std::string_view> find_text(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_string()) return std::nullopt;
  return std::string_view(value->get_string());
}

std::optional<std::int64_t> find_integer(const json::object& object, std::string_view name) {
  const json::value* value = object.if_contains(name);
  if (value == nullptr || !value->is_int64()) return std::nullopt;
  return value->get_int64();
}

std::string_view to_string(TokenUse use) {
  switch (use) {
    case TokenUse::access: return "access";
    case TokenUse::refresh: return "refresh";
    case TokenUse::download: return "download";
  }
  return "access";
}

std::int64_t seconds_of(WallTime time) {
  return std::chrono::floor<std::chrono::seconds>(time).time_since_epoch().count();
}

Failure refuse(std::string why) {
  return failure(ErrorCode::unauthenticated, "the token is not valid; log in again", std::move(why));
}

}  // namespace

TokenSigner::TokenSigner(TokenKeys keys, const Clock& clock)
    : current_(make_key(std::move(keys.current))), clock_(clock) {
  if (keys.previous) previous_ = make_key(*std::move(keys.previous));
}

TokenSigner::Key TokenSigner::make_key(std::string secret) {
  if (sodium_init() < 0) throw std::runtime_error("libsodium cannot start");
  if (secret.size() < least_secret) {
    throw std::invalid_argument(fmt::format("a secret for tokens has {} bytes or more", least_secret));
  }
  const Digest digest = hmac_sha256(secret, "decant token key id");
  std::string id = to_base64url(digest.data(), 8);
  return {std::move(id), std::move(secret)};
}

const TokenSigner::Key* TokenSigner::find_key(std::string_view id) const {
  if (id == current_.id) return &current_;
  if (previous_ && id == previous_->id) return &*previous_;
  return nullptr;
}

std::string TokenSigner::sign(const tasks::User& user, TokenUse use, std::chrono::seconds lifetime) const {
  const std::int64_t now = seconds_of(clock_.wall_now());
  const json::object header{{"alg", "HS256"}, {"typ", "JWT"}, {"kid", current_.id}};
  const json::object claims{{"sub", user.id.text()},
                            {"gen", user.token_generation},
                            {"use", to_string(use)},
                            {"iat", now},
                            {"nbf", now},
                            {"exp", now + lifetime.count()}};
  std::string token = to_base64url(json::serialize(header)) + '.' + to_base64url(json::serialize(claims));
  const Digest signature = hmac_sha256(current_.secret, token);
  return token + '.' + to_base64url(signature.data(), signature.size());
}

Result<TokenClaims> TokenSigner::verify(std::string_view token, TokenUse use) const {
  if (token.size() > most_token) return refuse("too long");
  const std::size_t first_dot = token.find('.');
  const std::size_t last_dot = token.rfind('.');
  if (first_dot == std::string_view::npos || token.find('.', first_dot + 1) != last_dot)
    return refuse("not three parts");

  const auto header = find_object(token.substr(0, first_dot));
  if (!header || find_text(*header, "alg") != "HS256") return refuse("not HS256");
  if (header->contains("crit")) return refuse("unknown critical header");  // RFC 7515 4.1.11
  const Key* key = find_key(find_text(*header, "kid").value_or(""));
  if (key == nullptr) return refuse("unknown key");

  const auto signature = from_base64url(token.substr(last_dot + 1));
  const Digest expected = hmac_sha256(key->secret, token.substr(0, last_dot));
  if (!signature || signature->size() != expected.size() ||
      sodium_memcmp(signature->data(), expected.data(), expected.size()) != 0) {
    return refuse("wrong signature");
  }

  const auto claims = find_object(token.substr(first_dot + 1, last_dot - first_dot - 1));
  if (!claims) return refuse("no claims");
  const auto user = tasks::UserId::parse(find_text(*claims, "sub").value_or(""));
  const auto generation = find_integer(*claims, "gen");
  const auto not_before = find_integer(*claims, "nbf");
  const auto expires = find_integer(*claims, "exp");
  if (!user || !generation || !not_before || !expires) return refuse("claims missing");
  if (find_text(*claims, "use") != to_string(use)) return refuse("for another use");
  const std::int64_t now = seconds_of(clock_.wall_now());
  if (now >= *expires) return failure(ErrorCode::unauthenticated, "the token has expired; log in again");
  if (now < *not_before - clock_skew.count()) return refuse("not valid yet");
  return TokenClaims{*user, *generation};
}

}  // namespace decant::http
