#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "http/message.h"

namespace decant::http {

/// Runs on the connection's I/O thread; whatever blocks goes to the BlockingPool. It may throw only for broken
/// invariants (→ 500).
using Handler = std::function<Awaitable<Response>(Request&)>;

enum class Access {
  open,
  user,  ///< a valid token or session; else 401 before the body is read
};

struct Route {
  Method method = Method::get;
  std::string pattern;  ///< "/api/tasks/{id}"; a {name} takes one non-empty segment
  Access access = Access::open;
  ByteCount body_limit = 0;  ///< bytes; more is 413, by Content-Length before anything is read
  Handler handler;
};

/// Says whose request it is, from its headers: unauthenticated with a message when nobody's.
using Authenticator = std::function<Awaitable<Result<tasks::User>>(const Request&)>;

/// The one table of routes. HEAD is served by GET routes where it has none of its own. Immutable once the server runs.
class Router {
 public:
  /// Two routes with the same method and shape are a broken invariant (throws std::logic_error).
  void add(Route route);

  struct Match {
    const Route* route = nullptr;      ///< null: 404, or 405 when `allowed` is not empty
    std::vector<std::string> allowed;  ///< methods that the path takes, for Allow; only filled without a route
    std::map<std::string, std::string> parameters;
  };
  [[nodiscard]] Match find(Method method, const std::string& path) const;
  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

 private:
  [[nodiscard]] std::vector<std::string> allowed_methods(std::string_view path) const;

  std::vector<Route> routes_;
};

}  // namespace decant::http
