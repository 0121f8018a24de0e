#include <fmt/format.h>

#include "programs/commands.h"
#include "programs/engine.h"
#include "programs/exit_status.h"
#include "programs/input_file.h"
#include "programs/logging.h"
#include "programs/terminal.h"

namespace decant::programs {
namespace {

void print_text(const tasks::MediaInfo& media) {
  fmt::print("format:      {} ({})\n", media.container, media.mime_type);
  fmt::print("codec:       {}\n", media.codec);
  fmt::print("duration:    {}\n",
             media.duration ? format_clock(std::chrono::duration_cast<std::chrono::milliseconds>(*media.duration))
                            : std::string("unknown"));
  fmt::print("sample rate: {} Hz\n", media.sample_rate);
  fmt::print("channels:    {}\n", media.channels);
  if (media.bits_per_sample > 0) fmt::print("bits:        {}\n", media.bits_per_sample);
  if (media.bitrate > 0) fmt::print("bitrate:     {} kbit/s\n", (media.bitrate + 500) / 1000);
  if (media.pictures > 0) fmt::print("pictures:    {}\n", media.pictures);
  if (media.chapters > 0) fmt::print("chapters:    {}\n", media.chapters);
  for (const tasks::Tag& tag : media.tags) fmt::print("{:<12} {}\n", printable(tag.name) + ":", printable(tag.value));
}

}  // namespace

int run(const ProbeCommand& command, const LoadedSettings& settings) {
  Logger logger = make_quiet_logger(settings);
  const auto converter = start_engine(settings.values, tasks::ConverterDuty::probes, 0, logger);
  if (!converter) return report_failure(converter.error());
  const auto input = open_input(command.input);
  if (!input) return report_failure(input.error());
  const auto media = (*converter)->probe(input->get());
  if (!media) return report_failure(media.error());
  if (command.told == ProbeCommand::Output::json) {
    fmt::print("{}\n", tasks::to_json(*media));
  } else {
    print_text(*media);
  }
  return exit_ok;
}

}  // namespace decant::programs
