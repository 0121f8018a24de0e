#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <fstream>
#include <regex>
#include <stdexcept>
#include <string>
#include <vector>

#include "tasks/task.h"

namespace decant::contract {

inline constexpr std::array all_states = {tasks::State::UPLOADED, tasks::State::PROCESSING, tasks::State::PROCESSED,
                                          tasks::State::FAILED, tasks::State::CANCELED};
inline constexpr std::array all_events = {tasks::Event::claim,     tasks::Event::commit, tasks::Event::retry,
                                          tasks::Event::give_back, tasks::Event::expire, tasks::Event::fail,
                                          tasks::Event::reconvert, tasks::Event::cancel};

/// What the last columns of the table say that an edge does to a number.
struct NumberChange {
  std::string text;  ///< "", "0", "+ 1" or "- 1"
  [[nodiscard]] std::int64_t apply(std::int64_t before) const {
    if (text.empty()) return before;
    if (text == "0") return 0;
    if (text == "+ 1") return before + 1;
    if (text == "- 1") return before - 1;
    throw std::runtime_error("docs/job_states.md: what is \"" + text + "\"?");
  }
};

/// A row of the table in docs/job_states.md.
struct DocumentedEdge {
  std::string from, event, to;
  NumberChange fence, attempts, generation;
};

inline std::vector<DocumentedEdge> read_job_states() {
  const char* source = std::getenv("DECANT_SOURCE");
  if (source == nullptr) throw std::runtime_error("DECANT_SOURCE is not set to the source folder");
  std::ifstream file(std::string(source) + "/docs/job_states.md");
  const std::regex row(R"(\| ([A-Z]+) \| ([a-z_]+) \| ([A-Z]+) \| .* \| ?(.*?) \| ?(.*?) \| ?(.*?) \|)");
  std::vector<DocumentedEdge> edges;
  std::string line;
  for (std::smatch cell; std::getline(file, line);) {
    if (std::regex_match(line, cell, row))
      edges.push_back({cell[1], cell[2], cell[3], {cell[4]}, {cell[5]}, {cell[6]}});
  }
  return edges;
}

}  // namespace decant::contract
