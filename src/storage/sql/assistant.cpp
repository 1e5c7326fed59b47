#include "orkestr/storage/assistant_repository.hpp"
#include "storage/sql/languages.hpp"
#include "storage/sql/repository.hpp"

namespace orkestr::inline v1::storage::sql {

template <> struct Row<ModelSpend> {
  using T = ModelSpend;
  static constexpr std::string_view table = "assistant_usage";
  static constexpr auto columns =
      std::make_tuple(column("day", &T::day), column("requests", &T::requests), column("prompt_tokens", &T::prompt_tokens),
                      column("completion_tokens", &T::completion_tokens));
};

namespace {

class AssistantUse final : public AssistantRepository, Base {
 public:
  using Base::Base;
  ModelSpend spent(TenantId tenant, LocalDate day) const override {
    static const std::string sql = select<ModelSpend>("AND day = $2");
    return query_one<ModelSpend>(db_, sql, tenant, day).value_or(ModelSpend{day, 0, 0, 0});
  }
  void add(TenantId tenant, const ModelSpend& more) override {
    run(db_,
        "INSERT INTO assistant_usage (tenant_id, day, requests, prompt_tokens, completion_tokens) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (tenant_id, day) DO UPDATE SET requests = assistant_usage.requests + excluded.requests,"
        " prompt_tokens = assistant_usage.prompt_tokens + excluded.prompt_tokens,"
        " completion_tokens = assistant_usage.completion_tokens + excluded.completion_tokens",
        tenant, more.day, more.requests, more.prompt_tokens, more.completion_tokens);
  }
};

} // namespace

std::unique_ptr<AssistantRepository> make_assistant(Connection& connection) { return std::make_unique<AssistantUse>(connection); }

} // namespace orkestr::inline v1::storage::sql
