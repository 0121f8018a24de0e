#pragma once

#include <string>

#include "base/file.h"

namespace decant::programs {

/// Held by the one `decant serve` of a data folder for as long as it runs; the kernel lets go of it when the process
/// ends, however that happens. conflict, naming the process, while another holds it.
Result<Descriptor> lock_data_folder(const std::string& folder);

}  // namespace decant::programs
