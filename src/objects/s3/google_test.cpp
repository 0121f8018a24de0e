// Against a strict server of ours: Google itself was never asked.
#include <gtest/gtest.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>

#include <boost/json.hpp>
#include <fstream>

#include "base/manual_clock.h"
#include "contract/temporary_folder.h"
#include "objects/object_store_opener.h"
#include "objects/s3/google_token.h"
#include "objects/s3/testing_http_server.h"

namespace decant::objects {
namespace {

namespace json = boost::json;
using namespace std::chrono_literals;
using Asked = TestingHttpServer::Asked;
using testing::HasSubstr;

std::string base64url_decode(std::string text) {
  std::ranges::replace(text, '-', '+');
  std::ranges::replace(text, '_', '/');
  const std::size_t padding = (4 - text.size() % 4) % 4;
  text.append(padding, '=');
  std::string bytes(text.size(), '\0');
  const int size = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                                   reinterpret_cast<const unsigned char*>(text.data()), static_cast<int>(text.size()));
  bytes.resize(static_cast<std::size_t>(std::max(size, 0)) - padding);
  return bytes;
}

class GoogleTokenTest : public testing::Test {
 protected:
  GoogleTokenTest() : key_(EVP_RSA_gen(2048)) {}
  ~GoogleTokenTest() override { EVP_PKEY_free(key_); }

  void write_key_file(const std::string& token_uri) {
    BIO* const bio = BIO_new(BIO_s_mem());
    PEM_write_bio_PrivateKey(bio, key_, nullptr, nullptr, 0, nullptr, nullptr);
    char* data = nullptr;
    const long size = BIO_get_mem_data(bio, &data);
    const std::string pem(data, static_cast<std::size_t>(size));
    BIO_free(bio);
    const auto path = folder_.path() / "key.json";
    std::ofstream(path) << json::serialize(json::object{{"type", "service_account"},
                                                        {"client_email", "decant@example.iam.gserviceaccount.com"},
                                                        {"private_key_id", "k1"},
                                                        {"private_key", pem},
                                                        {"token_uri", token_uri}});
    environment_["GOOGLE_APPLICATION_CREDENTIALS"] = path;
  }

  [[nodiscard]] bool verify(const std::string& text, const std::string& signature) const {
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    EVP_DigestVerifyInit(context, nullptr, EVP_sha256(), nullptr, key_);
    const int verified =
        EVP_DigestVerify(context, reinterpret_cast<const unsigned char*>(signature.data()), signature.size(),
                         reinterpret_cast<const unsigned char*>(text.data()), text.size());
    EVP_MD_CTX_free(context);
    return verified == 1;
  }

  /// What is wrong with a request for a token (RFC 7523 2.1); empty: nothing.
  [[nodiscard]] std::string find_fault(const Asked& request, const std::string& audience) const {
    constexpr std::string_view grant = "grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion=";
    if (request.method != "POST" || request.target != "/token") return "method or path";
    if (request.fields.at("content-type") != "application/x-www-form-urlencoded") return "content type";
    if (!request.body.starts_with(grant)) return "grant type";
    const std::string assertion = request.body.substr(grant.size());
    const std::size_t first = assertion.find('.');
    const std::size_t last = assertion.rfind('.');
    if (!verify(assertion.substr(0, last), base64url_decode(assertion.substr(last + 1)))) return "signature";
    const json::value header = json::parse(base64url_decode(assertion.substr(0, first)));
    const json::value claims = json::parse(base64url_decode(assertion.substr(first + 1, last - first - 1)));
    if (header.at("alg") != "RS256" || header.at("kid") != "k1") return "header";
    const std::int64_t now = clock_.wall_now().time_since_epoch() / 1s;
    if (claims.at("iat").as_int64() != now || claims.at("exp").as_int64() != now + 3600) return "times";
    if (claims.at("aud").as_string() != audience) return "audience";
    if (claims.at("iss") != "decant@example.iam.gserviceaccount.com") return "issuer";
    return claims.at("scope") == "https://www.googleapis.com/auth/devstorage.read_write" ? "" : "scope";
  }

