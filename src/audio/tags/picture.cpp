#include "audio/tags/picture.h"

#include <algorithm>
#include <array>

namespace decant::audio {

namespace {

constexpr std::array<std::string_view, 21> type_names = {"Other",
                                                         "32x32 pixels 'file icon'",
                                                         "Other file icon",
                                                         "Cover (front)",
                                                         "Cover (back)",
                                                         "Leaflet page",
                                                         "Media (e.g. label side of CD)",
                                                         "Lead artist/lead performer/soloist",
                                                         "Artist/performer",
                                                         "Conductor",
                                                         "Band/Orchestra",
                                                         "Composer",
                                                         "Lyricist/text writer",
                                                         "Recording Location",
                                                         "During recording",
                                                         "During performance",
                                                         "Movie/video screen capture",
                                                         "A bright coloured fish",
                                                         "Illustration",
                                                         "Band/artist logotype",
                                                         "Publisher/Studio logotype"};

}  // namespace

int find_picture_type(std::string_view name) {
  const auto found = std::ranges::find(type_names, name);
  return found == type_names.end() ? 0 : static_cast<int>(found - type_names.begin());
}

std::string_view picture_type_name(int type) {
  return type >= 0 && static_cast<std::size_t>(type) < type_names.size() ? type_names[static_cast<std::size_t>(type)]
                                                                         : type_names[0];
}

}  // namespace decant::audio
