#pragma once

#include <chrono>
#include <string>
#include <vector>

#include "programs/batch/listing.h"

namespace decant::programs::batch {

struct PlannedFile {
  enum class Work { convert, copy };
  Work work = Work::convert;
  ListedFile input;
  std::string output;
  std::chrono::duration<double> length{};  ///< a guess; 0 of copies
};

struct Plan {
  std::vector<PlannedFile> files;
  std::vector<SkippedFile> skipped;
};

struct PlanOptions {
  std::string extension;  ///< of the target format, no dot
  std::string folder;     ///< where outputs go; empty: beside their inputs
  enum class Others { skip, copy };
  Others others = Others::skip;  ///< what is no audio in a folder
};

/// Which file becomes which: a function of its arguments alone. Audio that was found in a folder and would become
/// itself is skipped; the same file named twice counts once.
///
/// invalid_argument with one FieldError each when two inputs would become one output, when a named input would become
/// itself, and when an output is another input.
Result<Plan> make_plan(const Listing& listing, const PlanOptions& options);

}  // namespace decant::programs::batch
