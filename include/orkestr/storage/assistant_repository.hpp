// What the assistant has cost a tenant. As in repositories.hpp.
#pragma once

#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage {

/// What was asked of a language model on a day (of UTC), or what is added to that. Tokens include those that are set aside for requests that
/// are under way.
struct ModelSpend {
  LocalDate day;
  std::int64_t requests = 0, prompt_tokens = 0, completion_tokens = 0;

  [[nodiscard]] std::int64_t tokens() const { return prompt_tokens + completion_tokens; }
};

class AssistantRepository {
 public:
  virtual ~AssistantRepository() = default;
  /// Zeros for a day on which nothing was asked.
  [[nodiscard]] virtual ModelSpend spent(TenantId tenant, LocalDate day) const = 0;
  /// Adds to a day; what is negative is taken off. Of two transactions that have read the day and add to it at once, one is run again, or
  /// waits before it reads.
  virtual void add(TenantId tenant, const ModelSpend& more) = 0;
};

} // namespace orkestr::inline v1::storage
