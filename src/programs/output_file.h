#pragma once

#include <string>

#include "base/file.h"

namespace decant::programs {

/// Where a result goes. Nothing is seen under its name before it is complete, and nothing stays when it is not.
class OutputFile {
 public:
  enum class Existing { refuse, replace };

  /// A temporary file beside `path`, or for "-" a nameless one. conflict when `path` exists and is to be kept, or is a
  /// folder; `input` is what the result is made from, which it may never replace.
  static Result<OutputFile> make(const std::string& path, Existing existing, int input);

  OutputFile(OutputFile&& other) noexcept;
  OutputFile& operator=(OutputFile&&) = delete;
  /// Removes the temporary file, unless it was published.
  ~OutputFile();

  /// Empty, writable and seekable.
  [[nodiscard]] int descriptor() const { return file_.get(); }
  /// Gives it its name, or copies it to standard output. Once. Blocks.
  Result<void> publish();

 private:
  OutputFile(Descriptor file, std::string temporary, std::string path, Existing existing);

  Descriptor file_;
  std::string temporary_;  ///< empty: none, or published
  std::string path_;
  Existing existing_;
};

}  // namespace decant::programs
