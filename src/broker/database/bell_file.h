#pragma once

#include <filesystem>
#include <memory>

#include "base/file.h"
#include "base/log.h"
#include "tasks/broker.h"

namespace decant::broker {

/// A bell for all processes of one machine that share a data folder: an empty file. Ringing opens it for writing and
/// closes it, which changes nothing on disk; listening is inotify(7) on it. Deliveries name no task. Rings that come
/// close together are one, and of several receive() of one BellFile a ring wakes one; every other BellFile on the same
/// path hears it too.
class BellFile final : public tasks::Broker {
 public:
  /// Makes the file if it is not there. Hears what rings from now on.
  static Result<std::unique_ptr<tasks::Broker>> open(const std::filesystem::path& path, Logger& logger);

  Result<void> publish(std::span<const tasks::TaskRef> tasks) override;
  Result<std::optional<tasks::Delivery>> receive(std::chrono::milliseconds timeout) override;
  Result<void> extend(const tasks::Delivery&, std::chrono::milliseconds) override { return {}; }
  Result<void> acknowledge(const tasks::Delivery&) override { return {}; }
  Result<void> release(const tasks::Delivery&) override { return {}; }
  void interrupt() override;

 private:
  BellFile(std::filesystem::path path, Descriptor rings, Descriptor interruption, Logger& logger)
      : path_(std::move(path)), rings_(std::move(rings)), interruption_(std::move(interruption)), logger_(logger) {}

  Result<void> watch();
  Result<bool> take_rings();

  std::filesystem::path path_;
  Descriptor rings_;         ///< inotify
  Descriptor interruption_;  ///< eventfd, readable for ever after interrupt()
  Logger& logger_;
};

}  // namespace decant::broker
