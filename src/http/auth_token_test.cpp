#include "http/auth_token.h"

#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "base/manual_clock.h"

namespace decant::http {
namespace {

using std::chrono::seconds;

const std::string secret(32, 'k');
const std::string other_secret(40, 'o');

tasks::User make_user() {
  tasks::User user;
  user.id = tasks::UserId::make(WallTime(std::chrono::milliseconds(1'700'000'000'000)));
  user.token_generation = 7;
  return user;
}

std::string base64url(std::string_view text) {
  std::string out(text.size() * 4 / 3 + 8, '\0');
  const int count = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  out.resize(static_cast<std::size_t>(count));
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  out.erase(out.find_last_not_of('=') + 1);
  return out;
}

/// A token made by another implementation, with whatever header and claims.
std::string forge(std::string_view header, std::string_view claims, std::string_view key = secret,
                  const EVP_MD* digest = EVP_sha256()) {
  const std::string text = base64url(header) + "." + base64url(claims);
  unsigned char signature[EVP_MAX_MD_SIZE];
  unsigned int size = 0;
  HMAC(digest, key.data(), static_cast<int>(key.size()), reinterpret_cast<const unsigned char*>(text.data()),
       text.size(), signature, &size);
  return text + "." + base64url({reinterpret_cast<const char*>(signature), size});
}

class AuthToken : public ::testing::Test {
 protected:
  std::string header_with(std::string_view algorithm) const {
    return R"({"alg":)" + std::string(algorithm) + R"(,"typ":"JWT","kid":")" + key_id() + R"("})";
  }
  /// The kid that this signer writes, read from one of its tokens.
  std::string key_id() const {
    const std::string token = signer.sign(user, TokenUse::access, seconds(60));
    std::string part = token.substr(0, token.find('.'));
    for (char& c : part) c = c == '-' ? '+' : c == '_' ? '/' : c;
    while (part.size() % 4 != 0) part += '=';
    std::string text(part.size(), '\0');
    EVP_DecodeBlock(reinterpret_cast<unsigned char*>(text.data()), reinterpret_cast<const unsigned char*>(part.data()),
                    static_cast<int>(part.size()));
    const std::size_t start = text.find(R"("kid":")") + 7;
    return text.substr(start, text.find('"', start) - start);
  }
  std::string claims_with(std::string_view use, std::int64_t not_before, std::int64_t expires) const {
    return R"({"sub":")" + user.id.text() + R"(","gen":7,"use":")" + std::string(use) + R"(","nbf":)" +
           std::to_string(not_before) + R"(,"exp":)" + std::to_string(expires) + "}";
  }
  std::string good_claims() const { return claims_with("access", now, now + 60); }
  bool accepts(std::string_view token) const { return signer.verify(token, TokenUse::access).has_value(); }

