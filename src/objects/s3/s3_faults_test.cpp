// What real stores do seldom: lost answers, answers that contradict themselves, hostile ones.
#include <fmt/format.h>
#include <gtest/gtest.h>

#include <atomic>
#include <thread>

#include "objects/s3/s3_object_store.h"
#include "objects/s3/testing_http_server.h"

namespace decant::objects {
namespace {

using Asked = TestingHttpServer::Asked;
using testing::HasSubstr;

class S3Faults : public testing::Test {
 protected:
  void serve(TestingHttpServer::Answer answer, std::chrono::milliseconds request_timeout = std::chrono::minutes(2)) {
    server_ = std::make_unique<TestingHttpServer>(std::move(answer));
    const BucketAddress address = parse_bucket_address("s3://bucket/pre?endpoint=" + server_->origin(), {}).value();
    auto client = std::make_unique<S3Client>(
        address, S3Client::Options{.tries = 3, .backoff = {std::chrono::milliseconds(1), std::chrono::milliseconds(2)}},
        std::make_unique<HttpClient>(
            HttpClientOptions{.stall_timeout = std::chrono::seconds(1), .request_timeout = request_timeout}),
        std::make_unique<SignatureAuthorizer>(
            [this] {
              ++fetched_credentials_;
              return TimedSecret<S3Credentials>{{"id", "secret", ""}, {}};
            },
            "us-east-1", clock_));
    store_ = std::make_unique<S3ObjectStore>(
        S3StoreOptions{.spool_folder = std::filesystem::temp_directory_path(), .part_size = 4}, std::move(client),
        logger_);
  }
  static SpoolFile spool(std::string_view content) {
    SpoolFile file = SpoolFile::make(std::filesystem::temp_directory_path()).value();
    EXPECT_TRUE(file.append(std::as_bytes(std::span(content))));
    return file;
  }
  [[nodiscard]] std::vector<std::string> asked() const {
    std::vector<std::string> lines;
    for (const Asked& each : server_->asked()) lines.push_back(each.method + ' ' + each.target);
    return lines;
  }
  [[nodiscard]] std::size_t count(std::string_view line) const {
    const auto lines = asked();
    return static_cast<std::size_t>(std::ranges::count(lines, line));
  }

