#pragma once

#include <functional>
#include <string>

#include "sandbox/jail.h"
#include "sandbox/job_tokens.h"
#include "tasks/converter.h"

namespace decant::sandbox {

/// What an engine can do: called inside the jail, once a process.
struct Workload {
  /// Called before the lock-down, where children are kept ready that gain from it.
  std::function<void(tasks::ConverterDuty)> preload;
  std::string catalog;  ///< tasks::FormatCatalog, JSON
  std::function<Result<tasks::MediaInfo>(int input)> probe;
  /// Runs while holding one of the tokens; may take more for more threads.
  std::function<Result<tasks::ConversionResult>(const tasks::ConversionJob&, const tasks::ProgressListener&,
                                                JobTokens&)>
      convert;
  /// Beginnings of the file names of the libraries that jobs need, beside those that the program names itself; empty:
  /// all that there are.
  std::function<std::vector<std::string_view>(tasks::ConverterDuty)> libraries;
};

/// What all children of a zygote have in common.
struct ChildSetup {
  const Workload& workload;
  SeccompProgram seccomp;
  JailLimits limits;
  int tokens = 1;   ///< job tokens in all
  Layers expected;  ///< what the self-test found; a child that gets less of it ends at once
};

/// The life of a forked child: locks itself down as far as it can, waits on `channel` for its one job, locks down the
/// rest, works, tells the outcome, ends. Dies with the zygote `parent`.
[[noreturn]] void run_child(int channel, pid_t parent, const ChildSetup& setup);

/// The same for a child that only tries what its jail holds and sends the layers to `channel`, as a Hello without
/// catalog.
[[noreturn]] void run_self_test(int channel, pid_t parent, const ChildSetup& setup);

}  // namespace decant::sandbox
