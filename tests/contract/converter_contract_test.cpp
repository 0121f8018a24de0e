#include "contract/converter_contract.h"

#include <cmath>
#include <numbers>

#include "contract/fake_converter.h"
#include "sandbox/engine_converter.h"

namespace decant::contract {
namespace {

void append_number(std::string& bytes, std::uint32_t value, int size) {
  for (int i = 0; i < size; ++i) bytes += static_cast<char>(value >> (8 * i) & 0xff);
}

/// Half a second of 440 Hz, 16 bit mono (RIFF WAVE).
std::string make_wav() {
  constexpr std::uint32_t rate = 44100;
  constexpr std::uint32_t samples = rate / 2;
  std::string wav = "RIFF";
  append_number(wav, 36 + samples * 2, 4);
  wav += "WAVEfmt ";
  append_number(wav, 16, 4);
  append_number(wav, 1, 2);
  append_number(wav, 1, 2);
  append_number(wav, rate, 4);
  append_number(wav, rate * 2, 4);
  append_number(wav, 2, 2);
  append_number(wav, 16, 2);
  wav += "data";
  append_number(wav, samples * 2, 4);
  for (std::uint32_t i = 0; i < samples; ++i) {
    const double angle = 2 * std::numbers::pi * 440 * i / rate;
    append_number(wav, static_cast<std::uint32_t>(std::lround(10'000 * std::sin(angle))), 2);
  }
  return wav;
}

ConverterCase make_fake() { return {std::make_unique<FakeConverter>(), "fake audio", "mp3"}; }

/// The real engine writing `target`.
std::function<ConverterCase()> make_engine(std::string target) {
  return [target = std::move(target)] {
    static Logger log(LogLevel::error, LogFormat::text);
    sandbox::EngineOptions options;
    options.program = DECANT_ENGINE;
    options.slots = 2;
    return ConverterCase{sandbox::EngineConverter::start(options, log).value(), make_wav(), target};
  };
}

INSTANTIATE_TEST_SUITE_P(Fake, ConverterContract, testing::Values(make_fake));
INSTANTIATE_TEST_SUITE_P(EngineToWav, ConverterContract, testing::Values(make_engine("wav")));
INSTANTIATE_TEST_SUITE_P(EngineToMp3, ConverterContract, testing::Values(make_engine("mp3")));

/// The libraries of every codec must live with the calls that the jail lets pass.
TEST(Engine, WritesEveryFormatInItsJail) {
  const ConverterCase engine = make_engine("wav")();
  auto input = SpoolFile::make(testing::TempDir()).value();
  input.append(std::as_bytes(std::span(engine.audio))).value();
  for (const tasks::TargetFormat& target : engine.converter->formats().targets) {
    const auto output = SpoolFile::make(testing::TempDir()).value();
    const auto result = engine.converter->convert(
        {input.descriptor(), output.descriptor(), target.name, {}, std::chrono::seconds(60)}, [](double) {}, {});
    EXPECT_TRUE(result) << target.name << ": " << result.error().describe();
    const auto info = engine.converter->probe(output.descriptor());
    EXPECT_TRUE(info) << "reading " << target.name << ": " << info.error().describe();
  }
}

}  // namespace
}  // namespace decant::contract
