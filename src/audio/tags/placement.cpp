#include "audio/tags/placement.h"

#include <charconv>
#include <cmath>

#include "audio/tags/itunes.h"
#include "audio/tags/names.h"
#include "audio/tags/vorbis_comment.h"

namespace decant::audio {

namespace {

using Kind = Fate::Kind;
using Tags = std::vector<tasks::Tag>;

struct Context {
  const Tags* source;
  const Format* target;
  const Tags* written;

  [[nodiscard]] bool is_for(TagHolder holder) const { return target->tags == holder; }
  [[nodiscard]] bool is_opus() const { return target->target.name == "opus"; }
};

const tasks::Tag* find_tag(const Tags& tags, std::string_view name) {
  const auto found =
      std::ranges::find_if(tags, [&](const tasks::Tag& tag) { return equals_ignoring_case(tag.name, name); });
  return found == tags.end() ? nullptr : &*found;
}

Placement dropped(std::string why) { return {.written = {}, .kind = Kind::dropped, .why = std::move(why)}; }
Placement mapped(Tags written, std::string why) { return {std::move(written), Kind::mapped, std::move(why)}; }

/// "-7.25 dB" as a number.
std::optional<double> parse_gain(std::string_view text) {
  if (text.starts_with('+')) text.remove_prefix(1);
  double gain = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), gain);
  if (problem != std::errc{} || !std::isfinite(gain) || std::abs(gain) > 32768) return std::nullopt;
  return gain;
}

// ReplayGain 2.0 aims at -18 LUFS, Opus's R128 tags at -23 LUFS in steps of 1/256 dB (RFC 7845 section 5.2.1).
constexpr double reference_distance = 5.0;

struct GainNames {
  std::string_view replay_gain;
  std::string_view r128;
};
constexpr std::array gain_names = {GainNames{"REPLAYGAIN_TRACK_GAIN", "R128_TRACK_GAIN"},
                                   GainNames{"REPLAYGAIN_ALBUM_GAIN", "R128_ALBUM_GAIN"}};

/// Opus has a convention of its own for loudness.
std::optional<Placement> convert_gain(const tasks::Tag& tag, const Context& context) {
  for (const GainNames& names : gain_names) {
    const std::string_view from = context.is_opus() ? names.replay_gain : names.r128;
    const std::string_view to = context.is_opus() ? names.r128 : names.replay_gain;
    if (!equals_ignoring_case(tag.name, from)) continue;
    if (find_tag(*context.source, to) != nullptr) return dropped(fmt::format("{} tells the same", to));
    const auto gain = parse_gain(tag.value);
    if (!gain) return dropped("it is no number");
    std::string value = context.is_opus() ? std::to_string(std::lround((*gain - reference_distance) * 256))
                                          : fmt::format("{:.2f} dB", *gain / 256 + reference_distance);
    std::string why = fmt::format("written as {}: {}", to, value);
    return mapped({{std::string(to), std::move(value)}}, std::move(why));
  }
  if (context.is_opus() && equals_ignoring_case(tag.name, "REPLAYGAIN_REFERENCE_LOUDNESS"))
    return dropped("Opus has a loudness reference of its own");
  return std::nullopt;
}

struct Counted {
  std::string_view number;
  std::string_view total;
};
constexpr std::array counted = {Counted{"track", "tracktotal"}, Counted{"disc", "disctotal"}};

bool is_number(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

/// "3/12" as its two numbers.
std::optional<std::pair<std::string_view, std::string_view>> split_total(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (slash == std::string_view::npos || !is_number(text.substr(0, slash)) || !is_number(text.substr(slash + 1)))
    return std::nullopt;
  return std::pair(text.substr(0, slash), text.substr(slash + 1));
}

/// Vorbis comments have a field of its own for a total; elsewhere it stands behind the number.
std::optional<Placement> place_totals(const tasks::Tag& tag, const Context& context) {
  for (const Counted& names : counted) {
    if (context.is_for(TagHolder::vorbis_comment)) {
      const auto numbers = split_total(tag.value);
      if (tag.name != names.number || !numbers) continue;
      Tags written = {{tag.name, std::string(numbers->first)}};
      if (find_tag(*context.source, names.total) != nullptr)
        return mapped(std::move(written),
                      fmt::format("written as {}; a tag of its own tells the total", numbers->first));
      written.push_back({std::string(names.total), std::string(numbers->second)});
      return mapped(std::move(written),
                    fmt::format("written as {} and {}={}", numbers->first,
                                own_tag_name(TagHolder::vorbis_comment, names.total), numbers->second));
    }
    const tasks::Tag* number = find_tag(*context.source, names.number);
    const tasks::Tag* total = find_tag(*context.source, names.total);
    if (number == nullptr || total == nullptr || !is_number(total->value)) continue;
    const bool is_joined = is_number(number->value);
    const auto told = split_total(number->value);
    if (tag == *number && is_joined) {
      std::string value = fmt::format("{}/{}", number->value, total->value);
      if (context.is_for(TagHolder::itunes)) value = as_itunes_number(tag.name, value).value_or(value);
      std::string why = fmt::format("written with its total as {}", value);
      return mapped({{tag.name, std::move(value)}}, std::move(why));
    }
    if (tag == *total && (is_joined || (told && told->second == total->value)))
      return mapped({}, fmt::format("told by {}", names.number));
  }
  return std::nullopt;
}

/// yyyy[-MM[-dd[THH[:mm[:ss]]]]] ("ID3 tag version 2.4.0 - Main Structure" section 4), also with a space for the T.
bool is_timestamp(std::string_view text) {
  constexpr std::string_view form = "dddd-dd-ddTdd:dd:dd";
  constexpr std::array<std::size_t, 6> lengths = {4, 7, 10, 13, 16, 19};
  if (std::ranges::find(lengths, text.size()) == lengths.end()) return false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool fits = form[i] == 'd'   ? text[i] >= '0' && text[i] <= '9'
                      : form[i] == 'T' ? text[i] == 'T' || text[i] == ' '
                                       : text[i] == form[i];
    if (!fits) return false;
  }
  return true;
}

