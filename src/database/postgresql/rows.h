#pragma once

#include <libpq-fe.h>

#include <cstdint>
#include <memory>
#include <string>

namespace decant::database::postgresql {

/// One row of Rows, which outlives it. Columns count from 0.
class Row {
 public:
  Row(const PGresult* result, int row) : result_(result), row_(row) {}
  [[nodiscard]] bool is_null(int column) const;
  /// Of a column of any integer type or boolean; 0 for NULL.
  [[nodiscard]] std::int64_t integer(int column) const;
  /// Of a double precision; 0 for NULL.
  [[nodiscard]] double real(int column) const;
  /// Of a text or bytea, every byte as it is; empty for NULL.
  [[nodiscard]] std::string text(int column) const;

 private:
  const PGresult* result_;
  int row_;
};

/// What a statement returned, in the binary format.
class Rows {
 public:
  explicit Rows(PGresult* result) : result_(result) {}
  [[nodiscard]] int count() const { return PQntuples(result_.get()); }
  [[nodiscard]] Row operator[](int row) const { return {result_.get(), row}; }
  /// How many rows the statement changed (or returned).
  [[nodiscard]] std::int64_t affected() const;

 private:
  struct Clear {
    void operator()(PGresult* result) const { PQclear(result); }
  };
  std::unique_ptr<PGresult, Clear> result_;
};

}  // namespace decant::database::postgresql
