// decant-engine: reads and writes audio, always locked down. Started by decant (src/sandbox).
#include <unistd.h>

#include "audio/engine.h"
#include "sandbox/zygote.h"

int main(int argc, char** argv) {
  namespace audio = decant::audio;
  namespace sandbox = decant::sandbox;
  audio::set_up();
  const sandbox::Workload workload{
      .preload = audio::preload,
      .catalog = decant::tasks::to_json(audio::catalog()),
      .probe = audio::probe,
      .convert =
          [](const auto& job, const auto& on_progress, sandbox::JobTokens& tokens) {
            const audio::SpareCores cores{
                .most = tokens.total() - 1,
                .try_take = [&tokens] { return tokens.try_acquire(); },
                .give_back = [&tokens] { tokens.release(); },
            };
            return audio::convert(job, on_progress, cores);
          },
      .libraries = audio::libraries,
  };
  ::_exit(sandbox::run_zygote({argv, static_cast<std::size_t>(argc)}, workload));
}