std::optional<Placement> place_date(const tasks::Tag& tag, const Context& context) {
  const bool is_date = tag.name == "date" || tag.name == "originaldate";
  if (!context.is_for(TagHolder::id3v2) || !is_date || is_timestamp(tag.value)) return std::nullopt;
  const std::string name = fmt::format("TXXX:{}", custom_tag_name(tag.name));
  return mapped({{name, tag.value}}, fmt::format("written as {}, as ID3v2 takes no such date", name));
}

/// Comments, lyrics and URLs of ID3v2 have languages and descriptions, of which each may stand once.
std::optional<Placement> place_description(const tasks::Tag& tag, const Context& context) {
  const bool is_described = !tag.language.empty() || !tag.description.empty();
  const std::string_view frame = own_tag_name(TagHolder::id3v2, tag.name);
  const bool has_descriptions = frame == "COMM" || frame == "USLT" || frame == "WXXX";
  if (!context.is_for(TagHolder::id3v2) || !has_descriptions) {
    if (!is_described) return std::nullopt;
    return mapped({{tag.name, tag.value}}, "without its language and description");
  }
  tasks::Tag written = tag;
  const auto is_taken = [&] {
    return std::ranges::any_of(*context.written, [&](const tasks::Tag& other) {
      return other.name == written.name && other.description == written.description &&
             (frame == "WXXX" || other.language == written.language);
    });
  };
  for (int number = 2; is_taken(); ++number)
    written.description = fmt::format("{}{}{}", tag.description, tag.description.empty() ? "" : " ", number);
  if (written.description == tag.description) return std::nullopt;
  std::string why = fmt::format("described as \"{}\", to tell it from the one before", written.description);
  return mapped({std::move(written)}, std::move(why));
}

std::optional<Placement> place_number_of_itunes(const tasks::Tag& tag, const Context& context) {
  if (!context.is_for(TagHolder::itunes) || !is_itunes_number(tag.name)) return std::nullopt;
  if (find_tag(*context.written, tag.name) != nullptr)
    return dropped(fmt::format("{} holds one only", context.target->target.title));
  const auto number = as_itunes_number(tag.name, tag.value);
  if (!number)
    return mapped({tag}, fmt::format("written as the custom tag {}, as it is no number", custom_tag_name(tag.name)));
  if (*number == tag.value) return std::nullopt;
  return mapped({tag}, fmt::format("written as the number {}", *number));
}

std::optional<Placement> place_single(const tasks::Tag& tag, const Context& context) {
  const bool is_single = own_tag_name(TagHolder::id3v2, tag.name).starts_with("UFID:");
  if (!context.is_for(TagHolder::id3v2) || !is_single || find_tag(*context.written, tag.name) == nullptr)
    return std::nullopt;
  return dropped("ID3v2 holds one only");
}

std::optional<Placement> place_name(const tasks::Tag& tag, const Context& context) {
  if (!context.is_for(TagHolder::vorbis_comment)) return std::nullopt;
  const std::string field = vorbis_field_name(tag.name);
  if (equals_ignoring_case(field, custom_tag_name(tag.name))) return std::nullopt;
  return mapped({tag}, fmt::format("written as {}", field));
}

/// The first that has something to say decides.
constexpr std::array rules = {convert_gain,      place_totals, place_number_of_itunes, place_date, place_single,
                              place_description, place_name};

}  // namespace

Placement place_tag(const tasks::Tag& tag, const Tags& source, const Format& target, const Tags& written) {
  const Context context{&source, &target, &written};
  for (const auto& rule : rules) {
    if (auto placement = rule(tag, context)) return *std::move(placement);
  }
  return {.written = {tag}};
}

}  // namespace decant::audio
