#include "orkestr/engine/admin.hpp"

#include "orkestr/engine/risk.hpp"

namespace orkestr::inline v1 {

void validate(const Admin& admin, json::Reader& reader) {
  if (!is_email(admin.email)) reader.fault_at("email", "invalid_format", "Use an address such as ada@example.com.");
}

std::span<const TenantTransition> tenant_transitions() {
  using enum TenantStatus;
  using enum TenantAction;
  static constexpr TenantTransition table[] = {{pending, approve, active}, {active, suspend, suspended}, {suspended, reinstate, active},
                                               {pending, close, closed},   {active, close, closed},      {closed, reinstate, active}};
  return table;
}

std::string tenant_transitions_markdown() {
  std::string text = "| from | action | to |\n|---|---|---|\n";
  for (const auto& row : tenant_transitions())
    for (std::string_view part : {std::string_view{"| "}, json::name_of(row.from), std::string_view{" | "}, json::name_of(row.action),
                                  std::string_view{" | "}, json::name_of(row.to), std::string_view{" |\n"}})
      text += part;
  return text;
}

Result<TenantStatus> next_status(TenantStatus from, TenantAction action) {
  TenantStatus other = from; // where the action leads from elsewhere
  for (const auto& row : tenant_transitions()) {
    if (row.action != action) continue;
    if (row.from == from) return row.to;
    other = row.to;
  }
  return fail(Code::invalid_transition, "A tenant that is " + std::string{json::name_of(from)} + " can't be made " +
                                            std::string{json::name_of(other)} + " by " + std::string{json::name_of(action)} + ".");
}

} // namespace orkestr::inline v1
