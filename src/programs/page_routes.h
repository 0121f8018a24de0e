#pragma once

#include "http/router.h"

namespace decant::programs {

/// The files of the page, each at its path, with their Content-Security-Policy and ETag (RFC 9110, 8.8.3 and 13.1.2).
void add_page_routes(http::Router& router);

}  // namespace decant::programs
