#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace decant {

/// What kind of thing went wrong. The enumerators are the strings that clients and the database see,
/// so they are never renamed. `tasks/retry.h` says which may be tried again, `http/problem.cpp` which HTTP
/// status each one is.
enum class ErrorCode {
  invalid_argument,   ///< the caller's input breaks a documented rule
  unauthenticated,    ///< who asks is not known
  forbidden,          ///< who asks is known and may not
  not_found,          ///< there is no such thing, or none that the caller may know of
  conflict,           ///< it exists already, or its state does not allow this
  too_large,          ///< a named limit on size was passed
  unsupported_media,  ///< not audio, or a kind of audio that cannot be read
  unprocessable,      ///< audio that cannot be converted as asked
  rate_limited,       ///< too many requests: try later
  quota_exceeded,     ///< the caller's share or the disk is full
  timed_out,          ///< a named deadline passed
  unavailable,        ///< a part this needs is away or busy: try later
  lost_lease,         ///< somebody else owns the task by now
  canceled,           ///< the caller asked to stop
  crashed,            ///< the engine died while working
  internal,           ///< a fault of decant's own
};

[[nodiscard]] std::string_view to_string(ErrorCode code);
/// The code with that name; nothing for an unknown one.
[[nodiscard]] std::optional<ErrorCode> find_error_code(std::string_view name);

/// One field of a request that is wrong.
struct FieldError {
  std::string field;
  std::string message;
};

/// What goes wrong in normal life. `message` is a sentence for the person or program that asked; it never holds
/// secrets, paths or internals. `detail` is for the log only.
struct Error {
  ErrorCode code = ErrorCode::internal;
  std::string message;
  std::string detail = {};
  std::vector<FieldError> fields = {};

  /// "code: message (detail)", for logs.
  [[nodiscard]] std::string describe() const;
};

using Failure = std::unexpected<Error>;

[[nodiscard]] inline Failure failure(ErrorCode code, std::string message, std::string detail = {}) {
  return Failure(Error{code, std::move(message), std::move(detail), {}});
}

/// A value, or why there is none.
template <class T>
class [[nodiscard]] Result : public std::expected<T, Error> {
 public:
  using std::expected<T, Error>::expected;
};

}  // namespace decant

#define DECANT_CONCAT_(a, b) a##b
#define DECANT_CONCAT(a, b) DECANT_CONCAT_(a, b)
#define DECANT_TRY_(return_, result, declaration, ...)               \
  auto result = (__VA_ARGS__);                                       \
  if (!result) return_ ::decant::Failure(std::move(result).error()); \
  declaration = *std::move(result)
#define DECANT_CHECK_(return_, result, ...) \
  if (auto result = (__VA_ARGS__); !result) return_ ::decant::Failure(std::move(result).error())

/// `DECANT_TRY(auto x, make_x());` declares x from the value, or returns the error. The CO_ forms are for coroutines.
#define DECANT_TRY(declaration, ...) DECANT_TRY_(return, DECANT_CONCAT(try_, __LINE__), declaration, __VA_ARGS__)
#define DECANT_CO_TRY(declaration, ...) DECANT_TRY_(co_return, DECANT_CONCAT(try_, __LINE__), declaration, __VA_ARGS__)
/// The same where there is no value to keep.
#define DECANT_CHECK(...) DECANT_CHECK_(return, DECANT_CONCAT(check_, __LINE__), __VA_ARGS__)
#define DECANT_CO_CHECK(...) DECANT_CHECK_(co_return, DECANT_CONCAT(check_, __LINE__), __VA_ARGS__)
