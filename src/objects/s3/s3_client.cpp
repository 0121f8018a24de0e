#include "objects/s3/s3_client.h"

#include <thread>

#include "objects/s3/store_xml.h"

namespace decant::objects {
namespace {

/// Whether an answer says to come again, and whether it also says that nothing was done.
struct Passing {
  int status;
  std::string_view code;  ///< empty: any
  bool is_undone;
};

constexpr std::array passing = {
    Passing{408, "", false},
    Passing{429, "", true},
    Passing{500, "", false},
    Passing{502, "", false},
    Passing{503, "", true},
    Passing{504, "", false},
    Passing{400, "RequestTimeout", true},  // the body came too slowly
    Passing{409, "OperationAborted", true},
    Passing{409, "ConditionalRequestConflict", true},
};

/// Answers that other credentials may change.
constexpr std::array<std::string_view, 4> worn_out = {"ExpiredToken", "ExpiredTokenException", "InvalidToken",
                                                      "TokenRefreshRequired"};

struct Meaning {
  int status;
  std::string_view code;  ///< empty: any
  ErrorCode error;
  std::string_view why;
};

/// The first that fits.
constexpr std::array meanings = {
    Meaning{404, "NoSuchBucket", ErrorCode::unavailable, "the bucket does not exist"},
    Meaning{404, "NoSuchUpload", ErrorCode::unavailable, "the upload was ended by somebody else"},
    Meaning{404, "", ErrorCode::not_found, "there is no such object"},
    Meaning{412, "", ErrorCode::conflict, "an object with this key exists"},
    Meaning{413, "", ErrorCode::too_large, "it is too large for the object store"},
    Meaning{400, "EntityTooLarge", ErrorCode::too_large, "it is too large for the object store"},
    Meaning{403, "QuotaExceeded", ErrorCode::quota_exceeded, "the object store is full"},
    Meaning{507, "", ErrorCode::quota_exceeded, "the object store is full"},
    Meaning{403, "RequestTimeTooSkewed", ErrorCode::unavailable,
            "the clocks of this machine and of the object store differ too much"},
    Meaning{301, "", ErrorCode::unavailable, "the bucket is at another endpoint or in another region"},
    Meaning{307, "", ErrorCode::unavailable, "the bucket is at another endpoint or in another region"},
    Meaning{400, "AuthorizationHeaderMalformed", ErrorCode::unavailable, "the bucket is in another region"},
    Meaning{401, "", ErrorCode::unavailable, "the object store refuses the credentials"},
    Meaning{403, "", ErrorCode::unavailable, "the object store refuses the credentials"},
    Meaning{429, "", ErrorCode::unavailable, "the object store is busy"},
    Meaning{503, "", ErrorCode::unavailable, "the object store is busy"},
};

template <class Row>
bool fits(const Row& row, int status, std::string_view code) {
  return row.status == status && (row.code.empty() || row.code == code);
}

std::string code_of(const HttpResponse& response) {
  const auto error = find_store_error(response.body);
  return error ? error->code : std::string();
}

bool is_worn_out(const HttpResponse& response, std::string_view code) {
  return response.status == 401 || std::ranges::find(worn_out, code) != worn_out.end();
}

}  // namespace

HttpRequest S3Client::make_request(const StoreCall& call) const {
  HttpRequest request{.method = call.method,
                      .origin = address_.origin,
                      .path = address_.bucket_path,
                      .query = call.query,
                      .headers = call.headers,
                      .body = call.body,
                      .response_limit = call.response_limit};
  if (!call.key.empty()) {
    request.path += percent_encode_path(address_.prefix + call.key);
  } else if (request.path.size() > 1) {
    request.path.pop_back();
  }
  return request;
}

Result<HttpResponse> S3Client::call(const StoreCall& call) {
  bool has_renewed = false;
  bool was_silent = false;
  for (int tried = 1;; ++tried) {
    HttpRequest request = make_request(call);
    if (const auto authorized = authorizer_->authorize(request); !authorized) {
      return failure(ErrorCode::unavailable, "the object store cannot be used now", authorized.error().describe());
    }
    auto response = http_->perform(request);
    if (response) {
      const std::string code = is_success(*response) ? std::string() : code_of(*response);
      if (is_worn_out(*response, code) && !std::exchange(has_renewed, true)) {
        authorizer_->renew();
        continue;
      }
      const auto row =
          std::ranges::find_if(passing, [&](const Passing& each) { return fits(each, response->status, code); });
      if (row == passing.end() || tried >= options_.tries) return *std::move(response);
      if (!row->is_undone && call.repeat == Repeat::unless_done) return *std::move(response);
    } else {
      const bool is_undone = !response.error().was_sent;
      // Whoever waits has waited for long: once more, on a connection that is not the same, and no oftener.
      const bool is_silent_again = response.error().is_silent && std::exchange(was_silent, true);
      const bool is_last =
          tried >= options_.tries || is_silent_again || (!is_undone && call.repeat == Repeat::unless_done);
      if (is_last) return Failure(std::move(response).error().error);
    }
    std::this_thread::sleep_for(options_.backoff.draw(tried));
  }
}

Result<std::optional<std::string>> S3Client::presign(const StoreCall& call, std::chrono::seconds lifetime) {
  return authorizer_->presign(make_request(call), lifetime);
}

Failure refused(const HttpResponse& response, std::string_view action) {
  const auto error = find_store_error(response.body).value_or(StoreError{});
  const auto row =
      std::ranges::find_if(meanings, [&](const Meaning& each) { return fits(each, response.status, error.code); });
  const ErrorCode code = row == meanings.end() ? ErrorCode::unavailable : row->error;
  const std::string_view why = row == meanings.end() ? "the object store did not do it" : row->why;
  std::string detail = fmt::format("status {} {}: {}", response.status, error.code, error.message.substr(0, 500));
  if (const auto region = response.header("x-amz-bucket-region"); !region.empty()) {
    detail += fmt::format("; the bucket is in {}", region);
  }
  return failure(code, fmt::format("could not {}: {}", action, why), std::move(detail));
}

}  // namespace decant::objects
