// The subcommands backup, restore, check, export-tenant and import-tenant.
#pragma once

#include "config.hpp"

namespace orkestr::server {

/// @returns the exit code: 1 when it failed or, of a check, when something is wrong
[[nodiscard]] int run_archive_command(const Config& config);

} // namespace orkestr::server
