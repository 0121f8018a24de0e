#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "tasks/object_store.h"

namespace decant::objects {

/// What a store answers in XML (Amazon S3 API Reference). Answers are hostile: bounded by their request, and refused as
/// unavailable when they are no XML or miss what they must have. Nothing of them is resolved or fetched.

/// <Error>: why a request was refused.
struct StoreError {
  std::string code;  ///< "NoSuchKey"
  std::string message;
};
/// Nothing when the body is no error.
[[nodiscard]] std::optional<StoreError> find_store_error(std::string_view body);

/// <ListBucketResult>, version 2.
struct ObjectPage {
  std::vector<tasks::ObjectInfo> objects;  ///< with whole keys, as the bucket has them
  std::string next;                        ///< continuation token; empty on the last page
};
Result<ObjectPage> parse_object_page(std::string_view body);

/// An upload in parts that was neither completed nor aborted.
struct UnfinishedUpload {
  std::string key;
  std::string id;
  WallTime begun{};
};
/// <ListMultipartUploadsResult>.
struct UploadPage {
  std::vector<UnfinishedUpload> uploads;
  std::string next_key;  ///< empty on the last page
  std::string next_id;
};
Result<UploadPage> parse_upload_page(std::string_view body);

/// <InitiateMultipartUploadResult>: the upload's id.
Result<std::string> parse_upload_id(std::string_view body);

/// <CompleteMultipartUpload> with the ETags of parts 1, 2, ….
[[nodiscard]] std::string make_complete_upload(const std::vector<std::string>& etags);

}  // namespace decant::objects
