#include "orkestr/storage/assistant_repository.hpp"
#include "storage/sql/languages.hpp"

namespace orkestr::inline v1::storage::sql {
namespace {

class AssistantUse final : public AssistantRepository {
 public:
  explicit AssistantUse(Connection&) {}
};

} // namespace

std::unique_ptr<AssistantRepository> make_assistant(Connection& connection) { return std::make_unique<AssistantUse>(connection); }

} // namespace orkestr::inline v1::storage::sql
