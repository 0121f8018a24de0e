#include "http/api_auth.h"

#include <fmt/format.h>

#include <thread>

#include "http/api_endpoint.h"
#include "http/api_json.h"
#include "http/auth_cookies.h"
#include "http/syntax.h"

namespace decant::http {
namespace {

constexpr ByteCount body_limit = 64 * 1024;
constexpr std::string_view too_many_tries = "too many tries; wait a little";

int hashes_at_once(const ApiOptions& options) {
  if (options.hash_concurrency > 0) return options.hash_concurrency;
  return std::max(1, static_cast<int>(std::thread::hardware_concurrency() / 2));
}

/// An account as a key of a throttle, cut so that nobody fills the memory with long ones.
std::string account_key(std::string_view email) { return tasks::normalize_email(email).substr(0, 254); }

/// RFC 6750 2.1; empty without a bearer.
std::string_view bearer_of(const Request& request) {
  std::string_view value = trim(request.header("Authorization"));
  const std::string_view scheme = take_until(value, ' ');
  return equals_ignoring_case(scheme, "Bearer") ? trim(value) : std::string_view();
}

}  // namespace

AuthApi::AuthApi(const ApiOptions& options, const ApiParts& parts)
    : options_(options),
      parts_(parts),
      hasher_(options.password_cost),
      accounts_(parts.users, hasher_, parts.clock),
      signer_(options.keys, parts.clock),
      users_({.lifetime = options.user_cache_lifetime}, parts.users, parts.pool, parts.clock),
      log_ins_per_address_(options.log_ins_per_address, options.most_throttle_keys, parts.clock),
      log_ins_per_account_(options.log_ins_per_account, options.most_throttle_keys, parts.clock),
      sign_ups_per_address_(options.sign_ups_per_address, options.most_throttle_keys, parts.clock),
      sign_ups_per_account_(options.sign_ups_per_account, options.most_throttle_keys, parts.clock),
      hash_slots_(hashes_at_once(options) + options.hash_queue),
      hashing_(static_cast<std::size_t>(hashes_at_once(options)), static_cast<std::size_t>(options.hash_queue)) {}

void AuthApi::add_routes(Router& router) {
  const auto add = [&](std::string pattern, Awaitable<Result<Response>> (AuthApi::*endpoint)(Request&)) {
    router.add(
        {.method = Method::post,
         .pattern = std::move(pattern),
         .access = Access::open,
         .body_limit = body_limit,
         .handler = answer([this, endpoint](Request& request) { return (this->*endpoint)(request); }, parts_.log)});
  };
  add("/api/auth/signup", &AuthApi::sign_up);
  add("/api/auth/login", &AuthApi::log_in);
  add("/api/auth/refresh", &AuthApi::refresh);
  add("/api/auth/logout", &AuthApi::log_out);
}

Awaitable<Result<tasks::User>> AuthApi::authenticate(const Request& request) {
  const std::string_view bearer = bearer_of(request);
  const bool is_download =
      (request.method == Method::get || request.method == Method::head) && request.path.starts_with("/api/download/");
  const std::string_view cookie = is_download ? find_cookie(request, download_cookie) : std::string_view();
  if (bearer.empty() && cookie.empty()) co_return failure(ErrorCode::unauthenticated, "log in first");
  const auto claims =
      bearer.empty() ? signer_.verify(cookie, TokenUse::download) : signer_.verify(bearer, TokenUse::access);
  if (!claims) co_return Failure(claims.error());
  co_return co_await users_.find(*claims);
}

template <class Function>
Awaitable<Result<tasks::User>> AuthApi::run_hashing(Function function) {
  const auto slot = hash_slots_.take("");
  if (!slot) co_return failure(ErrorCode::rate_limited, "too many people log in right now; try again soon");
  co_return co_await hashing_.run(std::move(function));
}

Awaitable<Result<Response>> AuthApi::sign_up(Request& request) {
  if (options_.sign_ups == SignUps::closed) {
    co_return failure(ErrorCode::forbidden, "accounts are made by the administrator here");
  }
  if (const auto wait = sign_ups_per_address_.spend(throttle_key(request.remote_address))) {
    co_return make_too_many(request, *wait, std::string(too_many_tries));
  }
  DECANT_CO_TRY(const auto body, co_await read_json_object(request));
  JsonFields fields(body);
  const tasks::SignUp form{.user = fields.text("user"),
                           .email = fields.text("email"),
                           .password1 = fields.text("password1"),
                           .password2 = fields.text("password2")};
  DECANT_CO_CHECK(fields.check());
  DECANT_CO_CHECK(tasks::Accounts::check(form));
  if (const auto wait = sign_ups_per_account_.spend(account_key(form.email))) {
    co_return make_too_many(request, *wait, std::string(too_many_tries));
  }
  DECANT_CO_TRY(const tasks::User user, co_await run_hashing([&] { return accounts_.sign_up(form); }));
  co_return Response::json(
      201, fmt::format(R"({{"message":"the account was made; log in","id":"{}","user":{},"email":{}}})", user.id.text(),
                       json_string(user.name), json_string(user.email)));
}

Awaitable<Result<Response>> AuthApi::log_in(Request& request) {
  const std::string address = throttle_key(request.remote_address);
  if (const auto wait = log_ins_per_address_.spend(address)) {
    co_return make_too_many(request, *wait, std::string(too_many_tries));
  }
  DECANT_CO_TRY(const auto body, co_await read_json_object(request));
  JsonFields fields(body);
  const std::string email = fields.text("email");
  const std::string password = fields.text("password");
  DECANT_CO_CHECK(fields.check());
  const std::string account = account_key(email);
  if (const auto wait = log_ins_per_account_.spend(account)) {
    co_return make_too_many(request, *wait, std::string(too_many_tries));
  }
  DECANT_CO_TRY(const tasks::User user, co_await run_hashing([&] { return accounts_.log_in(email, password); }));
  log_ins_per_address_.give_back(address);
  log_ins_per_account_.give_back(account);
  co_return give_tokens(user, request);
}

Awaitable<Result<Response>> AuthApi::refresh(Request& request) {
  const auto claims = signer_.verify(find_cookie(request, refresh_cookie), TokenUse::refresh);
  if (!claims) co_return Failure(claims.error());
  DECANT_CO_TRY(const tasks::User user, co_await users_.find(*claims));
  co_return give_tokens(user, request);
}

Awaitable<Result<Response>> AuthApi::log_out(Request& request) {
  Response response;
  response.status = 204;
  set_cookie(response, refresh_cookie, "", std::chrono::seconds(0), request, options_.secure_cookies);
  set_cookie(response, download_cookie, "", std::chrono::seconds(0), request, options_.secure_cookies);
  co_return response;
}

Response AuthApi::give_tokens(const tasks::User& user, const Request& request) const {
  const auto sign = [&](TokenUse use, std::chrono::seconds lifetime) { return signer_.sign(user, use, lifetime); };
  Response response = Response::json(
      200, fmt::format(R"({{"token":"{}","expiresIn":{}}})", sign(TokenUse::access, options_.access_lifetime),
                       options_.access_lifetime.count()));
  response.set("Cache-Control", "no-store");
  set_cookie(response, refresh_cookie, sign(TokenUse::refresh, options_.refresh_lifetime), options_.refresh_lifetime,
             request, options_.secure_cookies);
  set_cookie(response, download_cookie, sign(TokenUse::download, options_.download_lifetime),
             options_.download_lifetime, request, options_.secure_cookies);
  return response;
}

}  // namespace decant::http
