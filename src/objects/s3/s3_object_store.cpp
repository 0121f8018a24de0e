#include "objects/s3/s3_object_store.h"

#include <optional>

#include "base/sha256.h"
#include "objects/s3/body_digest.h"
#include "objects/s3/object_window.h"
#include "objects/s3/store_xml.h"
#include "tasks/object_key.h"

namespace decant::objects {
namespace {

constexpr std::string_view put_action = "store the object";
constexpr std::string_view list_action = "list the objects";
constexpr ByteCount list_limit = 8 << 20;  // 1,000 entries with the longest keys, several times over
constexpr ByteCount fetch_window = 8 << 20;
constexpr ByteCount first_window = 128 << 10;  // small, for who only asks for a part behind it
constexpr int most_parts = 10'000;
constexpr ByteCount most_in_one_put = ByteCount{5} << 30;

char to_lower_character(char character) {
  return character >= 'A' && character <= 'Z' ? static_cast<char>(character - 'A' + 'a') : character;
}

Result<void> check_key(const std::string& key) {
  if (!tasks::is_object_key(key)) return failure(ErrorCode::invalid_argument, "this is no object key", key);
  return {};
}

Failure key_exists(const std::string& key) {
  return failure(ErrorCode::conflict, "an object with this key exists", key);
}

class WindowReader final : public tasks::ObjectReader {
 public:
  WindowReader(S3Client& client, std::string key, ByteCount window_size, ObjectWindow first)
      : client_(client), key_(std::move(key)), window_size_(window_size), window_(std::move(first)) {}

  [[nodiscard]] ByteCount size() const override { return window_.object_size; }
  [[nodiscard]] int descriptor() const override { return -1; }

  Result<std::size_t> read(ByteCount offset, std::span<std::byte> buffer) override {
    if (offset >= size() || buffer.empty()) return std::size_t{0};
    if (!contains(offset)) {
      DECANT_TRY(window_, read_window(client_, key_, offset, window_size_, window_.etag));
      // It never changes; but a store could say anything.
      if (!contains(offset)) return failure(ErrorCode::unavailable, "the object is shorter than it was", key_);
    }
    const std::size_t at = static_cast<std::size_t>(offset - window_.offset);
    const auto bytes = std::as_bytes(std::span(window_.bytes)).subspan(at);
    const auto part = bytes.first(std::min(bytes.size(), buffer.size()));
    std::ranges::copy(part, buffer.begin());
    return part.size();
  }

 private:
  [[nodiscard]] bool contains(ByteCount offset) const {
    return offset >= window_.offset && offset < window_.offset + static_cast<ByteCount>(window_.bytes.size());
  }

