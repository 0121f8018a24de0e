#include "objects/s3/s3_object_store.h"

#include <gtest/gtest.h>

#include <cstring>
#include <random>

#include "base/manual_clock.h"
#include "contract/object_store_contract.h"
#include "objects/s3/store_xml.h"
#include "objects/s3/testing_gateway.h"

namespace decant::objects {
namespace {

using namespace std::chrono_literals;
using contract::MakeObjectStore;
using contract::ObjectStoreContract;
using testing::HasSubstr;

MakeObjectStore make_gateway_store() {
  // Shared by the copies of the std::function.
  std::shared_ptr<TestingGateway> gateway = TestingGateway::find();
  if (!gateway) return [] { return nullptr; };
  return [gateway] { return gateway->open(); };
}

INSTANTIATE_TEST_SUITE_P(Ceph, ObjectStoreContract, testing::Values(make_gateway_store));

class S3ObjectStoreTest : public testing::Test {
 protected:
  void SetUp() override {
    gateway_ = TestingGateway::find();
    if (!gateway_) GTEST_SKIP() << TestingGateway::why_not();
    store_ = gateway_->open();
    client_ = gateway_->client();
  }

  static std::string noise(std::size_t size) {
    std::mt19937_64 generator(size);
    std::string bytes(size, '\0');
    for (char& byte : bytes) byte = static_cast<char>(generator());
    return bytes;
  }
  static SpoolFile spool(std::string_view content) {
    SpoolFile file = SpoolFile::make(std::filesystem::temp_directory_path()).value();
    EXPECT_TRUE(file.append(std::as_bytes(std::span(content))));
    return file;
  }
  static std::string content_of(const Descriptor& file) {
    std::string content(static_cast<std::size_t>(file_size(file.get()).value()), '\0');
    EXPECT_EQ(::pread(file.get(), content.data(), content.size(), 0), static_cast<ssize_t>(content.size()));
    return content;
  }
  std::vector<UnfinishedUpload> unfinished() {
    const HttpResponse reply =
        client_->call({.query = {{"uploads", ""}, {"prefix", client_->address().prefix}}}).value();
    return parse_upload_page(reply.body).value().uploads;
  }

