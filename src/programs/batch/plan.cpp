#include "programs/batch/plan.h"

#include <filesystem>
#include <map>

#include "programs/batch/audio_names.h"
#include "tasks/display_name.h"

namespace decant::programs::batch {
namespace {

constexpr std::size_t most_conflicts_told = 20;

std::string normal(const std::string& path) { return std::filesystem::path(path).lexically_normal().string(); }

std::string output_of(const ListedFile& file, PlannedFile::Work work, const PlanOptions& options) {
  const std::filesystem::path place =
      options.folder.empty() ? std::filesystem::path(file.path) : std::filesystem::path(options.folder) / file.relative;
  if (work == PlannedFile::Work::copy) return place.string();
  return (place.parent_path() / tasks::with_extension(place.filename().string(), options.extension)).string();
}

class Planner {
 public:
  explicit Planner(const PlanOptions& options) : options_(options) {}

  Result<Plan> make(const Listing& listing) {
    plan_.skipped = listing.skipped;
    for (const ListedFile& file : listing.files) add(file);
    for (const PlannedFile& file : plan_.files) check_no_input(file);
    if (conflicts_.empty()) return std::move(plan_);
    Error error{ErrorCode::invalid_argument, "not all of these can be converted together; nothing was done"};
    const std::size_t told = std::min(conflicts_.size(), most_conflicts_told);
    for (std::size_t i = 0; i < told; ++i) error.fields.push_back({"conflict", std::move(conflicts_[i])});
    if (told < conflicts_.size()) {
      error.fields.push_back({"conflict", fmt::format("and {} more", conflicts_.size() - told)});
    }
    return Failure(std::move(error));
  }

 private:
  void add(const ListedFile& file) {
    const bool is_named = file.found == ListedFile::Found::by_name;
    const auto work = is_named || is_audio_name(file.path) ? PlannedFile::Work::convert : PlannedFile::Work::copy;
    const bool stays =
        work == PlannedFile::Work::copy && (options_.others == PlanOptions::Others::skip || options_.folder.empty());
    if (stays) return skip(file, "no audio by its name");
    std::string output = output_of(file, work, options_);
    const std::string place = normal(output);
    const std::string own_place = normal(file.path);
    if (place == own_place) {
      if (!is_named) return skip(file, "would become itself");
      conflicts_.push_back(fmt::format("{} would become itself; name an output folder", file.path));
      return;
    }
    inputs_.emplace(own_place, &file);
    const auto [other, is_new] = outputs_.emplace(place, &file);
    if (is_new) {
      const bool is_copy = work == PlannedFile::Work::copy;
      const auto length = is_copy ? std::chrono::duration<double>() : guess_length(file.path, file.version.size);
      plan_.files.push_back({work, file, std::move(output), length});
    } else if (other->second->id != file.id) {
      conflicts_.push_back(fmt::format("{} and {} would both become {}", other->second->path, file.path, output));
    }
  }

  void skip(const ListedFile& file, const char* reason) { plan_.skipped.push_back({file.path, reason}); }

  void check_no_input(const PlannedFile& file) {
    const auto input = inputs_.find(normal(file.output));
    if (input == inputs_.end()) return;
    conflicts_.push_back(fmt::format("{} would become {}, which is an input", file.input.path, input->second->path));
  }

  const PlanOptions& options_;
  std::map<std::string, const ListedFile*> inputs_;   ///< that are worked on, by their place
  std::map<std::string, const ListedFile*> outputs_;  ///< what becomes each place
  Plan plan_;
  std::vector<std::string> conflicts_;
};

}  // namespace

Result<Plan> make_plan(const Listing& listing, const PlanOptions& options) { return Planner(options).make(listing); }

}  // namespace decant::programs::batch
