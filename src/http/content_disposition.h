#pragma once

#include <string>
#include <string_view>

namespace decant::http {

enum class Disposition { attachment, inline_view };

/// The value of Content-Disposition (RFC 6266) for a name that users chose: filename= in ASCII, and filename*= in UTF-8
/// (RFC 8187) where that says more. What a name could do harm with does not come through: path separators, control
/// characters, a leading dot or dash become "_", marks that turn the direction of text vanish, and a long name is cut
/// before its extension.
[[nodiscard]] std::string make_content_disposition(Disposition disposition, std::string_view name);

}  // namespace decant::http
