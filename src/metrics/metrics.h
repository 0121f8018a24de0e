#pragma once

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "metrics/state.h"
#include "tasks/options.h"
#include "tasks/sweep.h"
#include "tasks/work_observer.h"

namespace decant::metrics {

/// What Content-Type says of render()'s text.
inline constexpr std::string_view content_type = "text/plain; version=0.0.4; charset=utf-8";

/// The extensions that the engine gives to what it can read; sources of others are counted as "other".
[[nodiscard]] std::span<const std::string_view> source_formats();

/// Counts what happens in this process, and shows it to Prometheus (docs/observability.md has the table). Thread-safe;
/// counting takes about a microsecond.
///
/// No label takes a value that somebody outside can choose: formats are of the two tables, routes are patterns, the
/// rest are enumerators.
class Metrics final : public tasks::WorkObserver {
 public:
  Metrics(std::string_view version, const tasks::FormatCatalog& formats);
  ~Metrics() override;

  void task_finished(const tasks::FinishedTask& finished) override;
  void lease_lost() override;
  void fence_rejected() override;
  void delivery_settled(const Result<void>& answer) override;

  /// `route`: method and pattern, "GET /api/tasks/{id}"; empty where there was none.
  void request_answered(std::string_view route, int status, std::chrono::duration<double> took);
  void swept(const tasks::SweepSummary& summary);
  void object_store_asked(std::string_view operation, const Result<void>& answer);
  /// `fate`: exported, dropped or failed.
  void spans_settled(std::string_view fate, std::size_t count);

  /// Everything in the text format of Prometheus.
  [[nodiscard]] std::string render(const State& state) const;

 private:
  struct Counters;
  std::unique_ptr<Counters> counters_;
  std::vector<std::string> targets_;
};

}  // namespace decant::metrics
