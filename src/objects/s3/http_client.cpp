#include "objects/s3/http_client.h"

#include <curl/curl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <optional>
#include <stdexcept>

namespace decant::objects {
namespace {

constexpr std::size_t most_header_fields = 100;
constexpr std::size_t most_header_bytes = 64 * 1024;
constexpr long slowest = 1024;  // bytes a second

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

void append(HeaderList& list, const std::string& line) {
  curl_slist* longer = curl_slist_append(list.get(), line.c_str());
  if (longer == nullptr) throw std::bad_alloc();
  // The old beginning is the new one's.
  [[maybe_unused]] curl_slist* const old = list.release();
  list.reset(longer);
}

void initialize_libcurl() {
  static const CURLcode done = curl_global_init(CURL_GLOBAL_DEFAULT);
  if (done != CURLE_OK) throw std::runtime_error("libcurl does not start");
}

/// One request under way: what libcurl's callbacks work on.
struct Exchange {
  const HttpRequest& request;
  HttpResponse response;
  ByteCount sent = 0;
  std::size_t header_bytes = 0;
  bool is_too_large = false;

  std::size_t give(char* room, std::size_t size) {
    const auto wanted =
        static_cast<std::size_t>(std::min<ByteCount>(static_cast<ByteCount>(size), request.body_size() - sent));
    std::size_t count = wanted;
    if (const auto* part = std::get_if<FilePart>(&request.body)) {
      ssize_t got = 0;
      do {
        got = ::pread(part->descriptor, room, wanted, part->offset + sent);
      } while (got < 0 && errno == EINTR);
      // A file that is shorter than it was: the announced length cannot be kept.
      if (got < 0 || (got == 0 && wanted > 0)) return CURL_READFUNC_ABORT;
      count = static_cast<std::size_t>(got);
    } else {
      std::get<std::string>(request.body).copy(room, wanted, static_cast<std::size_t>(sent));
    }
    sent += static_cast<ByteCount>(count);
    return count;
  }

  bool take(std::string_view bytes) {
    if (static_cast<ByteCount>(response.body.size() + bytes.size()) > request.response_limit) {
      is_too_large = true;
      return false;
    }
    response.body.append(bytes);
    return true;
  }

  bool take_header(std::string_view line) {
    header_bytes += line.size();
    if (header_bytes > most_header_bytes || response.headers.size() >= most_header_fields) {
      is_too_large = true;
      return false;
    }
    if (line.starts_with("HTTP/")) response.headers.clear();  // what came before was 100 Continue
    const std::size_t colon = line.find(':');
    if (colon == std::string_view::npos) return true;
    std::string name(line.substr(0, colon));
    for (char& character : name) {
      if (character >= 'A' && character <= 'Z') character = static_cast<char>(character - 'A' + 'a');
    }
    std::string_view value = line.substr(colon + 1);
    while (!value.empty() && (value.front() == ' ' || value.front() == '\t')) value.remove_prefix(1);
    while (!value.empty() && std::string_view(" \t\r\n").contains(value.back())) value.remove_suffix(1);
    response.headers.emplace_back(std::move(name), value);
    return true;
  }
};

extern "C" {

std::size_t give_body(char* room, std::size_t size, std::size_t count, void* exchange) noexcept {
  return static_cast<Exchange*>(exchange)->give(room, size * count);
}

int rewind_body(void* exchange, curl_off_t offset, int origin) noexcept {
  if (origin != SEEK_SET) return CURL_SEEKFUNC_CANTSEEK;
  static_cast<Exchange*>(exchange)->sent = offset;
  return CURL_SEEKFUNC_OK;
}

std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* exchange) noexcept {
  return static_cast<Exchange*>(exchange)->take({bytes, size * count}) ? size * count : 0;
}

std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* exchange) noexcept {
  return static_cast<Exchange*>(exchange)->take_header({bytes, size * count}) ? size * count : 0;
}

}  // extern "C"

void set_method(CURL* curl, const HttpRequest& request) {
  if (request.method == "GET") {
    curl_easy_setopt(curl, CURLOPT_HTTPGET, 1L);
  } else if (request.method == "HEAD") {
    curl_easy_setopt(curl, CURLOPT_NOBODY, 1L);
  } else {
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, request.method.c_str());
    if (request.method == "DELETE") return;
    curl_easy_setopt(curl, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(curl, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body_size()));
  }
}

HeaderList make_headers(const HttpRequest& request) {
  HeaderList list;
  for (const auto& [name, value] : request.headers) append(list, fmt::format("{}: {}", name, value));
  // libcurl would wait a second for a 100 that many stores never send.
  append(list, "Expect:");
  return list;
}

