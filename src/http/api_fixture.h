#pragma once

#include <boost/json/value.hpp>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/manual_clock.h"
#include "contract/fake_broker.h"
#include "contract/fake_converter.h"
#include "contract/fake_database.h"
#include "contract/fake_object_store.h"
#include "http/api.h"
#include "http/testing_server.h"

namespace decant::http {

/// One part of a form. A file when it has a filename.
struct FormPart {
  std::string name;
  std::string content;
  std::optional<std::string> filename = {};
};

/// The API on a real server on a loopback port; what is behind it are the fakes.
class TestingApi {
 public:
  explicit TestingApi(ApiOptions options = quick_options());

  /// Password hashes that cost nothing; throttles out of the way.
  static ApiOptions quick_options();

  [[nodiscard]] RawClient connect() const { return RawClient(server_->port()); }
  /// One request, one answer. `fields` are complete lines.
  [[nodiscard]] Answer ask(std::string_view method, std::string_view target, std::string_view fields = {},
                           std::string_view body = {}) const;
  [[nodiscard]] Answer ask_json(std::string_view method, std::string_view target, std::string_view json,
                                std::string_view fields = {}) const;
  /// Makes an account of that name, e-mail name@example.org, password "password".
  void sign_up(const std::string& name);
  [[nodiscard]] Answer log_in(const std::string& name, const std::string& password = "password") const;
  /// The Authorization line of that user, who is made where there is none.
  std::string bearer(const std::string& name = "ada");
  [[nodiscard]] tasks::UserId id_of(const std::string& name);

  [[nodiscard]] Answer upload(const std::string& fields, const std::vector<FormPart>& parts) const;
  /// A task of that user: "fake audio" as a.mp3, to be WAV. Its id.
  std::string add_task(const std::string& name = "ada");
  /// Does what a worker does with the oldest task that is ready.
  void convert_next();

  ManualClock clock;
  contract::FakeDatabase database{clock};
  contract::FakeObjectStore objects{clock};
  contract::FakeBroker broker;
  contract::FakeConverter converter;
  Result<void> ready;
  Router router;

 private:
  Logger logger_{LogLevel::error, LogFormat::text};
  BlockingPool pool_{4, 256};
  std::map<std::string, std::string> bearers_;

 public:
  Api api;

 private:
  std::unique_ptr<Server> server_;  ///< last: it goes first
};

/// multipart/form-data of these parts with the boundary "limit".
std::string form_body(const std::vector<FormPart>& parts);
inline constexpr std::string_view form_type = "Content-Type: multipart/form-data; boundary=limit\r\n";

/// Null, and a failed test, when the body is no JSON.
boost::json::value json_of(const Answer& answer);
/// The "field" of each entry of a problem's "fields".
std::vector<std::string> wrong_fields_of(const Answer& answer);
/// The value of a cookie that the answer sets; nothing when it does not.
std::optional<std::string> cookie_of(const Answer& answer, const std::string& name);

}  // namespace decant::http
