// A store on connections of the host's own.
#pragma once

#include "orkestr/orkestr.h"
#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::c {

/// Brings the schema up to date. @errors `invalid_parameter` for callbacks that are missing, `schema_too_new`, `store_unavailable`
[[nodiscard]] Result<std::unique_ptr<storage::Store>> open_host_storage(const orkestr_storage& callbacks);

} // namespace orkestr::c
