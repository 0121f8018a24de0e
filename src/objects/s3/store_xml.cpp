#include "objects/s3/store_xml.h"

#include <charconv>
#include <pugixml.hpp>
#include <sstream>

namespace decant::objects {
namespace {

Failure odd_answer(std::string_view what) {
  return failure(ErrorCode::unavailable, "the object store gave an answer that makes no sense", std::string(what));
}

/// The root element when it has that name. `document` owns it.
pugi::xml_node find_root(pugi::xml_document& document, std::string_view body, const char* name) {
  if (!document.load_buffer(body.data(), body.size())) return {};
  return document.child(name);
}

std::string text_of(const pugi::xml_node& node, const char* name) { return node.child(name).text().get(); }

std::optional<ByteCount> parse_size(std::string_view text) {
  ByteCount size = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), size);
  if (error != std::errc() || end != text.data() + text.size() || size < 0) return std::nullopt;
  return size;
}

}  // namespace

std::optional<StoreError> find_store_error(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_node root = find_root(document, body, "Error");
  if (!root) return std::nullopt;
  return StoreError{text_of(root, "Code"), text_of(root, "Message")};
}

Result<ObjectPage> parse_object_page(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_node root = find_root(document, body, "ListBucketResult");
  if (!root) return odd_answer("no ListBucketResult");
  ObjectPage page;
  for (const pugi::xml_node& entry : root.children("Contents")) {
    const auto size = parse_size(text_of(entry, "Size"));
    const auto modified = parse_iso8601(text_of(entry, "LastModified"));
    if (!size || !modified) return odd_answer("an object in a list has no size or time");
    page.objects.push_back({text_of(entry, "Key"), *size, *modified});
  }
  if (text_of(root, "IsTruncated") != "true") return page;
  page.next = text_of(root, "NextContinuationToken");
  if (page.next.empty()) return odd_answer("a list goes on nowhere");
  return page;
}

Result<UploadPage> parse_upload_page(std::string_view body) {
  pugi::xml_document document;
  const pugi::xml_node root = find_root(document, body, "ListMultipartUploadsResult");
  if (!root) return odd_answer("no ListMultipartUploadsResult");
  UploadPage page;
  for (const pugi::xml_node& entry : root.children("Upload")) {
    const auto begun = parse_iso8601(text_of(entry, "Initiated"));
    if (!begun) return odd_answer("an upload in a list has no time");
    page.uploads.push_back({text_of(entry, "Key"), text_of(entry, "UploadId"), *begun});
  }
  if (text_of(root, "IsTruncated") != "true") return page;
  page.next_key = text_of(root, "NextKeyMarker");
  page.next_id = text_of(root, "NextUploadIdMarker");
  if (page.next_key.empty()) return odd_answer("a list goes on nowhere");
  return page;
}

Result<std::string> parse_upload_id(std::string_view body) {
  pugi::xml_document document;
  std::string id = text_of(find_root(document, body, "InitiateMultipartUploadResult"), "UploadId");
  if (id.empty()) return odd_answer("no UploadId");
  return id;
}

std::string make_complete_upload(const std::vector<std::string>& etags) {
  pugi::xml_document document;
  pugi::xml_node root = document.append_child("CompleteMultipartUpload");
  int number = 0;
  for (const std::string& etag : etags) {
    pugi::xml_node part = root.append_child("Part");
    part.append_child("PartNumber").text().set(++number);
    part.append_child("ETag").text().set(etag.c_str());
  }
  std::ostringstream text;
  document.save(text, "", pugi::format_raw);
  return text.str();
}

}  // namespace decant::objects