  std::unique_ptr<TestingGateway> gateway_;
  std::unique_ptr<tasks::ObjectStore> store_;
  std::unique_ptr<S3Client> client_;
  HttpClient plain_{{}};
};

TEST_F(S3ObjectStoreTest, KeepsLargeFilesInParts) {
  const std::string content = noise(12'000'000);
  const SpoolFile file = spool(content);
  const auto stored = store_->put("sources/t/large.wav", file);
  ASSERT_TRUE(stored) << stored.error().describe();
  const auto head = client_->call({.method = "HEAD", .key = "sources/t/large.wav"}).value();
  EXPECT_THAT(std::string(head.header("etag")), testing::EndsWith("-3\"")) << "three parts";
  EXPECT_TRUE(content_of(store_->fetch("sources/t/large.wav").value()) == content);
  EXPECT_EQ(store_->put("sources/t/large.wav", file).error().code, ErrorCode::conflict);
  EXPECT_TRUE(unfinished().empty());
}

TEST_F(S3ObjectStoreTest, Pitfall13ReadsAnyPartOfALargeObject) {
  const std::string content = noise(3'000'001);
  ASSERT_TRUE(store_->put("key", spool(content)));
  const auto reader = store_->open("key").value();
  std::vector<std::byte> buffer(300'000);
  for (const std::size_t offset : {std::size_t{0}, std::size_t{100'000}, std::size_t{2'999'999}, std::size_t{131'071},
                                   std::size_t{131'072}, std::size_t{1'500'000}, std::size_t{5}}) {
    const std::size_t got = reader->read(static_cast<ByteCount>(offset), buffer).value();
    ASSERT_GT(got, 0U);
    EXPECT_EQ(std::memcmp(buffer.data(), content.data() + offset, got), 0) << offset;
  }
  EXPECT_EQ(reader->read(3'000'001, buffer).value(), 0U);
}

TEST_F(S3ObjectStoreTest, AFetchedFileCannotBeWritten) {
  ASSERT_TRUE(store_->put("key", spool("content")));
  const Descriptor file = store_->fetch("key").value();
  EXPECT_EQ(::write(file.get(), "x", 1), -1);
}

TEST_F(S3ObjectStoreTest, NoticesADamagedObject) {
  ASSERT_TRUE(client_->call({.method = "PUT",
                             .key = "key",
                             .headers = {{"x-amz-meta-sha256", std::string(64, '0')}},
                             .body = std::string("other content")}));
  const auto fetched = store_->fetch("key");
  ASSERT_FALSE(fetched);
  EXPECT_EQ(fetched.error().code, ErrorCode::internal);
  EXPECT_THAT(fetched.error().message, HasSubstr("damaged"));
}

TEST_F(S3ObjectStoreTest, Pitfall2RemovesUploadsThatDiedHalfway) {
  const auto begun = client_->call({.method = "POST", .key = "results/t/1-a.wav", .query = {{"uploads", ""}}});
  const std::string upload = parse_upload_id(begun->body).value();
  ASSERT_TRUE(client_->call({.method = "PUT",
                             .key = "results/t/1-a.wav",
                             .query = {{"partNumber", "1"}, {"uploadId", upload}},
                             .body = noise(5 << 20)}));
  const WallTime now = SystemClock().wall_now();
  ASSERT_TRUE(store_->remove_unfinished(now - 1h));
  ASSERT_EQ(unfinished().size(), 1U);
  ASSERT_TRUE(store_->remove_unfinished(now + 1h));
  EXPECT_TRUE(unfinished().empty());
}

TEST_F(S3ObjectStoreTest, ListsPageAfterPage) {
  for (int i = 0; i < 5; ++i) ASSERT_TRUE(store_->put("key" + std::to_string(i), spool("x")));
  std::string token;
  int pages = 0;
  std::vector<std::string> found;
  do {
    StoreCall call{.query = {{"list-type", "2"}, {"max-keys", "2"}, {"prefix", client_->address().prefix}}};
    if (!token.empty()) call.query.emplace_back("continuation-token", token);
    const ObjectPage page = parse_object_page(client_->call(call)->body).value();
    for (const auto& object : page.objects) found.push_back(object.key.substr(client_->address().prefix.size()));
    token = page.next;
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(pages, 3);
  EXPECT_THAT(found, testing::ElementsAre("key0", "key1", "key2", "key3", "key4"));
}

TEST_F(S3ObjectStoreTest, Pitfall12SignsWhatSignersGetWrong) {
  for (const char* key : {"two words", "a+b", "!()*'", "ñandú/日本.mp3", "100%", "%2F", "a=b&c", ";:@,$#[]", "~_-."}) {
    const auto stored = client_->call({.method = "PUT", .key = key, .body = std::string(key)});
    ASSERT_TRUE(stored) << key;
    EXPECT_EQ(stored->status, 200) << key << stored->body;
    EXPECT_EQ(client_->call({.key = key})->body, key);
    const auto listed =
        client_->call({.query = {{"list-type", "2"}, {"delimiter", ""}, {"prefix", client_->address().prefix + key}}});
    EXPECT_EQ(parse_object_page(listed->body).value().objects.size(), 1U) << key;
  }
}

TEST_F(S3ObjectStoreTest, Pitfall12PresignedUrlsOpenOneObjectForAWhile) {
  ASSERT_TRUE(store_->put("key", spool("content")));
  const std::string url =
      *client_->presign({.key = "key", .query = {{"response-content-type", "audio/flac"}}}, 60s).value();
  const auto get = [&](const std::string& target) {
    const std::size_t path = target.find('/', 8);
    const std::size_t query = target.find('?');
    HttpRequest request{.origin = target.substr(0, path), .path = target.substr(path, query - path)};
    // Already encoded: as part of the path it is sent as it is.
    request.path += target.substr(query);
    return plain_.perform(request).value();
  };
  const HttpResponse response = get(url);
  EXPECT_EQ(response.body, "content");
  EXPECT_EQ(response.header("content-type"), "audio/flac");
  std::string tampered = url;
  tampered.replace(tampered.find("flac"), 4, "mpeg");
  EXPECT_EQ(get(tampered).status, 403);
  tampered = url;
  tampered.replace(tampered.find("/key?"), 5, "/kez?");
  EXPECT_EQ(get(tampered).status, 403);

  const ManualClock an_hour_ago(SystemClock().wall_now() - 1h);
  SignatureAuthorizer late([this] { return TimedSecret<S3Credentials>{gateway_->keys, {}}; }, "us-east-1", an_hour_ago);
  HttpRequest request{.origin = gateway_->endpoint,
                      .path = client_->address().bucket_path + client_->address().prefix + "key"};
  EXPECT_EQ(get(*late.presign(request, 60s).value()).status, 403) << "it has expired";
}

/// By its answer alone, as a client does it. What is left out is not sent.
class UploadLinkTest : public S3ObjectStoreTest {
 protected:
  static constexpr std::string_view content_sha256 = "ed7002b439e9ac845f22357d822bac1444730fbdb6016d3ec9432297b9ec9f73";

  tasks::ObjectLink make_link(tasks::ObjectStore& store, std::chrono::seconds lifetime = 60s) {
    return store.make_link("sources/t/a.upload", tasks::UploadLink{lifetime, 7, std::string(content_sha256)})
        .value()
        .value();
  }
  int put(const tasks::ObjectLink& link, const std::string& body) {
    const std::size_t path = link.url.find('/', 8);
    HttpRequest request{.method = "PUT", .origin = link.url.substr(0, path), .path = link.url.substr(path)};
    request.body = body;
    // The client's own length is sent.
    std::ranges::copy_if(link.headers, std::back_inserter(request.headers),
                         [](const auto& header) { return header.first != "content-length"; });
    return plain_.perform(request).value().status;
  }
  static void set(tasks::ObjectLink& link, std::string_view name, std::string value) {
    std::ranges::find(link.headers, name, &Fields::value_type::first)->second = std::move(value);
  }
  bool is_there() { return store_->open("sources/t/a.upload").has_value(); }
};

TEST_F(UploadLinkTest, TakesTheAnnouncedBytesOnce) {
  const tasks::ObjectLink link = make_link(*store_);
  EXPECT_EQ(put(link, "Content"), 400) << "other bytes";
  EXPECT_EQ(put(link, "content!"), 403) << "more bytes";
  EXPECT_EQ(put(link, "conten"), 403) << "fewer bytes";
  EXPECT_FALSE(is_there());
  ASSERT_EQ(put(link, "content"), 200);
  EXPECT_EQ(content_of(store_->fetch("sources/t/a.upload").value()), "content");
  EXPECT_EQ(put(link, "content"), 412) << "an object never changes";
}

TEST_F(UploadLinkTest, TakesNoOtherFields) {
  for (const auto& [name, value] : make_link(*store_).headers) {
    if (name == "content-length") continue;
    tasks::ObjectLink link = make_link(*store_);
    set(link, name, name == "x-amz-acl" ? "public-read" : "UNSIGNED-PAYLOAD");
    EXPECT_EQ(put(link, "content"), 403) << name;
    std::erase_if(link.headers, [&](const auto& header) { return header.first == name; });
    EXPECT_EQ(put(link, "content"), 403) << name;
  }
  tasks::ObjectLink link = make_link(*store_);
  link.headers.emplace_back("x-amz-grant-read", R"(uri="http://acs.amazonaws.com/groups/global/AllUsers")");
  EXPECT_EQ(put(link, "content"), 400);
  EXPECT_FALSE(is_there());
}

TEST_F(UploadLinkTest, WhatItBringsIsNotPublic) {
  ASSERT_EQ(put(make_link(*store_), "content"), 200);
  const HttpRequest request{.origin = gateway_->endpoint,
                            .path = client_->address().bucket_path + client_->address().prefix + "sources/t/a.upload"};
  EXPECT_EQ(plain_.perform(request)->status, 403);
}

TEST_F(UploadLinkTest, EndsInTime) {
  const ManualClock ten_minutes_ago(SystemClock().wall_now() - 10min);  // as far off as stores suffer
  const auto late = gateway_->open(gateway_->options(), ten_minutes_ago).value();
  EXPECT_EQ(put(make_link(*late, 60s), "content"), 403);
  EXPECT_EQ(put(make_link(*late, 1h), "content"), 200);
}

TEST_F(UploadLinkTest, IsRefusedForWhatOneRequestCannotBring) {
  const auto huge = store_->make_link("key", tasks::UploadLink{60s, (ByteCount{5} << 30) + 1, std::string(64, 'a')});
  EXPECT_EQ(huge.error().code, ErrorCode::too_large);
}

TEST_F(S3ObjectStoreTest, NothingIsPublic) {
  ASSERT_TRUE(store_->put("key", spool("content")));
  const HttpRequest request{.origin = gateway_->endpoint,
                            .path = client_->address().bucket_path + client_->address().prefix + "key"};
  EXPECT_EQ(plain_.perform(request)->status, 403);
}

TEST_F(S3ObjectStoreTest, Pitfall17SaysAtTheStartWhatIsWrong) {
  ObjectStoreOptions options = gateway_->options();
  const SystemClock clock;
  options.environment["AWS_SECRET_ACCESS_KEY"] = "wrong";
  EXPECT_THAT(gateway_->open(options, clock).error().message, HasSubstr("refuses the credentials"));

  options.environment = {{"AWS_EC2_METADATA_DISABLED", "true"}};
  const auto nobody = gateway_->open(options, clock);
  EXPECT_EQ(nobody.error().code, ErrorCode::unauthenticated);
  EXPECT_THAT(nobody.error().message, HasSubstr("AWS_ACCESS_KEY_ID"));

  const ManualClock slow(SystemClock().wall_now() - 20min);
  EXPECT_THAT(gateway_->open(gateway_->options(), slow).error().message, HasSubstr("clocks"));

  Logger logger(LogLevel::error, LogFormat::text);
  const auto lost =
      open_object_store("s3://no-such-bucket?endpoint=" + gateway_->endpoint, gateway_->options(), clock, logger);
  EXPECT_THAT(lost.error().message, HasSubstr("bucket does not exist"));
}

}  // namespace
}  // namespace decant::objects
