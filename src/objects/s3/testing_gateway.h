#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "objects/object_store_opener.h"
#include "objects/s3/s3_client.h"

namespace decant::objects {

/// A real S3 gateway on loopback (tests/servers/ceph-gateway) and a bucket in it. Every instance has a prefix of its
/// own, so that tests that run at once never meet.
class TestingGateway {
 public:
  /// Nothing where there is none: the test is to be skipped.
  static std::unique_ptr<TestingGateway> find();
  /// Why there is none.
  static std::string why_not();

  [[nodiscard]] ObjectStoreOptions options() const;
  /// s3://bucket/prefix?endpoint=…
  [[nodiscard]] std::string url() const;
  Result<std::unique_ptr<tasks::ObjectStore>> open(const ObjectStoreOptions& options, const Clock& clock) const;
  [[nodiscard]] std::unique_ptr<tasks::ObjectStore> open() const;
  /// The same bucket and prefix, one layer lower.
  [[nodiscard]] std::unique_ptr<S3Client> client() const;

  std::string endpoint;
  S3Credentials keys;

 private:
  std::string prefix_;
};

}  // namespace decant::objects
