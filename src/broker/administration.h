#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.h"

namespace decant::broker {

/// Something about a broker, told to its operator.
struct Finding {
  enum class Grade {
    good,
    doubtful,  ///< decant works with it, but not as well as it could
    wrong,     ///< decant does not work with it
  };
  Grade grade = Grade::good;
  std::string text;
};

/// What an operator does with a broker that has to be set up before decant runs. Every call blocks.
class Administration {
 public:
  virtual ~Administration() = default;
  /// Makes what is missing and changes what differs; says what it did. Any number of times, also at once. conflict when
  /// something of the name is there that cannot be changed into what is needed.
  virtual Result<std::vector<Finding>> create() = 0;
  /// What there is, as names and values.
  virtual Result<std::vector<std::pair<std::string, std::string>>> describe() = 0;
  /// Whether it is as create() makes it. Changes nothing.
  virtual Result<std::vector<Finding>> check() = 0;
};

}  // namespace decant::broker
