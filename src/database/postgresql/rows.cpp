#include "database/postgresql/rows.h"

#include <bit>
#include <charconv>
#include <cstring>

namespace decant::database::postgresql {
namespace {

/// A two's complement number of `length` bytes in network order.
std::int64_t read_integer(const char* bytes, int length) {
  std::int64_t number = length > 0 && static_cast<signed char>(bytes[0]) < 0 ? -1 : 0;
  for (int i = 0; i < length; ++i) number = number * 256 + static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

bool Row::is_null(int column) const { return PQgetisnull(result_, row_, column) != 0; }

std::int64_t Row::integer(int column) const {
  return read_integer(PQgetvalue(result_, row_, column), PQgetlength(result_, row_, column));
}

double Row::real(int column) const { return std::bit_cast<double>(integer(column)); }

std::string Row::text(int column) const {
  return {PQgetvalue(result_, row_, column), static_cast<std::size_t>(PQgetlength(result_, row_, column))};
}

std::int64_t Rows::affected() const {
  const std::string_view text = PQcmdTuples(result_.get());
  std::int64_t count = 0;
  std::from_chars(text.data(), text.data() + text.size(), count);
  return count;
}

}  // namespace decant::database::postgresql
