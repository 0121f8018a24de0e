#include <fstream>

#include "sandbox/test_engine/fixture.h"

namespace decant::sandbox {

std::vector<int> children_of(int parent) {
  std::vector<int> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    std::ifstream file(entry.path() / "stat");
    std::string stat;
    std::getline(file, stat);
    // "pid (name, perhaps with spaces) state ppid …"
    const std::size_t after_name = stat.rfind(')');
    if (after_name == std::string::npos) continue;
    if (std::atoi(stat.c_str() + after_name + 4) == parent) children.push_back(std::stoi(name));
  }
  return children;
}

}  // namespace decant::sandbox
