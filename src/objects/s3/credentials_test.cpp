#include "objects/s3/credentials.h"

#include <gtest/gtest.h>

#include <fstream>

#include "base/manual_clock.h"
#include "contract/temporary_folder.h"
#include "objects/s3/testing_http_server.h"

namespace decant::objects {
namespace {

using namespace std::chrono_literals;
using Asked = TestingHttpServer::Asked;
using testing::HasSubstr;
using testing::Not;

constexpr std::string_view answer_of_aws =
    R"({"Code":"Success","AccessKeyId":"AKID","SecretAccessKey":"SECRET","Token":"TOKEN","Expiration":"2026-11-24T05:00:00Z"})";

class S3CredentialsTest : public testing::Test {
 protected:
  Result<TimedSecret<S3Credentials>> find(const std::string& profile = {}) {
    return find_s3_credentials(environment_, profile, client_);
  }
  void write(const std::string& name, std::string_view text) {
    std::filesystem::create_directory(home_.path() / ".aws");
    std::ofstream(home_.path() / ".aws" / name) << text;
  }

  contract::TemporaryFolder home_;
  Environment environment_{{"HOME", home_.path()}, {"AWS_EC2_METADATA_DISABLED", "true"}};
  HttpClient client_{metadata_client_options()};
};

TEST_F(S3CredentialsTest, ComeFromTheEnvironmentFirst) {
  write("credentials", "[default]\naws_access_key_id = other\naws_secret_access_key = other\n");
  environment_["AWS_ACCESS_KEY_ID"] = "id";
  environment_["AWS_SECRET_ACCESS_KEY"] = "secret";
  environment_["AWS_SESSION_TOKEN"] = "token";
  EXPECT_EQ(find()->secret, (S3Credentials{"id", "secret", "token"}));
  environment_.erase("AWS_SECRET_ACCESS_KEY");
  EXPECT_THAT(find().error().message, HasSubstr("one is missing"));
}

TEST_F(S3CredentialsTest, ComeFromProfiles) {
  write("credentials",
        "# a comment\n[default]\naws_access_key_id=d\naws_secret_access_key = ds\n"
        "[other]\naws_access_key_id = o\r\naws_secret_access_key = o/s=\r\naws_session_token = t\n");
  write("config", "[profile third]\nregion = eu-west-3\naws_access_key_id = t\naws_secret_access_key = ts\n");
  EXPECT_EQ(find()->secret, (S3Credentials{"d", "ds", ""}));
  EXPECT_EQ(find("other")->secret, (S3Credentials{"o", "o/s=", "t"}));
  EXPECT_EQ(find("third")->secret, (S3Credentials{"t", "ts", ""}));
  EXPECT_EQ(find_region(environment_, "third"), "eu-west-3");
  EXPECT_THAT(find("nobody").error().message, HasSubstr("profile nobody"));
  environment_["AWS_PROFILE"] = "other";
  EXPECT_EQ(find()->secret.access_key, "o");
  environment_["AWS_REGION"] = "eu-west-1";
  EXPECT_EQ(find_region(environment_, "third"), "eu-west-1");
}

TEST_F(S3CredentialsTest, ComeFromAContainersService) {
  const TestingHttpServer server([](const Asked& request) {
    const bool is_right = request.target == "/v2/credentials/x" && request.fields.contains("authorization") &&
                          request.fields.at("authorization") == "container token";
    return is_right ? http_answer(200, answer_of_aws) : http_answer(403, answer_of_aws);
  });
  environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.origin() + "/v2/credentials/x";
  EXPECT_EQ(find().error().code, ErrorCode::unavailable);
  const auto token_file = home_.path() / "token";
  std::ofstream(token_file) << "container token\n";
  environment_["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"] = token_file;
  const auto found = find();
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(found->secret, (S3Credentials{"AKID", "SECRET", "TOKEN"}));
  EXPECT_EQ(found->expires, parse_iso8601("2026-11-24T05:00:00Z"));
  for (const char* elsewhere : {"http://example.org/", "http://127.0.0.1.example.org/", "ftp://127.0.0.1/", "x"}) {
    environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = elsewhere;
    EXPECT_THAT(find().error().message, HasSubstr("must be https")) << elsewhere;
  }
}

TEST_F(S3CredentialsTest, ComeFromTheInstancesMetadataWithAToken) {
  const TestingHttpServer server([](const Asked& request) {
    if (request.method == "PUT" && request.target == "/latest/api/token") {
      return request.fields.contains("x-aws-ec2-metadata-token-ttl-seconds") ? http_answer(200, "session")
                                                                             : http_answer(400);
    }
    const auto token = request.fields.find("x-aws-ec2-metadata-token");
    if (token == request.fields.end() || token->second != "session") return http_answer(401);
    constexpr std::string_view folder = "/latest/meta-data/iam/security-credentials/";
    if (request.target == folder) return http_answer(200, "a role");
    return request.target == std::string(folder) + "a%20role" ? http_answer(200, answer_of_aws) : http_answer(404);
  });
  environment_["AWS_EC2_METADATA_SERVICE_ENDPOINT"] = server.origin() + "/";
  EXPECT_FALSE(find()) << "it is disabled";
  environment_.erase("AWS_EC2_METADATA_DISABLED");
  const auto found = find();
  ASSERT_TRUE(found) << found.error().describe();
  EXPECT_EQ(found->secret.access_key, "AKID");
}

TEST_F(S3CredentialsTest, Pitfall17AreMissedClearly) {
  const auto nobody = find();
  EXPECT_EQ(nobody.error().code, ErrorCode::unauthenticated);
  EXPECT_THAT(nobody.error().message, HasSubstr("set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY"));
}

TEST_F(S3CredentialsTest, OddAnswersAreRefusedAndNotShown) {
  std::string body;
  const TestingHttpServer server([&](const Asked&) { return http_answer(200, body); });
  environment_["AWS_CONTAINER_CREDENTIALS_FULL_URI"] = server.origin() + "/";
  for (const char* odd : {"", "[]", R"({"AccessKeyId":"SECRET1"})", R"({"AccessKeyId":1,"SecretAccessKey":"SECRET1"})",
                          R"({"AccessKeyId":"a","SecretAccessKey":"SECRET1","Expiration":"soon"})"}) {
    body = odd;
    const auto found = find();
    ASSERT_FALSE(found) << odd;
    EXPECT_EQ(found.error().code, ErrorCode::unavailable);
    EXPECT_THAT(found.error().describe(), Not(HasSubstr("SECRET1")));
  }
}

class SecretCacheTest : public testing::Test {
 protected:
  ManualClock clock_;
  int fetched_ = 0;
  bool is_away_ = false;
  SecretCache<std::string> cache_{[this]() -> Result<TimedSecret<std::string>> {
                                    ++fetched_;
                                    if (is_away_) return failure(ErrorCode::unavailable, "away");
                                    return TimedSecret<std::string>{std::to_string(fetched_), clock_.wall_now() + 1h};
                                  },
                                  clock_};
};

TEST_F(SecretCacheTest, RenewsBeforeTheSecretExpires) {
  EXPECT_EQ(cache_.get().value(), "1");
  clock_.advance(54min);
  EXPECT_EQ(cache_.get().value(), "1");
  clock_.advance(2min);
  EXPECT_EQ(cache_.get().value(), "2");
  EXPECT_EQ(fetched_, 2);
}

TEST_F(SecretCacheTest, KeepsTheOldOneWhileItHoldsAndNobodyGivesAnother) {
  EXPECT_EQ(cache_.get().value(), "1");
  is_away_ = true;
  clock_.advance(56min);
  EXPECT_EQ(cache_.get().value(), "1");
  EXPECT_EQ(cache_.get().value(), "1");
  EXPECT_EQ(fetched_, 2) << "not asked for again at once";
  clock_.advance(5min);
  EXPECT_FALSE(cache_.get());
  is_away_ = false;
  EXPECT_EQ(cache_.get().value(), "4");
}

TEST_F(SecretCacheTest, ForgetsWhatWasRefused) {
  EXPECT_EQ(cache_.get().value(), "1");
  cache_.forget();
  EXPECT_EQ(cache_.get().value(), "2");
}

}  // namespace
}  // namespace decant::objects
