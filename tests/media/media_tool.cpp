// The engine in this process, for the media tests. Each conversion or probe prints a line of JSON: {"result": …}, or
// {"error": {"code", "message"}} and ends the program with exit status 1.
#include <fcntl.h>

#include <array>
#include <atomic>
#include <boost/json.hpp>
#include <iostream>
#include <limits>
#include <span>

#include "audio/engine.h"

namespace {

using namespace decant;
namespace json = boost::json;

Result<json::value> probe(const char* path) {
  DECANT_TRY(const Descriptor input, open_for_reading(path));
  DECANT_TRY(const tasks::MediaInfo info, audio::probe(input.get()));
  return json::parse(tasks::to_json(info));
}

Result<json::value> convert(std::span<char* const> arguments) {
  DECANT_TRY(const Descriptor input, open_for_reading(arguments[0]));
  const Descriptor output(::open(arguments[1], O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0644));
  if (!output.is_open()) return system_failure(errno, "open the output", arguments[1]);
  tasks::ConversionJob job{.input = input.get(), .output = output.get(), .target = arguments[2]};
  Descriptor cover;
  std::atomic takes = std::numeric_limits<int>::max();
  audio::SpareCores cores{.try_take = [&takes] { return takes.fetch_sub(1) > 0; }, .give_back = [] {}};
  for (const char* text : arguments.subspan(3)) {
    const std::string_view option = text;
    const std::size_t equals = std::min(option.find('='), option.size());
    const std::string_view name = option.substr(0, equals);
    const std::string_view value = option.substr(std::min(equals + 1, option.size()));
    if (name == "threads") {
      cores.most = std::atoi(value.data()) - 1;
    } else if (name == "chunk") {
      cores.chunk = std::chrono::seconds(std::atoi(value.data()));
    } else if (name == "takes") {
      takes = std::atoi(value.data());
    } else if (name == "cover") {
      DECANT_TRY(cover, open_for_reading(std::string(value)));
      job.cover = cover.get();
    } else {
      DECANT_CHECK(tasks::set_option(job.options, name, value));
    }
  }
  DECANT_TRY(const tasks::ConversionResult result, audio::convert(job, {}, cores));
  return json::object{
      {"samples", result.samples}, {"sampleRate", result.sample_rate}, {"report", json::parse(result.report)}};
}

Result<json::value> run(std::span<char* const> arguments) {
  if (arguments.size() >= 4 && std::string_view(arguments[0]) == "convert") return convert(arguments.subspan(1));
  if (arguments.size() == 2 && std::string_view(arguments[0]) == "probe") return probe(arguments[1]);
  return failure(
      ErrorCode::invalid_argument,
      "usage: media_tool convert IN OUT TARGET [option=value …] [threads=N] [takes=N] [chunk=SECONDS] | media_tool "
      "convert-to-many IN (OUT TARGET)… "
      "| media_tool probe IN");
}

int print(const Result<json::value>& result) {
  if (result) {
    std::cout << json::object{{"result", *result}} << '\n';
    return 0;
  }
  const Error& error = result.error();
  std::cout << json::object{{"error",
                             {{"code", to_string(error.code)}, {"message", error.message}, {"detail", error.detail}}}}
            << '\n';
  return 1;
}

}  // namespace

int main(int count, char** argument_values) {
  audio::set_up();
  audio::preload(tasks::ConverterDuty::everything);
  const auto arguments = std::span(argument_values, static_cast<std::size_t>(count)).subspan(1);
  if (arguments.empty() || std::string_view(arguments[0]) != "convert-to-many") return print(run(arguments));
  int status = 0;
  for (std::size_t i = 2; i + 1 < arguments.size() && status == 0; i += 2) {
    const std::array one{arguments[1], arguments[i], arguments[i + 1]};
    status = print(convert(one));
  }
  return status;
}
