// The schema, as numbered steps. A step that has shipped is never edited: a change is a new step.
#pragma once

#include <span>
#include <string_view>

namespace orkestr::inline v1::storage::sql {

/// Step n brings a store from version n to n + 1. Each is a list of statements for both databases.
[[nodiscard]] std::span<const std::string_view> migrations();

} // namespace orkestr::inline v1::storage::sql