  SystemClock clock_;
  Logger logger_{LogLevel::error, LogFormat::text};
  int fetched_credentials_ = 0;
  std::unique_ptr<TestingHttpServer> server_;
  std::unique_ptr<S3ObjectStore> store_;
};

constexpr std::string_view sha256_of_abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

TEST_F(S3Faults, APutWhoseAnswerWasLostIsKnownAgain) {
  std::string_view there = sha256_of_abc;
  int puts = 0;
  serve([&](const Asked& request) -> std::string {
    if (request.method == "HEAD") {
      return fmt::format("HTTP/1.1 200 x\r\nContent-Length: 3\r\nx-amz-meta-sha256: {}\r\n\r\n", there);
    }
    if (++puts > 1) return http_answer(412, "<Error><Code>PreconditionFailed</Code></Error>");
    return {};
  });
  EXPECT_TRUE(store_->put("key", spool("abc")));
  EXPECT_EQ(server_->asked().front().fields.at("x-amz-meta-sha256"), sha256_of_abc);
  EXPECT_TRUE(store_->put("key", spool("abc"))) << "refused at the first try that is known here: libcurl makes others";
  there = "of another writer";
  puts = 0;
  EXPECT_EQ(store_->put("key", spool("abc")).error().code, ErrorCode::conflict);
}

/// Answers an upload in parts; `complete` is what the completion gets, `head` what is there afterwards.
TestingHttpServer::Answer in_parts(std::string complete, std::string head, bool& is_completed) {
  return [complete = std::move(complete), head = std::move(head), &is_completed](const Asked& request) {
    if (request.method == "HEAD") return is_completed ? head : http_answer(404);
    if (request.method == "PUT") return http_answer(200, "", "ETag: \"part\"\r\n");
    if (request.method == "DELETE") return http_answer(204);
    if (request.target.ends_with("?uploads=")) {
      return http_answer(200, "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>");
    }
    is_completed = true;
    return complete;
  };
}

std::string head_of_abcdefgh(bool is_right) {
  constexpr std::string_view right = "9c56cc51b374c3ba189210d5b6d4bf57790d351c96c47c02190ecf1e430635ab";
  return fmt::format("HTTP/1.1 200 x\r\nContent-Length: 8\r\nConnection: close\r\nx-amz-meta-sha256: {}\r\n\r\n",
                     is_right ? right : "0");
}

TEST_F(S3Faults, Pitfall13ACompletionMayAnswer200AndHaveFailed) {
  bool is_completed = false;
  serve(in_parts(http_answer(200, "<Error><Code>InternalError</Code><Message>no</Message></Error>"), http_answer(404),
                 is_completed));
  const auto stored = store_->put("key", spool("abcdefgh"));
  ASSERT_FALSE(stored);
  EXPECT_EQ(stored.error().code, ErrorCode::unavailable);
  EXPECT_THAT(stored.error().detail, HasSubstr("InternalError"));
  EXPECT_EQ(count("DELETE /bucket/pre/key?uploadId=u1"), 1U) << "it is aborted";
}

TEST_F(S3Faults, Pitfall13ACompletionWithoutAnETagIsWhatItsObjectSays) {
  bool is_completed = false;
  serve(in_parts(http_answer(200, "<CompleteMultipartUploadResult><ETag></ETag></CompleteMultipartUploadResult>"),
                 head_of_abcdefgh(true), is_completed));
  const auto stored = store_->put("key", spool("abcdefgh"));
  EXPECT_TRUE(stored) << stored.error().describe();
  EXPECT_EQ(count("DELETE /bucket/pre/key?uploadId=u1"), 0U);
}

TEST_F(S3Faults, ACompletionWhoseAnswerWasLostIsKnownAgain) {
  bool is_completed = false;
  serve(in_parts({}, head_of_abcdefgh(true), is_completed));
  EXPECT_TRUE(store_->put("key", spool("abcdefgh")));
}

TEST_F(S3Faults, AnUploadThatFailsIsAborted) {
  serve([](const Asked& request) {
    if (request.method == "HEAD") return http_answer(404);
    if (request.method == "POST") {
      return http_answer(200, "<InitiateMultipartUploadResult><UploadId>u1</UploadId></InitiateMultipartUploadResult>");
    }
    if (request.method == "DELETE") return http_answer(204);
    return http_answer(403, "<Error><Code>AccessDenied</Code></Error>");
  });
  EXPECT_EQ(store_->put("key", spool("abcdefgh")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(asked().back(), "DELETE /bucket/pre/key?uploadId=u1");
}

TEST_F(S3Faults, TriesAgainWhatPassesAndOnlyThat) {
  int calls = 0;
  serve([&](const Asked&) -> std::string {
    constexpr std::array answers = {503, 500, 204};
    return http_answer(answers.at(static_cast<std::size_t>(calls++ % 3)));
  });
  EXPECT_TRUE(store_->remove("key"));
  EXPECT_EQ(calls, 3);
  serve([&](const Asked&) { return ++calls, http_answer(403); });
  calls = 0;
  EXPECT_EQ(store_->remove("key").error().code, ErrorCode::unavailable);
  EXPECT_EQ(calls, 1);
}

TEST_F(S3Faults, AsksAStoreThatSaysNothingOnlyOnceMore) {
  static std::atomic<int> requests = 0;  // the server outlives this function
  serve(
      [&](const Asked&) -> std::string {
        if (++requests > 2) return http_answer(404);
        std::this_thread::sleep_for(std::chrono::milliseconds(250));
        return "";
      },
      std::chrono::milliseconds(200));
  const auto opened = store_->open("sources/a");
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, ErrorCode::unavailable) << "and not timed_out, which would be the client's fault";
  EXPECT_THAT(opened.error().message, HasSubstr("in time"));
}

TEST_F(S3Faults, NeverBeginsAnUploadTwiceWhenItMayHaveBegun) {
  serve([](const Asked& request) { return request.method == "HEAD" ? http_answer(404) : std::string(); });
  EXPECT_EQ(store_->put("key", spool("abcdefgh")).error().code, ErrorCode::unavailable);
  EXPECT_EQ(count("POST /bucket/pre/key?uploads="), 1U);
}

TEST_F(S3Faults, Pitfall17GetsNewCredentialsWhenTheOldOnesAreRefusedAsWornOut) {
  serve([&](const Asked&) {
    return fetched_credentials_ > 1 ? http_answer(204) : http_answer(400, "<Error><Code>ExpiredToken</Code></Error>");
  });
  EXPECT_TRUE(store_->remove("key"));
  EXPECT_EQ(fetched_credentials_, 2);
}

TEST_F(S3Faults, FollowsNoRedirect) {
  TestingHttpServer other([](const Asked&) { return http_answer(200, "secret"); });
  serve([&](const Asked&) { return http_answer(307, "", "Location: " + other.origin() + "/\r\n"); });
  const auto opened = store_->open("key");
  EXPECT_EQ(opened.error().code, ErrorCode::unavailable);
  EXPECT_THAT(opened.error().message, HasSubstr("another region"));
  EXPECT_TRUE(other.asked().empty());
}

TEST_F(S3Faults, BoundsAndRefusesHostileAnswers) {
  for (
      const std::string& answer : {
          http_answer(200, std::string(9 << 20, 'x')),
          http_answer(200, "no XML"),
          http_answer(200, "<ListBucketResult><Contents><Key>a</Key></Contents></ListBucketResult>"),
          http_answer(200, "<ListBucketResult><IsTruncated>true</IsTruncated></ListBucketResult>"),
          http_answer(
              200,
              R"(<!DOCTYPE a [<!ENTITY e SYSTEM "file:///etc/passwd">]><ListBucketResult><Contents><Key>&e;</Key></Contents></ListBucketResult>)"),
          http_answer(200, "", "X: " + std::string(200'000, 'x') + "\r\n"),
          std::string("HTTP/1.1 200 x\r\nContent-Length: 100\r\n\r\nshort"),
          std::string("no HTTP\r\n\r\n"),
      }) {
    serve([&](const Asked&) { return answer; });
    const auto listed = store_->list([](const tasks::ObjectInfo&) { return true; });
    ASSERT_FALSE(listed) << answer.substr(0, 200);
    EXPECT_EQ(listed.error().code, ErrorCode::unavailable);
  }
  std::string deep;
  for (int i = 0; i < 1'000'000; ++i) deep += "<a>";
  serve([&](const Asked&) { return http_answer(200, deep); });
  EXPECT_FALSE(store_->list([](const tasks::ObjectInfo&) { return true; }));
}

TEST_F(S3Faults, ListsNothingThatIsNoKeyOfOurs) {
  serve([](const Asked&) {
    const auto entry = [](std::string_view key) {
      return fmt::format(
          "<Contents><Key>{}</Key><Size>1</Size><LastModified>2026-11-23T00:00:00.000Z</LastModified>"
          "</Contents>",
          key);
    };
    return http_answer(200, "<ListBucketResult>" + entry("elsewhere/a") + entry("pre/../up") + entry("pre/Upper") +
                                entry("pre/sources/a.mp3") + "</ListBucketResult>");
  });
  std::vector<std::string> keys;
  ASSERT_TRUE(store_->list([&](const tasks::ObjectInfo& object) { return keys.push_back(object.key), true; }));
  EXPECT_THAT(keys, testing::ElementsAre("sources/a.mp3"));
}

TEST_F(S3Faults, Pitfall13ReadsNoOtherRangeThanAskedFor) {
  for (const std::string& answer :
       {http_answer(206, "abc", "Content-Range: bytes 1-3/10\r\n"),
        http_answer(206, "abc", "Content-Range: bytes 0-2/x\r\n"), http_answer(206, "abc"),
        http_answer(206, "ab", "Content-Range: bytes 0-2/3\r\n"), http_answer(200, std::string(1 << 20, 'a'))}) {
    serve([&](const Asked&) { return answer; });
    EXPECT_EQ(store_->open("key").error().code, ErrorCode::unavailable) << answer.substr(0, 100);
  }
}

TEST_F(S3Faults, NoErrorShowsASecret) {
  serve([](const Asked& request) {
    return http_answer(403, "<Error><Code>SignatureDoesNotMatch</Code><Message>no</Message><StringToSign>" +
                                request.fields.at("authorization") + "</StringToSign></Error>");
  });
  const Error error = store_->remove("key").error();
  EXPECT_THAT(error.describe(), HasSubstr("SignatureDoesNotMatch"));
  EXPECT_THAT(error.describe(), testing::Not(HasSubstr("Signature=")));
}

}  // namespace
}  // namespace decant::objects
