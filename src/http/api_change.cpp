#include "http/api_change.h"

#include <boost/json.hpp>

#include "http/api_json.h"

namespace decant::http {

namespace json = boost::json;

Result<Change> parse_change(json::object body) {
  Change change;
  JsonFields fields(body);
  change.target = fields.text("newFormat");
  DECANT_CHECK(fields.check());
  body.erase("newFormat");
  if (const auto nested = body.find("options"); nested != body.end()) {
    if (!nested->value().is_object()) return wrong_field("options", "must be a JSON object");
    const json::object options = std::move(nested->value().get_object());
    body.erase("options");
    for (const auto& [name, value] : options) {
      if (!body.emplace(name, value).second) return wrong_field(name, "is given twice");
    }
  }
  DECANT_TRY(change.options, tasks::parse_options_json(json::serialize(body)));
  return change;
}

}  // namespace decant::http
