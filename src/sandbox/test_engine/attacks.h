#pragma once

#include <map>
#include <string_view>

namespace decant::sandbox {

/// What a decoder that was taken over might try: returns 0 when it got through, else errno (when it lived on).
using Attack = int (*)();

/// The process that attacks on the parent aim at. Set before the zygote starts.
inline int attacked_parent = -1;

const std::map<std::string_view, Attack>& attacks();

}  // namespace decant::sandbox
