#include "http/router.h"

#include <algorithm>
#include <set>
#include <stdexcept>

#include "http/method.h"

namespace decant::http {
namespace {

bool is_parameter(std::string_view segment) { return segment.starts_with('{') && segment.ends_with('}'); }

/// Segment by segment; `visit(pattern, path)` decides for each pair. False where the counts differ.
template <class Visit>
bool match_segments(std::string_view pattern, std::string_view path, Visit visit) {
  while (true) {
    if (pattern.empty() != path.empty()) return false;
    if (pattern.empty()) return true;
    if (pattern.front() != '/' || path.front() != '/') return false;
    pattern.remove_prefix(1);
    path.remove_prefix(1);
    const std::size_t pattern_end = std::min(pattern.find('/'), pattern.size());
    const std::size_t path_end = std::min(path.find('/'), path.size());
    if (!visit(pattern.substr(0, pattern_end), path.substr(0, path_end))) return false;
    pattern.remove_prefix(pattern_end);
    path.remove_prefix(path_end);
  }
}

bool has_same_shape(std::string_view left, std::string_view right) {
  return match_segments(
      left, right, [](std::string_view a, std::string_view b) { return is_parameter(a) ? is_parameter(b) : a == b; });
}

bool matches(std::string_view pattern, std::string_view path) {
  return match_segments(pattern, path, [](std::string_view segment, std::string_view text) {
    return is_parameter(segment) ? !text.empty() : segment == text;
  });
}

/// A literal segment beats a {name}: compares the first segment where two patterns that match the same path differ.
bool is_more_specific(std::string_view left, std::string_view right) {
  bool result = false;
  match_segments(left, right, [&](std::string_view a, std::string_view b) {
    if (is_parameter(a) == is_parameter(b)) return true;
    result = is_parameter(b);
    return false;
  });
  return result;
}

}  // namespace

void Router::add(Route route) {
  if (!route.pattern.starts_with('/') || !route.handler) throw std::logic_error("bad route " + route.pattern);
  for (const Route& other : routes_) {
    if (other.method == route.method && has_same_shape(other.pattern, route.pattern)) {
      throw std::logic_error("two routes for " + route.pattern);
    }
  }
  routes_.push_back(std::move(route));
}

Router::Match Router::find(Method method, const std::string& path) const {
  Match match;
  const auto serves = [&](const Route& route) {
    return route.method == method || (method == Method::head && route.method == Method::get);
  };
  const auto is_better = [&](const Route& route) {
    if (match.route == nullptr) return true;
    if (has_same_shape(route.pattern, match.route->pattern)) return route.method == method;
    return is_more_specific(route.pattern, match.route->pattern);
  };
  for (const Route& route : routes_) {
    if (serves(route) && matches(route.pattern, path) && is_better(route)) match.route = &route;
  }
  if (match.route == nullptr) match.allowed = allowed_methods(path);
  if (match.route != nullptr) {
    match_segments(match.route->pattern, path, [&](std::string_view segment, std::string_view text) {
      if (is_parameter(segment)) match.parameters.emplace(segment.substr(1, segment.size() - 2), text);
      return true;
    });
  }
  return match;
}

std::vector<std::string> Router::allowed_methods(std::string_view path) const {
  std::set<std::string> names;
  for (const Route& route : routes_) {
    if (!matches(route.pattern, path)) continue;
    names.emplace(to_string(route.method));
    if (route.method == Method::get) names.emplace(to_string(Method::head));
    names.emplace(to_string(Method::options));
  }
  return {names.begin(), names.end()};
}

}  // namespace decant::http