  S3Client& client_;
  std::string key_;
  ByteCount window_size_;
  ObjectWindow window_;
};

}  // namespace

std::string S3ObjectStore::metadata_name() const {
  return std::string(client_->address().dialect().metadata_prefix) + "sha256";
}

Result<void> S3ObjectStore::check() {
  const auto reply =
      client_->call({.query = {{"list-type", "2"}, {"max-keys", "1"}, {"prefix", client_->address().prefix}}});
  if (!reply) {
    logger_.warning("the object store does not answer yet", {{"error", reply.error().describe()}});
    return {};
  }
  if (reply->status >= 500) {
    logger_.warning("the object store is not ready yet", {{"status", reply->status}});
    return {};
  }
  if (!is_success(*reply)) return refused(*reply, list_action);
  return {};
}

Result<std::unique_ptr<tasks::ObjectReader>> S3ObjectStore::open(const std::string& key) {
  DECANT_CHECK(check_key(key));
  DECANT_TRY(ObjectWindow first, read_window(*client_, key, 0, std::min(first_window, options_.window)));
  return std::make_unique<WindowReader>(*client_, key, options_.window, std::move(first));
}

Result<Descriptor> S3ObjectStore::fetch(const std::string& key) {
  DECANT_CHECK(check_key(key));
  DECANT_TRY(ObjectWindow window, read_window(*client_, key, 0, fetch_window));
  const std::string expected = window.sha256;
  DECANT_TRY(SpoolFile file, SpoolFile::make(options_.spool_folder));
  Sha256 hash;
  for (ByteCount offset = 0;;) {
    const auto bytes = std::as_bytes(std::span(window.bytes));
    hash.update(bytes);
    DECANT_CHECK(file.append(bytes));
    offset += static_cast<ByteCount>(bytes.size());
    if (offset >= window.object_size) break;
    DECANT_TRY(window, read_window(*client_, key, offset, fetch_window, window.etag));
  }
  if (!expected.empty() && hash.finish_hex() != expected) {
    return failure(ErrorCode::internal, "the object came damaged from the object store", key);
  }
  // Another description of the same nameless file, for reading only.
  return open_for_reading(fmt::format("/proc/self/fd/{}", file.descriptor()));
}

Result<void> S3ObjectStore::remove(const std::string& key) {
  DECANT_CHECK(check_key(key));
  DECANT_TRY(const HttpResponse reply, client_->call({.method = "DELETE", .key = key}));
  if (is_success(reply)) return {};
  Failure why = refused(reply, "remove the object");
  if (why.error().code == ErrorCode::not_found) return {};
  return why;
}

Result<void> S3ObjectStore::put(const std::string& key, const SpoolFile& file) {
  DECANT_CHECK(check_key(key));
  Content content{.key = key, .file = file};
  DECANT_TRY(content.size, file.size());
  DECANT_TRY(content.sha256, sha256_of_file({file.descriptor(), 0, content.size}));
  return content.size <= options_.part_size ? put_whole(content) : put_in_parts(content);
}

Result<void> S3ObjectStore::put_whole(const Content& content) {
  const Dialect& dialect = client_->address().dialect();
  DECANT_TRY(const HttpResponse reply,
             client_->call({.method = "PUT",
                            .key = content.key,
                            .headers = {{std::string(dialect.create_only_name), std::string(dialect.create_only_value)},
                                        {metadata_name(), content.sha256}},
                            .body = FilePart{content.file.descriptor(), 0, content.size}}));
  if (is_success(reply)) return {};
  Failure why = refused(reply, put_action);
  if (why.error().code == ErrorCode::conflict) {
    // Ours, when the answer to an earlier try was lost. That try need not be known here: libcurl may send a request
    // again by itself when a kept connection is closed without an answer.
    DECANT_TRY(const bool is_ours, holds(content));
    if (is_ours) return {};
  }
  return why;
}

Result<bool> S3ObjectStore::holds(const Content& content) {
  DECANT_TRY(const HttpResponse reply, client_->call({.method = "HEAD", .key = content.key}));
  if (!is_success(reply)) return refused(reply, put_action);
  return reply.header("content-length") == std::to_string(content.size) &&
         reply.header(metadata_name()) == content.sha256;
}

Result<void> S3ObjectStore::put_in_parts(const Content& content) {
  const auto existing = holds(content);
  if (existing) return key_exists(content.key);
  if (existing.error().code != ErrorCode::not_found) return Failure(existing.error());
  DECANT_TRY(const std::string upload, begin_upload(content));
  Result<void> stored = upload_parts(content, upload);
  if (stored) return stored;
  if (const auto aborted = abort_upload(content.key, upload); !aborted) {
    logger_.warning("an unfinished upload is left to the orphan sweep",
                    {{"key", content.key}, {"error", aborted.error().describe()}});
  }
  return stored;
}

Result<std::string> S3ObjectStore::begin_upload(const Content& content) {
  DECANT_TRY(const HttpResponse reply, client_->call({.method = "POST",
                                                      .key = content.key,
                                                      .query = {{"uploads", ""}},
                                                      .headers = {{metadata_name(), content.sha256}},
                                                      .repeat = Repeat::unless_done}));
  if (!is_success(reply)) return refused(reply, put_action);
  return parse_upload_id(reply.body);
}

Result<void> S3ObjectStore::upload_parts(const Content& content, const std::string& upload) {
  // Parts of equal size, as R2 wants them, and no more than there may be.
  const ByteCount part_size = std::max(options_.part_size, (content.size + most_parts - 1) / most_parts);
  std::vector<std::string> etags;
  for (ByteCount offset = 0; offset < content.size; offset += part_size) {
    const FilePart part{content.file.descriptor(), offset, std::min(part_size, content.size - offset)};
    DECANT_TRY(const HttpResponse reply,
               client_->call({.method = "PUT",
                              .key = content.key,
                              .query = {{"partNumber", std::to_string(etags.size() + 1)}, {"uploadId", upload}},
                              .body = part}));
    if (!is_success(reply)) return refused(reply, put_action);
    etags.emplace_back(reply.header("etag"));
    if (etags.back().empty()) return failure(ErrorCode::unavailable, "the object store took a part without an ETag");
  }
  return complete_upload(content, upload, etags);
}

Result<void> S3ObjectStore::complete_upload(const Content& content, const std::string& upload,
                                            const std::vector<std::string>& etags) {
  const auto reply = client_->call({.method = "POST",
                                    .key = content.key,
                                    .query = {{"uploadId", upload}},
                                    .headers = {{"Content-Type", "application/xml"}},
                                    .body = make_complete_upload(etags)});
  // The status of a slow completion is sent before its outcome is known: 200 may come with an <Error>, a lost answer
  // tells nothing, and a repeated completion finds no upload any more. So what is there decides.
  const auto is_there = holds(content);
  if (is_there && *is_there) return {};
  if (!reply) return Failure(reply.error());
  if (!is_success(*reply)) return refused(*reply, put_action);
  const auto error = find_store_error(reply->body);
  return failure(ErrorCode::unavailable, "could not store the object: its parts were not put together",
                 error ? fmt::format("{}: {}", error->code, error->message.substr(0, 500)) : "no error was given");
}

Result<void> S3ObjectStore::abort_upload(const std::string& key, const std::string& upload) {
  DECANT_TRY(const HttpResponse reply,
             client_->call({.method = "DELETE", .key = key, .query = {{"uploadId", upload}}}));
  if (is_success(reply) || reply.status == 404) return {};
  return refused(reply, "abort an upload");
}

Result<void> S3ObjectStore::list(const std::function<bool(const tasks::ObjectInfo&)>& visit) {
  const std::string& prefix = client_->address().prefix;
  std::string token;
  do {
    StoreCall call{.query = {{"list-type", "2"}, {"prefix", prefix}}, .response_limit = list_limit};
    if (!token.empty()) call.query.emplace_back("continuation-token", token);
    DECANT_TRY(const HttpResponse reply, client_->call(call));
    if (!is_success(reply)) return refused(reply, list_action);
    DECANT_TRY(ObjectPage page, parse_object_page(reply.body));
    for (tasks::ObjectInfo& object : page.objects) {
      if (!object.key.starts_with(prefix)) continue;
      object.key.erase(0, prefix.size());
      // What others keep in the bucket is not ours to list, and so to remove.
      if (tasks::is_object_key(object.key) && !visit(object)) return {};
    }
    token = std::move(page.next);
  } while (!token.empty());
  return {};
}

Result<std::optional<tasks::ObjectLink>> S3ObjectStore::make_link(
    const std::string& key, const std::variant<tasks::DownloadLink, tasks::UploadLink>& link) {
  DECANT_CHECK(check_key(key));
  const auto* const upload = std::get_if<tasks::UploadLink>(&link);
  return upload != nullptr ? make_upload_link(key, *upload)
                           : make_download_link(key, std::get<tasks::DownloadLink>(link));
}

Result<std::optional<tasks::ObjectLink>> S3ObjectStore::make_download_link(const std::string& key,
                                                                           const tasks::DownloadLink& link) {
  DECANT_TRY(auto url, client_->presign({.key = key,
                                         .query = {{"response-content-type", link.content_type},
                                                   {"response-content-disposition", link.content_disposition},
                                                   {"response-cache-control", "private, no-cache"}}},
                                        link.lifetime));
  if (!url) return std::nullopt;
  return tasks::ObjectLink{*std::move(url)};
}

Result<std::optional<tasks::ObjectLink>> S3ObjectStore::make_upload_link(const std::string& key,
                                                                         const tasks::UploadLink& link) {
  if (link.size > most_in_one_put) {
    return failure(ErrorCode::too_large,
                   fmt::format("the object store takes at most {} bytes in one request", most_in_one_put));
  }
  const Dialect& dialect = client_->address().dialect();
  // All that is signed must be sent, just so. An access list must be among it: Ceph takes one that is not signed, and
  // with it a client could make its object public.
  Fields headers{{"content-length", std::to_string(link.size)},
                 {"x-amz-content-sha256", link.sha256},
                 {"x-amz-acl", "bucket-owner-full-control"},
                 {std::string(dialect.create_only_name), std::string(dialect.create_only_value)},
                 {metadata_name(), link.sha256}};
  DECANT_TRY(auto url, client_->presign({.method = "PUT", .key = key, .headers = headers}, link.lifetime));
  if (!url) return std::nullopt;
  for (auto& [name, value] : headers) std::ranges::transform(name, name.begin(), to_lower_character);
  return tasks::ObjectLink{*std::move(url), std::move(headers)};
}

Result<void> S3ObjectStore::remove_unfinished(WallTime before) {
  const std::string& prefix = client_->address().prefix;
  UploadPage page;
  do {
    StoreCall call{.query = {{"uploads", ""}, {"prefix", prefix}}, .response_limit = list_limit};
    if (!page.next_key.empty()) {
      call.query.emplace_back("key-marker", page.next_key);
      call.query.emplace_back("upload-id-marker", page.next_id);
    }
    DECANT_TRY(const HttpResponse reply, client_->call(call));
    if (!is_success(reply)) return refused(reply, "list unfinished uploads");
    DECANT_TRY(page, parse_upload_page(reply.body));
    for (const UnfinishedUpload& upload : page.uploads) {
      if (upload.begun >= before || !upload.key.starts_with(prefix)) continue;
      const std::string key = upload.key.substr(prefix.size());
      if (!tasks::is_object_key(key)) continue;
      DECANT_CHECK(abort_upload(key, upload.id));
      logger_.info("an unfinished upload was removed", {{"key", key}});
    }
  } while (!page.next_key.empty());
  return {};
}

}  // namespace decant::objects
