#include "http/request_parser.h"

#include <algorithm>
#include <boost/beast/http/basic_parser.hpp>
#include <cstring>
#include <limits>
#include <optional>

#include "http/syntax.h"

namespace decant::http {
namespace {

namespace beast_http = boost::beast::http;
using boost::beast::error_code;
using View = boost::beast::string_view;

std::string_view to_view(View text) { return {text.data(), text.size()}; }

/// Fields whose repetition would leave it to each reader which one counts.
constexpr auto singletons = std::to_array<std::string_view>(
    {"Host", "Content-Length", "Transfer-Encoding", "Content-Type", "Content-Disposition", "Authorization", "Expect"});

}  // namespace

class RequestParser::Machine final : public beast_http::basic_parser<true> {
 public:
  explicit Machine(const HeadLimits& limits) : limits_(limits) {
    // Both are counted here instead: Beast's header limit is on what is buffered, not on the whole.
    header_limit(std::numeric_limits<std::uint32_t>::max());
    body_limit(boost::none);
  }

  [[nodiscard]] bool has_request_line() const { return has_request_line_; }

  RequestHead head;
  std::optional<Refusal> refusal;
  std::size_t head_bytes = 0;
  std::span<std::byte> room;
  std::size_t produced = 0;

 private:
  void refuse_with(int status, std::string message, error_code& error) {
    refusal = refuse(status, std::move(message)).error();
    error = beast_http::error::bad_field;
  }

  void on_request_impl(beast_http::verb, View method, View target, int version, error_code& error) override {
    has_request_line_ = true;
    if (target.size() > limits_.target_bytes) return refuse_with(414, "the request target is too long", error);
    head.method = to_view(method);
    head.target = to_view(target);
    head.minor_version = version % 10;
  }

  void on_response_impl(int, View, int, error_code&) override {}

  void on_field_impl(beast_http::field, View raw_name, View value, error_code& error) override {
    const std::string_view name = to_view(raw_name);
    if (++field_count_ > limits_.fields) return refuse_with(431, "there are too many header fields", error);
    // What comes after a chunked body may not change what was already acted upon.
    if (is_header_done()) return;
    const auto same =
        std::ranges::find_if(head.fields, [&](const auto& field) { return equals_ignoring_case(field.first, name); });
    if (same == head.fields.end()) {
      head.fields.emplace_back(name, to_view(value));
      return;
    }
    if (std::ranges::any_of(singletons, [&](std::string_view single) { return equals_ignoring_case(single, name); })) {
      return refuse_with(400, "the " + same->first + " field is repeated", error);
    }
    same->second += equals_ignoring_case(name, "Cookie") ? "; " : ", ";
    same->second += to_view(value);
  }

  void on_header_impl(error_code&) override {}
  void on_body_init_impl(boost::optional<std::uint64_t> const&, error_code&) override {}
  std::size_t on_body_impl(View, error_code&) override { return 0; }

  void on_chunk_header_impl(std::uint64_t, View extensions, error_code& error) override {
    // A lone LF in a quoted extension ends the line for some other parsers.
    if (extensions.find('\n') != View::npos) error = beast_http::error::bad_chunk_extension;
  }

  std::size_t on_chunk_body_impl(std::uint64_t, View data, error_code&) override {
    const std::size_t count = std::min(data.size(), room.size() - produced);
    std::memcpy(room.data() + produced, data.data(), count);
    produced += count;
    return count;
  }

  void on_finish_impl(error_code&) override {}

  const HeadLimits& limits_;
  bool has_request_line_ = false;
  int field_count_ = 0;
};

namespace {

/// "HTTP/2.0" and the like where the version belongs: a well-formed request of another protocol version.
bool is_other_http_version(std::span<const std::byte> bytes) {
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  const std::string_view line = text.substr(0, text.find('\r'));
  const std::string_view version = line.substr(line.rfind(' ') + 1);
  return version.size() == 8 && version.starts_with("HTTP/") && version[6] == '.' && version[5] != '1';
}

}  // namespace

RequestParser::RequestParser(HeadLimits limits) : limits_(limits), machine_(std::make_unique<Machine>(limits_)) {}

RequestParser::~RequestParser() = default;

void RequestParser::reset() { machine_ = std::make_unique<Machine>(limits_); }

bool RequestParser::is_head_complete() const { return machine_->is_header_done(); }

RequestHead& RequestParser::head() { return machine_->head; }

bool RequestParser::is_body_complete() const { return machine_->is_done(); }

std::expected<std::size_t, Refusal> RequestParser::feed_head(std::span<const std::byte> bytes) {
  error_code error;
  const std::size_t used = machine_->put(boost::asio::buffer(bytes.data(), bytes.size()), error);
  if (machine_->refusal) return std::unexpected(*machine_->refusal);
  machine_->head_bytes += used;
  // What is buffered of an incomplete head never exceeds the limit, but it may reach it: then no more can be read.
  const bool is_too_large = is_head_complete() ? machine_->head_bytes > limits_.bytes
                                               : machine_->head_bytes + bytes.size() - used >= limits_.bytes;
  if (is_too_large) {
    return machine_->has_request_line() ? refuse(431, "the header fields are too large")
                                        : refuse(414, "the request target is too long");
  }
  if (!error || error == beast_http::error::need_more) return used;
  if (error == beast_http::error::bad_version && is_other_http_version(bytes)) {
    return refuse(505, "this server speaks HTTP/1.1 and HTTP/1.0");
  }
  return refuse(400, "this is not a well-formed HTTP request");
}

Result<RequestParser::Piece> RequestParser::feed_chunked(std::span<const std::byte> bytes, std::span<std::byte> room) {
  machine_->room = room;
  machine_->produced = 0;
  std::size_t used = 0;
  while (used < bytes.size() && machine_->produced < room.size() && !machine_->is_done()) {
    error_code error;
    const std::span<const std::byte> rest = bytes.subspan(used);
    const std::size_t step = machine_->put(boost::asio::buffer(rest.data(), rest.size()), error);
    if (error == beast_http::error::need_more) return Piece{used + step, machine_->produced};
    if (error)
      return failure(ErrorCode::invalid_argument, "the chunked encoding of the body is wrong", error.message());
    used += step;
  }
  return Piece{used, machine_->produced};
}

}  // namespace decant::http
