#include "tasks/task.h"

#include <array>

namespace decant::tasks {
namespace {

constexpr std::array states = {State::UPLOADED, State::PROCESSING, State::PROCESSED, State::FAILED, State::CANCELED};

struct Edge {
  State from;
  Event event;
  State to;
};

// docs/job_states.md draws these; a test holds the two together.
constexpr std::array edges = {
    Edge{State::UPLOADED, Event::claim, State::PROCESSING},
    Edge{State::UPLOADED, Event::reconvert, State::UPLOADED},
    Edge{State::UPLOADED, Event::cancel, State::CANCELED},
    Edge{State::PROCESSING, Event::claim, State::PROCESSING},
    Edge{State::PROCESSING, Event::commit, State::PROCESSED},
    Edge{State::PROCESSING, Event::retry, State::UPLOADED},
    Edge{State::PROCESSING, Event::give_back, State::UPLOADED},
    Edge{State::PROCESSING, Event::expire, State::UPLOADED},
    Edge{State::PROCESSING, Event::fail, State::FAILED},
    Edge{State::PROCESSING, Event::reconvert, State::UPLOADED},
    Edge{State::PROCESSING, Event::cancel, State::CANCELED},
    Edge{State::PROCESSED, Event::reconvert, State::UPLOADED},
    Edge{State::PROCESSED, Event::cancel, State::CANCELED},
    Edge{State::FAILED, Event::reconvert, State::UPLOADED},
    Edge{State::FAILED, Event::cancel, State::CANCELED},
};

}  // namespace

std::string_view to_string(State state) {
  switch (state) {
    case State::UPLOADED: return "UPLOADED";
    case State::PROCESSING: return "PROCESSING";
    case State::PROCESSED: return "PROCESSED";
    case State::FAILED: return "FAILED";
    case State::CANCELED: return "CANCELED";
  }
  return "FAILED";
}

std::optional<State> find_state(std::string_view name) {
  for (const State state : states) {
    if (name == to_string(state)) return state;
  }
  return std::nullopt;
}

std::string_view to_string(Event event) {
  switch (event) {
    case Event::claim: return "claim";
    case Event::commit: return "commit";
    case Event::retry: return "retry";
    case Event::give_back: return "give_back";
    case Event::expire: return "expire";
    case Event::fail: return "fail";
    case Event::reconvert: return "reconvert";
    case Event::cancel: return "cancel";
  }
  return "fail";
}

std::optional<State> next_state(State from, Event event) {
  for (const Edge& edge : edges) {
    if (edge.from == from && edge.event == event) return edge.to;
  }
  return std::nullopt;
}

}  // namespace decant::tasks