  contract::TemporaryFolder folder_;
  ManualClock clock_;
  EVP_PKEY* key_;
  Environment environment_;
  HttpClient client_{metadata_client_options()};
};

TEST_F(GoogleTokenTest, AServiceAccountSignsForOne) {
  std::string audience;
  const TestingHttpServer server([&](const Asked& request) {
    const std::string fault = find_fault(request, audience);
    return fault.empty() ? http_answer(200, R"({"access_token":"ya29.x","expires_in":3599,"token_type":"Bearer"})")
                         : http_answer(400, fault);
  });
  audience = server.origin() + "/token";
  write_key_file(audience);
  const auto token = find_google_token(environment_, client_, clock_);
  ASSERT_TRUE(token) << token.error().describe() << find_fault(server.asked().at(0), audience);
  EXPECT_EQ(token->secret, "ya29.x");
  EXPECT_EQ(token->expires, clock_.wall_now() + 3599s);
}

TEST_F(GoogleTokenTest, TheMetadataServerGivesOne) {
  const TestingHttpServer server([](const Asked& request) {
    const bool is_right = request.target == "/computeMetadata/v1/instance/service-accounts/default/token" &&
                          request.fields.contains("metadata-flavor") &&
                          request.fields.at("metadata-flavor") == "Google";
    return is_right ? http_answer(200, R"({"access_token":"t","expires_in":10})") : http_answer(403);
  });
  environment_["GCE_METADATA_HOST"] = server.origin().substr(7);
  EXPECT_EQ(find_google_token(environment_, client_, clock_)->secret, "t");
}

TEST_F(GoogleTokenTest, Pitfall17IsMissedClearly) {
  const TestingHttpServer server([](const Asked&) { return http_answer(404); });
  environment_["GCE_METADATA_HOST"] = server.origin().substr(7);
  const auto nobody = find_google_token(environment_, client_, clock_);
  EXPECT_EQ(nobody.error().code, ErrorCode::unauthenticated);
  EXPECT_THAT(nobody.error().message, HasSubstr("GOOGLE_APPLICATION_CREDENTIALS"));
  environment_["GOOGLE_APPLICATION_CREDENTIALS"] = "/no/such/file";
  EXPECT_THAT(find_google_token(environment_, client_, clock_).error().message, HasSubstr("/no/such/file"));
  write_key_file("no URL");
  EXPECT_THAT(find_google_token(environment_, client_, clock_).error().message, HasSubstr("damaged"));
}

TEST(GoogleStore, SpeaksGooglesDialectWithABearer) {
  const TestingHttpServer server([](const Asked& request) {
    if (request.target.starts_with("/computeMetadata/")) {
      return http_answer(200, R"({"access_token":"t","expires_in":3599})");
    }
    if (request.fields.at("authorization") != "Bearer t") return http_answer(401);
    if (request.method == "GET") return http_answer(200, "<ListBucketResult></ListBucketResult>");
    const bool is_right = request.method == "PUT" && request.target == "/bucket/pre/key" &&
                          request.fields.at("x-goog-if-generation-match") == "0" &&
                          request.fields.contains("x-goog-meta-sha256") &&
                          request.fields.at("content-md5") == "kAFQmDzST7DWlj99KOF/cg==" && request.body == "abc";
    return http_answer(is_right ? 200 : 400);
  });
  const SystemClock clock;
  Logger logger(LogLevel::error, LogFormat::text);
  ObjectStoreOptions options;
  options.environment = {{"GCE_METADATA_HOST", server.origin().substr(7)}};
  const auto store = open_object_store("gs://bucket/pre?endpoint=" + server.origin(), options, clock, logger);
  ASSERT_TRUE(store) << store.error().describe();
  SpoolFile file = SpoolFile::make(std::filesystem::temp_directory_path()).value();
  ASSERT_TRUE(file.append(std::as_bytes(std::span(std::string_view("abc")))));
  const auto stored = (*store)->put("key", file);
  EXPECT_TRUE(stored) << stored.error().describe();
}

TEST(GoogleStore, ProvesNothingToAnEmulator) {
  const TestingHttpServer server([](const Asked& request) {
    return request.fields.contains("authorization") ? http_answer(401)
                                                    : http_answer(200, "<ListBucketResult></ListBucketResult>");
  });
  const SystemClock clock;
  Logger logger(LogLevel::error, LogFormat::text);
  ObjectStoreOptions options;
  options.environment = {{"STORAGE_EMULATOR_HOST", server.origin().substr(7)}};
  EXPECT_TRUE(open_object_store("gs://bucket", options, clock, logger));
}

}  // namespace
}  // namespace decant::objects
