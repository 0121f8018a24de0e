#pragma once

#include <filesystem>
#include <functional>
#include <memory>

#include "base/log.h"
#include "http/auth_cookies.h"
#include "http/auth_token.h"
#include "http/blocking_pool.h"
#include "http/router.h"
#include "http/throttle.h"
#include "tasks/broker.h"
#include "tasks/converter.h"
#include "tasks/direct_upload_store.h"
#include "tasks/object_store.h"
#include "tasks/password_hash.h"
#include "tasks/picture.h"
#include "tasks/task_store.h"
#include "tasks/user_store.h"
#include "tasks/watch.h"

namespace decant::http {

enum class SignUps { open, closed };
enum class Downloads { proxy, redirect };

/// Of the streams of events.
struct EventOptions {
  tasks::WatchOptions watch;
  std::chrono::milliseconds heartbeat{
      15'000};  ///< a comment after so long without an event; the token is checked again
  std::chrono::milliseconds lifetime = std::chrono::hours(1);  ///< then it ends, and the client comes back
  std::chrono::milliseconds retry{2000};                       ///< after how long it should, about
  ByteCount backlog = 64 * 1024;                               ///< more than this unread for a heartbeat: it is cut
};

struct ApiOptions {
  TokenKeys keys;
  std::chrono::seconds access_lifetime = std::chrono::minutes(15);
  std::chrono::seconds refresh_lifetime = std::chrono::days(30);
  std::chrono::seconds download_lifetime = std::chrono::hours(12);
  std::chrono::milliseconds user_cache_lifetime{3000};  ///< disabling and new passwords hold after this at the latest
  SecureCookies secure_cookies = SecureCookies::automatic;

  SignUps sign_ups = SignUps::open;
  tasks::PasswordCost password_cost;
  int hash_concurrency = 0;  ///< password hashes at once; 0: one for every two cores
  int hash_queue = 1000;     ///< log-ins and sign-ups that wait for one; more are 429
  ThrottleLimit log_ins_per_address{.burst = 30, .interval = std::chrono::seconds(2)};   ///< failed ones
  ThrottleLimit log_ins_per_account{.burst = 10, .interval = std::chrono::seconds(10)};  ///< failed ones
  ThrottleLimit sign_ups_per_address{.burst = 20, .interval = std::chrono::seconds(30)};
  ThrottleLimit sign_ups_per_account{.burst = 5, .interval = std::chrono::seconds(60)};
  std::size_t most_throttle_keys = 10'000;  ///< of each of the four; about 200 bytes each

  Downloads downloads = Downloads::proxy;  ///< redirect: to the object store, where it can give links
  std::chrono::seconds link_lifetime = std::chrono::minutes(5);  ///< of such a link

  std::filesystem::path spool_folder;  ///< where uploads wait, on the file system of the objects if they are files
  ByteCount upload_limit = ByteCount{1} << 30;  ///< bytes of one upload
  tasks::CoverLimits cover;
  int uploads_per_user = 16;                                              ///< at once; more are 429
  int direct_uploads_per_user = 100;                                      ///< open ones; more are 429
  std::chrono::seconds upload_link_lifetime = std::chrono::minutes(15);   ///< of the link to put such a file by
  std::chrono::milliseconds direct_upload_grace = std::chrono::hours(1);  ///< to confirm it after that
  ByteCount quota = 0;                                                    ///< bytes of one user's files; 0: no bound
  int max_attempts = 3;
  int list_max = 1000;              ///< tasks on one page
  ByteCount list_cache = 16 << 20;  ///< bytes of lists that are kept while nothing changes
  EventOptions events;
};

/// What the API works with. All of it outlives it.
struct ApiParts {
  tasks::TaskStore& tasks;
  tasks::DirectUploadStore& uploads;
  tasks::UserStore& users;
  tasks::QueueStatsSource& stats;
  tasks::TaskChanges& changes;
  tasks::ObjectStore& objects;
  tasks::Bell& bell;
  tasks::Converter& converter;
  const Clock& clock;
  Logger& log;
  BlockingPool& pool;
  std::function<Result<void>()> ready;  ///< whether the parts behind it work; blocks
};

/// The REST API of docs/api/openapi.json. It outlives the server that runs its routes.
class Api {
 public:
  /// Makes one password hash. std::invalid_argument when a secret of `options.keys` is too short.
  Api(ApiOptions options, ApiParts parts);
  ~Api();
  Api(const Api&) = delete;
  Api& operator=(const Api&) = delete;

  void add_routes(Router& router);
  /// Takes a bearer, and for GET /api/download/… the download cookie too.
  [[nodiscard]] Authenticator authenticator();
  /// From now on /readyz is 503, so that load balancers send no more. From any thread.
  void set_draining();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace decant::http