  ManualClock clock;
  std::int64_t now = std::chrono::floor<seconds>(clock.wall_now()).time_since_epoch().count();
  tasks::User user = make_user();
  TokenSigner signer{{secret, std::nullopt}, clock};
};

TEST_F(AuthToken, ComesBackWithItsUser) {
  const auto claims = signer.verify(signer.sign(user, TokenUse::access, seconds(60)), TokenUse::access);
  ASSERT_TRUE(claims);
  EXPECT_EQ(claims->user, user.id);
  EXPECT_EQ(claims->generation, 7);
}

TEST_F(AuthToken, TakesOneOfAnotherImplementation) {
  EXPECT_TRUE(accepts(forge(header_with(R"("HS256")"), good_claims())));
}

TEST_F(AuthToken, RefusesEveryOtherAlgorithm) {
  for (const std::string_view algorithm : {R"("none")", R"("None")", R"("hs256")", R"("HS512")", R"("RS256")", "1",
                                           "null", "[]", R"({"a":1})", R"("HS256 ")"}) {
    EXPECT_FALSE(accepts(forge(header_with(algorithm), good_claims()))) << algorithm;
  }
  EXPECT_FALSE(accepts(forge(header_with(R"("HS512")"), good_claims(), secret, EVP_sha512())));
  const std::string unsigned_token = base64url(header_with(R"("none")")) + "." + base64url(good_claims()) + ".";
  EXPECT_FALSE(accepts(unsigned_token));
}

TEST_F(AuthToken, RefusesOtherKeysAndKids) {
  EXPECT_FALSE(accepts(forge(header_with(R"("HS256")"), good_claims(), other_secret)));
  EXPECT_FALSE(accepts(forge(R"({"alg":"HS256","kid":"nobody"})", good_claims())));
  EXPECT_FALSE(accepts(forge(R"({"alg":"HS256"})", good_claims())));
  EXPECT_FALSE(accepts(forge(R"({"alg":"HS256","kid":{"a":1}})", good_claims())));
  EXPECT_FALSE(accepts(forge(R"({"alg":"HS256","crit":["x"],"kid":")" + key_id() + "\"}", good_claims())));
}

TEST_F(AuthToken, OneUseIsNeverAnother) {
  constexpr std::array uses = {TokenUse::access, TokenUse::refresh, TokenUse::download};
  for (const TokenUse made_for : uses) {
    const std::string token = signer.sign(user, made_for, seconds(60));
    for (const TokenUse wanted : uses) EXPECT_EQ(signer.verify(token, wanted).has_value(), made_for == wanted);
  }
}

TEST_F(AuthToken, HasItsTime) {
  const std::string token = signer.sign(user, TokenUse::access, seconds(60));
  clock.advance(std::chrono::milliseconds(59'999));
  EXPECT_TRUE(accepts(token));
  clock.advance(std::chrono::milliseconds(1));
  EXPECT_FALSE(accepts(token));
  const std::string header = header_with(R"("HS256")");
  now += 60;
  EXPECT_FALSE(accepts(forge(header, claims_with("access", now + 31, now + 60))));
  EXPECT_TRUE(accepts(forge(header, claims_with("access", now + 29, now + 60)))) << "clocks differ a little";
}

TEST_F(AuthToken, RefusesClaimsOfTheWrongShape) {
  const std::string header = header_with(R"("HS256")");
  for (const std::string_view claims :
       {"", "{}", "[]", "null", "\"x\"", R"({"sub":1})",
        R"({"sub":"x","gen":7,"use":"access","nbf":0,"exp":99999999999})", "not json", "{\"a\":[[[[[[1]]]]]]}"}) {
    EXPECT_FALSE(accepts(forge(header, claims))) << claims;
  }
  for (const std::string_view expires : {"\"99999999999\"", "1e99", "null", "99999999999.5", "18446744073709551615"}) {
    const std::string claims =
        R"({"sub":")" + user.id.text() + R"(","gen":7,"use":"access","nbf":0,"exp":)" + std::string(expires) + "}";
    EXPECT_FALSE(accepts(forge(header, claims))) << expires;
  }
}

TEST_F(AuthToken, RefusesWhatIsCutOrChanged) {
  const std::string token = signer.sign(user, TokenUse::access, seconds(60));
  for (std::size_t size = 0; size < token.size(); ++size) EXPECT_FALSE(accepts(token.substr(0, size))) << size;
  for (std::size_t i = 0; i < token.size(); ++i) {
    std::string changed = token;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_FALSE(accepts(changed)) << i;
  }
  EXPECT_FALSE(accepts(token + "."));
  EXPECT_FALSE(accepts(token + "="));
  EXPECT_FALSE(accepts(token + '\0'));
  EXPECT_FALSE(accepts(" " + token));
  EXPECT_FALSE(accepts(std::string(1 << 20, 'A')));
  EXPECT_FALSE(accepts(std::string(1000, '.')));
  EXPECT_FALSE(accepts("\xFF.\xFF.\xFF"));
}

TEST_F(AuthToken, ThePreviousKeyStillVerifiesAndTheOneBeforeDoesNot) {
  const std::string token = signer.sign(user, TokenUse::access, seconds(60));
  const TokenSigner rotated({other_secret, secret}, clock);
  EXPECT_TRUE(rotated.verify(token, TokenUse::access));
  EXPECT_TRUE(rotated.verify(rotated.sign(user, TokenUse::access, seconds(60)), TokenUse::access));
  EXPECT_FALSE(accepts(rotated.sign(user, TokenUse::access, seconds(60))));
  const TokenSigner rotated_twice({std::string(32, 'z'), other_secret}, clock);
  EXPECT_FALSE(rotated_twice.verify(token, TokenUse::access));
}

TEST_F(AuthToken, AShortSecretIsRefused) {
  EXPECT_THROW(TokenSigner({"short", std::nullopt}, clock), std::invalid_argument);
}

}  // namespace
}  // namespace decant::http
