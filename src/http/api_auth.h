#pragma once

#include "http/api.h"
#include "http/auth_users.h"
#include "http/slots.h"
#include "tasks/accounts.h"

namespace decant::http {

/// /api/auth/…, and whose a request is. Both arguments outlive it.
class AuthApi {
 public:
  AuthApi(const ApiOptions& options, const ApiParts& parts);

  void add_routes(Router& router);
  /// As Api::authenticator.
  Awaitable<Result<tasks::User>> authenticate(const Request& request);

 private:
  Awaitable<Result<Response>> sign_up(Request& request);
  Awaitable<Result<Response>> log_in(Request& request);
  Awaitable<Result<Response>> refresh(Request& request);
  Awaitable<Result<Response>> log_out(Request& request);
  [[nodiscard]] Response give_tokens(const tasks::User& user, const Request& request) const;
  /// Runs what hashes a password where no more than the allowed number of hashes run at once.
  template <class Function>
  Awaitable<Result<tasks::User>> run_hashing(Function function);

  const ApiOptions& options_;
  const ApiParts& parts_;
  tasks::PasswordHasher hasher_;
  tasks::Accounts accounts_;
  TokenSigner signer_;
  TokenUsers users_;
  Throttle log_ins_per_address_;
  Throttle log_ins_per_account_;
  Throttle sign_ups_per_address_;
  Throttle sign_ups_per_account_;
  Slots hash_slots_;
  BlockingPool hashing_;  ///< last: its destructor waits for what uses the rest
};

}  // namespace decant::http
