#include "objects/s3/bucket_opener.h"

#include "objects/s3/bucket_address.h"
#include "objects/s3/google_token.h"
#include "objects/s3/s3_object_store.h"

namespace decant::objects {
namespace {

std::unique_ptr<Authorizer> make_authorizer(const BucketAddress& address, const Environment& environment,
                                            const Clock& clock) {
  if (address.is_anonymous) return std::make_unique<BearerAuthorizer>(nullptr, clock);
  // Shared by the copies of the std::function.
  const auto client = std::make_shared<HttpClient>(metadata_client_options());
  if (address.protocol == Protocol::google) {
    return std::make_unique<BearerAuthorizer>(
        [environment, client, &clock] { return find_google_token(environment, *client, clock); }, clock);
  }
  return std::make_unique<SignatureAuthorizer>(
      [environment, client, profile = address.profile] { return find_s3_credentials(environment, profile, *client); },
      address.region, clock);
}

}  // namespace

Result<std::unique_ptr<tasks::ObjectStore>> open_bucket(const std::string& url, const ObjectStoreOptions& options,
                                                        const Clock& clock, Logger& logger) {
  DECANT_TRY(BucketAddress address, parse_bucket_address(url, options.environment));
  std::unique_ptr<Authorizer> authorizer = make_authorizer(address, options.environment, clock);
  HttpRequest trial{.origin = address.origin};
  DECANT_CHECK(authorizer->authorize(trial));

  auto http = std::make_unique<HttpClient>(HttpClientOptions{.connections = options.connections,
                                                             .connect_timeout = options.connect_timeout,
                                                             .stall_timeout = options.stall_timeout,
                                                             .request_timeout = options.request_timeout,
                                                             .ca_file = address.ca_file});
  auto client = std::make_unique<S3Client>(std::move(address), S3Client::Options{.tries = options.tries},
                                           std::move(http), std::move(authorizer));
  auto store = std::make_unique<S3ObjectStore>(
      S3StoreOptions{
          .spool_folder = options.spool_folder, .part_size = options.part_size, .window = options.read_window},
      std::move(client), logger);
  DECANT_CHECK(store->check());
  return store;
}

}  // namespace decant::objects
