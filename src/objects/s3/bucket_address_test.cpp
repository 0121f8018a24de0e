#include "objects/s3/bucket_address.h"

#include <gtest/gtest.h>

namespace decant::objects {
namespace {

const Environment nothing{{"HOME", "/nonexistent"}};

TEST(BucketAddress, IsOfAmazonUnlessAnEndpointIsNamed) {
  const BucketAddress amazon = parse_bucket_address("s3://music/a/b/?region=eu-west-1", nothing).value();
  EXPECT_EQ(amazon.origin, "https://music.s3.eu-west-1.amazonaws.com");
  EXPECT_EQ(amazon.bucket_path, "/");
  EXPECT_EQ(amazon.prefix, "a/b/");
  EXPECT_EQ(parse_bucket_address("s3://with.dots", nothing)->bucket_path, "/with.dots/");
  EXPECT_EQ(parse_bucket_address("s3://with.dots", nothing)->origin, "https://s3.us-east-1.amazonaws.com");

  const BucketAddress ceph = parse_bucket_address("s3://music?endpoint=http://10.0.0.5:7480", nothing).value();
  EXPECT_EQ(ceph.origin, "http://10.0.0.5:7480");
  EXPECT_EQ(ceph.bucket_path, "/music/");
  EXPECT_EQ(ceph.prefix, "");
  const BucketAddress host = parse_bucket_address("s3://m?endpoint=https://s.example&style=host", nothing).value();
  EXPECT_EQ(host.origin, "https://m.s.example");
}

TEST(BucketAddress, TakesRegionAndEndpointFromTheEnvironment) {
  const Environment environment{{"AWS_DEFAULT_REGION", "eu-west-2"}, {"AWS_ENDPOINT_URL", "http://[::1]:9000/"}};
  const BucketAddress address = parse_bucket_address("s3://music", environment).value();
  EXPECT_EQ(address.region, "eu-west-2");
  EXPECT_EQ(address.origin, "http://[::1]:9000");
  EXPECT_EQ(parse_bucket_address("s3://music?region=auto", environment)->region, "auto");
}

TEST(BucketAddress, IsOfGoogle) {
  EXPECT_EQ(parse_bucket_address("gs://music/x", nothing)->origin, "https://storage.googleapis.com");
  EXPECT_EQ(parse_bucket_address("gs://music/x", nothing)->protocol, Protocol::google);
  const BucketAddress emulated = parse_bucket_address("gs://music", {{"STORAGE_EMULATOR_HOST", "h:4443"}}).value();
  EXPECT_EQ(emulated.origin, "http://h:4443");
  EXPECT_TRUE(emulated.is_anonymous);
}

TEST(BucketAddress, RefusesWhatIsNone) {
  for (const char* url :
       {"s3://", "s3:///a", "s3://b:90", "s3://id:key@b", "s3://b?acess_key=x", "s3://b?style=x",
        "s3://b?endpoint=host", "s3://b?endpoint=ftp://h", "s3://b?endpoint=http://u:p@h",
        "s3://b?endpoint=http://h/path", "s3://b/../c", "gs://b?endpoint=x", "s3://b c", "file:///x"}) {
    EXPECT_EQ(parse_bucket_address(url, nothing).error().code, ErrorCode::invalid_argument) << url;
  }
}

}  // namespace
}  // namespace decant::objects
