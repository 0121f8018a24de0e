// Mutates audio files and gives them to the engine in this process: media_fuzz ROUNDS SEED FILE… Meant for the asan
// preset, where a fault stops it with a report; the file that did it is left in media_fuzz.input.
#include <fstream>
#include <iostream>
#include <random>

#include "audio/engine.h"
#include "mutate.h"

namespace {

using namespace decant;
using namespace decant::fuzz;

}  // namespace

int main(int count, char** arguments) {
  if (count < 4) {
    std::cerr << "usage: media_fuzz ROUNDS SEED FILE…\n";
    return 2;
  }
  audio::set_up();
  audio::preload(tasks::ConverterDuty::everything);
  std::mt19937 random(static_cast<unsigned>(std::atoi(arguments[2])));
  const auto& targets = audio::catalog().targets;
  int converted = 0;
  int refused = 0;
  for (int round = 0; round < std::atoi(arguments[1]); ++round) {
    for (int i = 3; i < count; ++i) {
      const Bytes bytes = mutate(read_file(arguments[i]), random);
      std::ofstream("media_fuzz.input", std::ios::binary)
          .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      const Descriptor input = memory_file("input", bytes);
      const Descriptor output = memory_file("output", {});
      static_cast<void>(audio::probe(input.get()));
      const auto& target = targets[random() % targets.size()];
      const auto result = audio::convert({.input = input.get(), .output = output.get(), .target = target.name}, {});
      ++(result ? converted : refused);
    }
  }
  std::cout << converted << " converted, " << refused << " refused\n";
}
