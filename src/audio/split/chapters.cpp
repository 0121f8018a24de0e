#include "audio/split/chapters.h"

#include "audio/split/part_names.h"
#include "audio/split/zip_archive.h"
#include "audio/tags/names.h"

namespace decant::audio {

namespace {

/// A chapter that becomes a file.
struct Part {
  std::size_t fate = 0;    // its index in Transfer::chapters
  std::int64_t begin = 0;  // sample of the output
  std::string title;
};

// What a part tells of itself, whatever the source tells of the whole.
constexpr std::array own_tags = {"title", "title-sort", "track", "tracktotal"};

bool is_own_tag(std::string_view name) { return std::ranges::find(own_tags, name) != own_tags.end(); }

/// The chapters that `transfer` keeps, in order of time; of those that begin at the same sample, the last: it lies
/// deepest. Tells in `transfer` of the others.
std::vector<Part> choose_parts(Transfer& transfer, int sample_rate, std::optional<std::int64_t> samples) {
  std::vector<Part> parts;
  auto chapter = transfer.metadata.chapters.begin();
  for (std::size_t fate = 0; fate < transfer.chapters.size(); ++fate) {
    if (transfer.chapters[fate].kind == Fate::Kind::dropped) continue;
    const std::int64_t begin = av_rescale_rnd(chapter->start.count(), sample_rate, AV_TIME_BASE, AV_ROUND_NEAR_INF);
    parts.push_back({fate, begin, chapter->title});
    ++chapter;
  }
  std::ranges::sort(parts, {}, [](const Part& part) { return std::pair(part.begin, part.fate); });
  const auto drop = [&](const Part& part, std::string why) {
    transfer.chapters[part.fate].kind = Fate::Kind::dropped;
    transfer.chapters[part.fate].why = std::move(why);
  };
  std::vector<Part> chosen;
  for (Part& part : parts) {
    if (samples && part.begin >= *samples && !chosen.empty()) {
      drop(part, "it begins behind the end of the sound");
      continue;
    }
    if (!chosen.empty() && chosen.back().begin == part.begin) {
      drop(chosen.back(), "another begins where it does");
      chosen.pop_back();
    }
    chosen.push_back(std::move(part));
  }
  return chosen;
}

/// The source's title is the album's, where it has none of its own and nobody asks for another.
std::optional<std::string> find_album(const ChaptersJob& job) {
  const auto names = [](std::string_view wanted) {
    return [=](const tasks::TagEdit& edit) { return common_tag_name(edit.name) == wanted; };
  };
  const std::vector<tasks::TagEdit>& edits = job.options.metadata.edits;
  if (std::ranges::any_of(edits, names("album"))) return std::nullopt;
  const bool keeps_tags = job.options.metadata.tags == tasks::Keep::keep;
  const auto album = std::ranges::find(job.metadata.tags, "album", &tasks::Tag::name);
  if (keeps_tags && album != job.metadata.tags.end()) return std::nullopt;
  if (const auto edit = std::ranges::find_if(edits, names("title")); edit != edits.end())
    return edit->values.empty() ? std::nullopt : std::optional(edit->values.front());
  const auto title = std::ranges::find(job.metadata.tags, "title", &tasks::Tag::name);
  return keeps_tags && title != job.metadata.tags.end() ? std::optional(title->value) : std::nullopt;
}

/// What is asked of the tags of one part.
tasks::MetadataOptions ask_for(const ChaptersJob& job, const std::optional<std::string>& album,
                               const std::string& title, std::size_t number, std::size_t count) {
  tasks::MetadataOptions asked = job.options.metadata;
  std::erase_if(asked.edits, [](const tasks::TagEdit& edit) { return is_own_tag(common_tag_name(edit.name)); });
  asked.edits.push_back({"title", {title}});
  asked.edits.push_back({"title-sort", {}});
  asked.edits.push_back({"track", {fmt::format("{}/{}", number, count)}});
  asked.edits.push_back({"tracktotal", {}});
  if (album) asked.edits.push_back({"album", {*album}});
  return asked;
}

/// The fates of what each part tells of itself, told as what they are.
void explain_own_tags(std::vector<Fate>& tags, const std::optional<std::string>& album) {
  for (Fate& fate : tags) {
    if (fate.kind != Fate::Kind::dropped || !is_own_tag(fate.name)) continue;
    const bool is_album = fate.name == "title" && album;
    fate.why = is_album ? "each chapter has its own; this one is their album" : "each chapter has its own";
    if (is_album) fate.kind = Fate::Kind::mapped;
  }
}

}  // namespace

Failure nothing_to_split() {
  return failure(ErrorCode::unprocessable,
                 "the audio has no chapters to split it at; convert it without that option to get one file");
}

Result<SplitSound> split_at_chapters(const ChaptersJob& job, PcmStream& pcm, ProgressMeter& progress) {
  SplitSound made;
  made.transfer = plan_transfer(job.metadata, job.format, job.cut, job.options.metadata, job.cover);
  const std::vector<Part> parts = choose_parts(made.transfer, pcm.format().sample_rate, job.expected);
  if (parts.empty()) return nothing_to_split();
  const std::optional<std::string> album = find_album(job);
  // Chapters of chapters there are none.
  Metadata metadata = job.metadata;
  metadata.chapters.clear();

  DECANT_TRY(ZipArchive archive, ZipArchive::make(job.output));
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const Part& part = parts[i];
    Fate& fate = made.transfer.chapters[part.fate];
    std::optional<std::int64_t> length;
    if (i + 1 < parts.size()) length = parts[i + 1].begin - made.archive.samples;
    DECANT_TRY(const bool goes_on, pcm.begin_part(length));
    if (!goes_on) {
      fate.kind = Fate::Kind::dropped;
      fate.why = "it begins behind the end of the sound";
      continue;
    }
    const tasks::MetadataOptions asked = ask_for(job, album, chapter_title(i + 1, part.title), i + 1, parts.size());
    Transfer transfer = plan_transfer(metadata, job.format, job.cut, asked, job.cover);
    const auto expected = length ? length : job.expected ? std::optional(*job.expected - part.begin) : std::nullopt;
    DECANT_TRY(SoundFile file, write_sound({job.format, job.plan, transfer.metadata, job.options.quality, expected,
                                            job.output, archive.content_begin()},
                                           pcm, job.cores, progress));
    std::string name = make_part_name(i + 1, parts.size(), part.title, job.format.target.extension);
    DECANT_CHECK(archive.add(name, file.size));
    fate.kind = Fate::Kind::mapped;
    fate.why = "a file of its own: " + name;
    made.archive.codec = file.codec;
    made.archive.samples += file.samples;
    made.parts.push_back({std::move(name), file.samples, file.size, std::move(file.pcm_md5)});
    if (i == 0) {
      made.transfer.tags = std::move(transfer.tags);
      made.transfer.pictures = std::move(transfer.pictures);
    }
  }
  explain_own_tags(made.transfer.tags, album);
  DECANT_TRY(made.archive.size, archive.finish());
  return made;
}

}  // namespace decant::audio
