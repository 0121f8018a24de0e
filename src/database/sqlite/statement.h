#pragma once

#include <sqlite3.h>

#include <chrono>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"

namespace decant::database::sqlite {

/// One use of a prepared statement of a Connection's cache: when it goes, the statement is reset and its values are
/// forgotten, so that an early return leaves no open read behind. At most one use of the same SQL at a time, and not
/// beyond the Connection.
class Statement {
 public:
  explicit Statement(sqlite3_stmt* statement) : statement_(statement) {}
  Statement(Statement&& other) noexcept
      : statement_(std::exchange(other.statement_, nullptr)), next_(other.next_), bind_code_(other.bind_code_) {}
  Statement& operator=(Statement&&) = delete;
  ~Statement();

  /// Gives ?1, ?2, … their values, which are copied. Texts may hold any byte. What goes wrong is told by step().
  template <class... Values>
  void bind(const Values&... values) {
    (bind_next(values), ...);
  }

  /// Goes to the next row; false when there is none (any more).
  Result<bool> step();

  /// Columns of the row that step() came to, from 0.
  [[nodiscard]] bool is_null(int column) const;
  [[nodiscard]] std::int64_t integer(int column) const;
  [[nodiscard]] double real(int column) const;
  [[nodiscard]] std::string text(int column) const;

 private:
  void bind_next(std::nullopt_t null);
  void bind_next(std::string_view text);
  void bind_next(const std::string& text) { bind_next(std::string_view(text)); }
  void bind_next(double number);
  void bind_next(std::int64_t number);
  void bind_next(std::same_as<bool> auto flag) { bind_next(std::int64_t{flag}); }
  void bind_next(std::same_as<int> auto number) { bind_next(std::int64_t{number}); }
  void bind_next(std::chrono::milliseconds duration) { bind_next(std::int64_t{duration.count()}); }
  void bind_next(WallTime time) { bind_next(time.time_since_epoch()); }
  template <class Tag>
  void bind_next(const Id<Tag>& id) {
    bind_next(std::string_view(id.text()));
  }
  template <class Value>
  void bind_next(const std::optional<Value>& value) {
    if (value)
      bind_next(*value);
    else
      bind_next(std::nullopt);
  }
  void keep(int code);

  sqlite3_stmt* statement_;
  int next_ = 1;
  int bind_code_ = SQLITE_OK;
};

}  // namespace decant::database::sqlite
