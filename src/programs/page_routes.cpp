#include "programs/page_routes.h"

#include "http/conditional.h"
#include "web/page.h"

namespace decant::programs {
namespace {

http::Response serve_asset(const web::Asset& asset, const http::Request& request) {
  http::Response response = http::make_static_response(request, asset.etag, asset.bytes);
  response.set("Content-Type", std::string(asset.mime_type))
      .set("Cache-Control", "no-cache")
      .set("Content-Security-Policy", std::string(web::content_security_policy));
  return response;
}

}  // namespace

void add_page_routes(http::Router& router) {
  for (const web::Asset& asset : web::assets()) {
    router.add({.method = http::Method::get,
                .pattern = std::string(asset.path),
                .access = http::Access::open,
                .body_limit = 0,
                .handler = [&asset](http::Request& request) -> http::Awaitable<http::Response> {
                  co_return serve_asset(asset, request);
                }});
  }
}

}  // namespace decant::programs
