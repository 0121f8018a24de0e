#include "audio/metadata.h"

namespace decant::audio {

void add_missing(Metadata more, Metadata& metadata) {
  // Several values of a name, or pictures of a type, come together: only those that stood there before count.
  const auto tags = static_cast<std::ptrdiff_t>(metadata.tags.size());
  for (tasks::Tag& tag : more.tags) {
    const auto known = metadata.tags.begin() + tags;
    const auto is_same = [&](const tasks::Tag& other) { return other.name == tag.name; };
    if (std::none_of(metadata.tags.begin(), known, is_same)) metadata.tags.push_back(std::move(tag));
  }
  const auto pictures = static_cast<std::ptrdiff_t>(metadata.pictures.size());
  for (Picture& picture : more.pictures) {
    const auto known = metadata.pictures.begin() + pictures;
    const auto is_same = [&](const Picture& other) { return other.type == picture.type; };
    if (std::none_of(metadata.pictures.begin(), known, is_same)) metadata.pictures.push_back(std::move(picture));
  }
  std::ranges::move(more.unread, std::back_inserter(metadata.unread));
}

}  // namespace decant::audio
