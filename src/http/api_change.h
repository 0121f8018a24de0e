#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "tasks/options.h"

namespace decant::http {

/// What a JSON body asks a file to be made into.
struct Change {
  std::string target;
  tasks::ConversionOptions options;
};

/// {"newFormat": …} with the options beside it or in "options". Errors name the field.
Result<Change> parse_change(boost::json::object body);

}  // namespace decant::http
