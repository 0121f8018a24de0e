#include "base/trace_context.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/ids.h"

namespace decant {
namespace {

constexpr std::size_t length = 55;  // of version 00, and of the part of later versions that is known
constexpr std::size_t id_bytes = 16;
constexpr std::size_t span_bytes = 8;

int digit_of(char character) {
  if (character >= '0' && character <= '9') return character - '0';
  if (character >= 'a' && character <= 'f') return character - 'a' + 10;
  return -1;
}

bool is_hex(std::string_view text) {
  return std::ranges::all_of(text, [](char character) { return digit_of(character) >= 0; });
}

bool is_id(std::string_view text) { return is_hex(text) && text.find_first_not_of('0') != std::string_view::npos; }

}  // namespace

std::optional<TraceContext> TraceContext::parse(std::string_view traceparent) {
  // A comma is how several fields arrive here, and no version has one.
  if (traceparent.size() < length || traceparent.contains(',')) return std::nullopt;
  const std::string_view version = traceparent.substr(0, 2);
  const std::string_view trace = traceparent.substr(3, 2 * id_bytes);
  const std::string_view span = traceparent.substr(36, 2 * span_bytes);
  const std::string_view flags = traceparent.substr(53, 2);
  if (!is_hex(version) || version == "ff" || !is_id(trace) || !is_id(span) || !is_hex(flags)) return std::nullopt;
  if (traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-') return std::nullopt;
  const std::string_view rest = traceparent.substr(length);
  if (!rest.empty() && (version == "00" || rest.front() != '-')) return std::nullopt;
  // Flags that are not known are not passed on.
  const bool is_sampled = (digit_of(flags[1]) & 1) != 0;
  return TraceContext(fmt::format("00-{}-{}-0{}", trace, span, is_sampled ? 1 : 0));
}

TraceContext TraceContext::begin() {
  const std::string random = random_hex(id_bytes + span_bytes);
  const std::string_view digits = random;
  return TraceContext(fmt::format("00-{}-{}-01", digits.substr(0, 2 * id_bytes), digits.substr(2 * id_bytes)));
}

TraceContext TraceContext::next_span() const {
  if (!is_set()) return {};
  TraceContext next(*this);
  next.text_.replace(36, 2 * span_bytes, random_hex(span_bytes));
  return next;
}

}  // namespace decant
