#include <fstream>

#include "sandbox/test_engine/fixture.h"

namespace decant::sandbox {
namespace {

struct Stat {
  char state = 'X';  ///< as of a process that is gone
  int parent = -1;
};

Stat stat_of(const std::string& process) {
  std::ifstream file("/proc/" + process + "/stat");
  std::string line;
  std::getline(file, line);
  // "pid (name, perhaps with spaces) state parent …"
  const std::size_t after_name = line.rfind(')');
  if (after_name == std::string::npos) return {};
  return {line.at(after_name + 2), std::atoi(line.c_str() + after_name + 4)};
}

}  // namespace

std::vector<int> children_of(int parent) {
  std::vector<int> children;
  for (const auto& entry : std::filesystem::directory_iterator("/proc")) {
    const std::string name = entry.path().filename();
    if (name.find_first_not_of("0123456789") != std::string::npos) continue;
    if (stat_of(name).parent == parent) children.push_back(std::stoi(name));
  }
  return children;
}

bool is_running(int process) {
  const char state = stat_of(std::to_string(process)).state;
  return state != 'X' && state != 'Z';
}

}  // namespace decant::sandbox
