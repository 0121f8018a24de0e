#include "http/http_date.h"

#include <fmt/format.h>

#include <array>

#include "http/syntax.h"

namespace decant::http {
namespace {

using std::chrono::days;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
constexpr std::array<std::string_view, 7> weekdays = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};

std::optional<unsigned> find_month(std::string_view name) {
  for (unsigned i = 0; i < months.size(); ++i) {
    if (months[i] == name) return i + 1;
  }
  return std::nullopt;
}

/// "08:49:37"
std::optional<std::chrono::seconds> parse_time_of_day(std::string_view text) {
  if (text.size() != 8 || text[2] != ':' || text[5] != ':') return std::nullopt;
  const auto hours = parse_decimal(text.substr(0, 2));
  const auto minutes = parse_decimal(text.substr(3, 2));
  const auto seconds = parse_decimal(text.substr(6, 2));
  // 60: a leap second.
  if (!hours || !minutes || !seconds || *hours > 23 || *minutes > 59 || *seconds > 60) return std::nullopt;
  return std::chrono::hours(*hours) + std::chrono::minutes(*minutes) + std::chrono::seconds(*seconds);
}

std::optional<sys_seconds> make_time(std::optional<std::int64_t> year, std::string_view month,
                                     std::optional<std::int64_t> day, std::string_view time_of_day) {
  const auto month_number = find_month(month);
  const auto time = parse_time_of_day(time_of_day);
  if (!year || !month_number || !day || !time || *day > 31) return std::nullopt;
  const std::chrono::year_month_day date{std::chrono::year(static_cast<int>(*year)), std::chrono::month(*month_number),
                                         std::chrono::day(static_cast<unsigned>(*day))};
  if (!date.ok()) return std::nullopt;
  return sys_days(date) + *time;
}

}  // namespace

std::string to_http_date(sys_seconds time) {
  const sys_days day = std::chrono::floor<days>(time);
  const std::chrono::year_month_day date(day);
  const std::chrono::hh_mm_ss clock(time - day);
  return fmt::format("{}, {:02} {} {:04} {:02}:{:02}:{:02} GMT", weekdays[std::chrono::weekday(day).c_encoding()],
                     static_cast<unsigned>(date.day()), months[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::optional<sys_seconds> parse_http_date(std::string_view text, sys_seconds now) {
  const std::size_t comma = text.find(',');
  if (comma == 3 && text.size() == 29 && text.ends_with(" GMT")) {  // Sun, 06 Nov 1994 08:49:37 GMT
    return make_time(parse_decimal(text.substr(12, 4)), text.substr(8, 3), parse_decimal(text.substr(5, 2)),
                     text.substr(17, 8));
  }
  if (comma == std::string_view::npos && text.size() == 24) {  // Sun Nov  6 08:49:37 1994
    return make_time(parse_decimal(text.substr(20, 4)), text.substr(4, 3), parse_decimal(trim(text.substr(8, 2))),
                     text.substr(11, 8));
  }
  if (comma != std::string_view::npos && text.size() == comma + 24 && text.ends_with(" GMT")) {
    text.remove_prefix(comma + 2);  // Sunday, 06-Nov-94 08:49:37 GMT
    auto year = parse_decimal(text.substr(7, 2));
    if (!year) return std::nullopt;
    const int this_year = static_cast<int>(std::chrono::year_month_day(std::chrono::floor<days>(now)).year());
    *year += this_year / 100 * 100;
    // More than 50 years ahead means the past (RFC 9110 5.6.7).
    if (*year > this_year + 50) *year -= 100;
    return make_time(year, text.substr(3, 3), parse_decimal(text.substr(0, 2)), text.substr(10, 8));
  }
  return std::nullopt;
}

}  // namespace decant::http