bool was_sent(CURLcode code) {
  return code != CURLE_COULDNT_RESOLVE_HOST && code != CURLE_COULDNT_CONNECT && code != CURLE_SSL_CONNECT_ERROR &&
         code != CURLE_PEER_FAILED_VERIFICATION;
}

TransportFailure describe(CURLcode code, CURL* curl, const Exchange& exchange, const char* text) {
  const std::string detail = fmt::format("{} {}: {}", exchange.request.method, exchange.request.origin,
                                         *text != '\0' ? text : curl_easy_strerror(code));
  if (exchange.is_too_large) {
    return {{ErrorCode::unavailable, "the object store answered with more than was asked for", detail}, true};
  }
  long sent = 0;
  curl_easy_getinfo(curl, CURLINFO_REQUEST_SIZE, &sent);
  // The same code stands for a connection that could not be made in time.
  if (code == CURLE_OPERATION_TIMEDOUT && sent > 0) {
    return {{ErrorCode::unavailable, "the object store did not answer in time", detail}, true, true};
  }
  return {{ErrorCode::unavailable, "the object store cannot be reached", detail}, sent > 0 && was_sent(code)};
}

}  // namespace

struct HttpClient::Handle {
  Handle() : curl(curl_easy_init()) {
    if (curl == nullptr) throw std::bad_alloc();
  }
  ~Handle() { curl_easy_cleanup(curl); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;

  CURL* curl;
};

HttpClient::HttpClient(HttpClientOptions options) : options_(std::move(options)) { initialize_libcurl(); }
HttpClient::~HttpClient() = default;

std::unique_ptr<HttpClient::Handle> HttpClient::take_handle() {
  std::unique_lock lock(mutex_);
  const auto is_free = [this] { return in_use_ < options_.connections; };
  if (!returned_.wait_for(lock, options_.connect_timeout, is_free)) return nullptr;
  ++in_use_;
  if (idle_.empty()) return std::make_unique<Handle>();
  std::unique_ptr<Handle> handle = std::move(idle_.back());
  idle_.pop_back();
  return handle;
}

void HttpClient::give_back(std::unique_ptr<Handle> handle) {
  // Forgets the options, keeps the connection.
  curl_easy_reset(handle->curl);
  {
    const std::lock_guard lock(mutex_);
    idle_.push_back(std::move(handle));
    --in_use_;
  }
  returned_.notify_one();
}

std::expected<HttpResponse, TransportFailure> HttpClient::perform(const HttpRequest& request) {
  const std::string url = request.url();
  const HeaderList headers = make_headers(request);
  std::array<char, CURL_ERROR_SIZE> error_text{};
  Exchange exchange{.request = request};
  std::unique_ptr<Handle> handle = take_handle();
  if (!handle) {
    return std::unexpected(TransportFailure{{ErrorCode::unavailable, "too much is asked of the object store at once",
                                             fmt::format("{} connections are in use", options_.connections)}});
  }
  CURL* const curl = handle->curl;

  curl_easy_setopt(curl, CURLOPT_URL, url.c_str());
  curl_easy_setopt(curl, CURLOPT_PATH_AS_IS, 1L);  // the path is signed as it is
  curl_easy_setopt(curl, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(curl, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(curl, CURLOPT_PROXY, "");
  curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, error_text.data());
  curl_easy_setopt(curl, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  if (!options_.ca_file.empty()) curl_easy_setopt(curl, CURLOPT_CAINFO, options_.ca_file.c_str());
  curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_TIMEOUT_MS, static_cast<long>(options_.request_timeout.count()));
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_LIMIT, slowest);
  curl_easy_setopt(curl, CURLOPT_LOW_SPEED_TIME,
                   static_cast<long>(std::chrono::ceil<std::chrono::seconds>(options_.stall_timeout).count()));
  curl_easy_setopt(curl, CURLOPT_HTTPHEADER, headers.get());
  set_method(curl, request);
  curl_easy_setopt(curl, CURLOPT_READFUNCTION, give_body);
  curl_easy_setopt(curl, CURLOPT_READDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_SEEKFUNCTION, rewind_body);
  curl_easy_setopt(curl, CURLOPT_SEEKDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, take_body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, &exchange);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, take_header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, &exchange);

  const CURLcode code = curl_easy_perform(curl);
  long status = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &status);
  std::optional<TransportFailure> failure;
  if (code != CURLE_OK) failure = describe(code, curl, exchange, error_text.data());
  give_back(std::move(handle));
  if (failure) return std::unexpected(*std::move(failure));
  exchange.response.status = static_cast<int>(status);
  return std::move(exchange.response);
}

}  // namespace decant::objects
