#include "orkestr/storage/assistant_repository.hpp"
#include "storage/memory/languages.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class AssistantUse final : public AssistantRepository {
 public:
  explicit AssistantUse(UndoLog& undo) : rows_(undo, "assistant_usage") {}

  ModelSpend spent(TenantId tenant, LocalDate day) const override {
    return rows_.copy(tenant, std::int64_t{day.days}).value_or(ModelSpend{day, 0, 0, 0});
  }
  void add(TenantId tenant, const ModelSpend& more) override {
    auto row = spent(tenant, more.day);
    row.requests += more.requests;
    row.prompt_tokens += more.prompt_tokens;
    row.completion_tokens += more.completion_tokens;
    rows_.put({tenant, more.day.days}, row);
  }

 private:
  Table<std::tuple<TenantId, std::int64_t>, ModelSpend> rows_;
};

} // namespace

std::unique_ptr<AssistantRepository> make_assistant(UndoLog& undo) { return std::make_unique<AssistantUse>(undo); }

} // namespace orkestr::inline v1::storage::memory
