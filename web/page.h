#pragma once

#include <span>
#include <string_view>

namespace decant::web {

/// A file of the page, part of the program. It lives as long as the program.
struct Asset {
  std::string_view path;       ///< of the URL: "/", "/page.js"
  std::string_view mime_type;  ///< with its charset: for Content-Type
  std::string_view bytes;
  std::string_view etag;  ///< strong, with its quotes (RFC 9110 8.8.3); changes when the bytes do
};

/// Every file that the page is made of. Names are not hashed: serve them with "Cache-Control: no-cache", so that a
/// browser asks with If-None-Match and a new decant is seen at once.
[[nodiscard]] std::span<const Asset> assets();

/// Content-Security-Policy of the page: its own files and its own API, nothing inline, nothing from elsewhere, in
/// nobody's frame, and no HTML made from strings (require-trusted-types-for) but the constants of the one policy in
/// src/wavesurfer.ts.
inline constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; media-src 'self'; connect-src 'self'; "
    "form-action 'none'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types "
    "default";

}  // namespace decant::web
