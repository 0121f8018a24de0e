#include "objects/s3/testing_gateway.h"

#include <fmt/format.h>

#include <boost/json.hpp>
#include <fstream>
#include <iterator>
#include <stdexcept>

#include "base/ids.h"

namespace decant::objects {
namespace {

constexpr std::string_view bucket = "decant-test";

const Clock& clock() {
  static const SystemClock system;
  return system;
}

Logger& logger() {
  static Logger quiet(LogLevel::error, LogFormat::text);
  return quiet;
}

boost::json::object read_state() {
  std::ifstream file(DECANT_S3_GATEWAY);
  const std::string text{std::istreambuf_iterator(file), {}};
  if (text.empty()) return {{"skip", "tests/servers/ceph-gateway was not started: run this by ctest"}};
  return boost::json::parse(text).as_object();
}

void make_bucket(const TestingGateway& gateway) {
  HttpRequest request{.method = "PUT", .origin = gateway.endpoint, .path = fmt::format("/{}", bucket)};
  sign(request, gateway.keys, {.region = "us-east-1", .time = clock().wall_now()},
       "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  const auto made = HttpClient({}).perform(request);
  if (!made || made->status != 200) throw std::runtime_error("the test bucket was not made");
}

}  // namespace

std::unique_ptr<TestingGateway> TestingGateway::find() {
  const boost::json::object state = read_state();
  if (state.contains("skip")) return nullptr;
  auto gateway = std::make_unique<TestingGateway>();
  gateway->endpoint = state.at("endpoint").as_string();
  gateway->keys = {std::string(state.at("access_key").as_string()), std::string(state.at("secret_key").as_string()),
                   ""};
  gateway->prefix_ = random_hex(8);
  make_bucket(*gateway);
  return gateway;
}

std::string TestingGateway::why_not() { return std::string(read_state().at("skip").as_string()); }

ObjectStoreOptions TestingGateway::options() const {
  ObjectStoreOptions options;
  options.spool_folder = std::filesystem::temp_directory_path();
  options.environment = {{"AWS_ACCESS_KEY_ID", keys.access_key}, {"AWS_SECRET_ACCESS_KEY", keys.secret_key}};
  options.part_size = 5 << 20;  // the least that S3 takes
  return options;
}

std::string TestingGateway::url() const {
  return fmt::format("s3://{}/{}?endpoint={}&region=us-east-1", bucket, prefix_, endpoint);
}

Result<std::unique_ptr<tasks::ObjectStore>> TestingGateway::open(const ObjectStoreOptions& options,
                                                                 const Clock& a_clock) const {
  return open_object_store(url(), options, a_clock, logger());
}

std::unique_ptr<tasks::ObjectStore> TestingGateway::open() const { return open(options(), clock()).value(); }

std::unique_ptr<S3Client> TestingGateway::client() const {
  return std::make_unique<S3Client>(parse_bucket_address(url(), {}).value(), S3Client::Options{},
                                    std::make_unique<HttpClient>(HttpClientOptions{}),
                                    std::make_unique<SignatureAuthorizer>(
                                        [this] { return TimedSecret<S3Credentials>{keys, {}}; }, "us-east-1", clock()));
}

}  // namespace decant::objects
