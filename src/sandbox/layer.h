#pragma once

#include <string>
#include <vector>

namespace decant::sandbox {

/// One measure of the sandbox, as found at the engine's start.
struct Layer {
  std::string name;  ///< for people: "network namespace"
  bool active = false;
  std::string why;  ///< why it is not active; empty when it is
};

/// The layers in the order they were put on.
using Layers = std::vector<Layer>;

inline Layer active_layer(std::string name) { return {std::move(name), true, {}}; }
inline Layer missing_layer(std::string name, std::string why) { return {std::move(name), false, std::move(why)}; }

}  // namespace decant::sandbox
