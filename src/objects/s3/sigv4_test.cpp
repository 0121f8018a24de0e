#include "objects/s3/sigv4.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/sha256.h"

namespace decant::objects {
namespace {

using namespace std::chrono;
using testing::EndsWith;
using testing::HasSubstr;

WallTime at(sys_days day, hours hour = {}, minutes minute = {}) { return WallTime(day + hour + minute); }

std::string sha256_of(std::string_view text) {
  Sha256 hash;
  hash.update(std::as_bytes(std::span(text)));
  return hash.finish_hex();
}

/// The worked examples of "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk"
/// and "Authenticating Requests: Using Query Parameters" in the Amazon S3 API Reference.
class S3Examples : public testing::Test {
 protected:
  HttpRequest request(std::string method, std::string path) {
    return {.method = std::move(method), .origin = "https://examplebucket.s3.amazonaws.com", .path = std::move(path)};
  }
  std::string authorization(HttpRequest request, std::string_view body = {}) {
    sign(request, credentials_, scope_, sha256_of(body));
    EXPECT_EQ(request.headers.back().first, "Authorization");
    return request.headers.back().second;
  }

  S3Credentials credentials_{"AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY", ""};
  SigningScope scope_{.region = "us-east-1", .time = at(2013y / May / 24)};
};

TEST_F(S3Examples, GetObject) {
  HttpRequest get = request("GET", "/test.txt");
  get.headers.emplace_back("Range", "bytes=0-9");
  EXPECT_EQ(authorization(get),
            "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, "
            "SignedHeaders=host;range;x-amz-content-sha256;x-amz-date, "
            "Signature=f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41");
}

TEST_F(S3Examples, PutObject) {
  HttpRequest put = request("PUT", percent_encode_path("/test$file.text"));
  put.headers = {{"Date", "Fri, 24 May 2013 00:00:00 GMT"}, {"x-amz-storage-class", "REDUCED_REDUNDANCY"}};
  EXPECT_THAT(authorization(put, "Welcome to Amazon S3."),
              EndsWith("Signature=98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"));
}

TEST_F(S3Examples, GetBucketLifecycle) {
  HttpRequest get = request("GET", "/");
  get.query = {{"lifecycle", ""}};
  EXPECT_THAT(authorization(get),
              EndsWith("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"));
}

TEST_F(S3Examples, ListObjects) {
  HttpRequest get = request("GET", "/");
  get.query = {{"prefix", "J"}, {"max-keys", "2"}};
  EXPECT_THAT(authorization(get),
              EndsWith("Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"));
}

TEST_F(S3Examples, PresignedGet) {
  EXPECT_EQ(presign(request("GET", "/test.txt"), credentials_, scope_, seconds(86400)),
            "https://examplebucket.s3.amazonaws.com/test.txt?X-Amz-Algorithm=AWS4-HMAC-SHA256"
            "&X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request"
            "&X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host"
            "&X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404");
}

/// Cases of the "AWS Signature Version 4 Test Suite", by their names there.
class SignatureSuite : public testing::Test {
 protected:
  std::string signature(HttpRequest request) {
    request.origin = "https://example.amazonaws.com";
    request.headers.emplace_back("X-Amz-Date", "20150830T123600Z");
    const std::string authorization = make_authorization(request, credentials_, scope_, sha256_of(""));
    return authorization.substr(authorization.rfind('=') + 1);
  }

  S3Credentials credentials_{"AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", ""};
  SigningScope scope_{
      .region = "us-east-1", .service = "service", .time = at(2015y / August / 30, hours(12), minutes(36))};
};

TEST_F(SignatureSuite, GetVanilla) {
  EXPECT_EQ(signature({}), "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31");
}

TEST_F(SignatureSuite, PostVanilla) {
  EXPECT_EQ(signature({.method = "POST"}), "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b");
}

TEST_F(SignatureSuite, GetVanillaQueryOrderKeyCase) {
  EXPECT_EQ(signature({.query = {{"Param2", "value2"}, {"Param1", "value1"}}}),
            "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500");
}

TEST_F(SignatureSuite, GetHeaderValueTrim) {
  EXPECT_EQ(signature({.headers = {{"My-Header1", " value1"}, {"My-Header2", R"( "a   b   c")"}}}),
            "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736");
}

TEST(Sigv4, SignsTheSessionToken) {
  HttpRequest request{.origin = "http://127.0.0.1:9000"};
  sign(request, {"id", "secret", "token"}, {.region = "r"}, unsigned_payload);
  EXPECT_THAT(request.headers.back().second, HasSubstr("x-amz-security-token"));
  EXPECT_THAT(presign({.origin = "http://h"}, {"id", "secret", "to/ken"}, {.region = "r"}, seconds(5)),
              HasSubstr("&X-Amz-Security-Token=to%2Fken&"));
}

TEST(Sigv4, Pitfall12HostHasThePortUnlessItIsTheSchemes) {
  EXPECT_EQ((HttpRequest{.origin = "http://h:9000"}.host()), "h:9000");
  EXPECT_EQ((HttpRequest{.origin = "https://h:443"}.host()), "h");
  EXPECT_EQ((HttpRequest{.origin = "http://h:443"}.host()), "h:443");
  EXPECT_EQ((HttpRequest{.origin = "http://[::1]:80"}.host()), "[::1]");
}

}  // namespace
}  // namespace decant::objects
