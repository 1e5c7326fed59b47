#include "orkestr/storage/assistant_repository.hpp"
#include "storage/memory/languages.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class AssistantUse final : public AssistantRepository {
 public:
  explicit AssistantUse(UndoLog&) {}
};

} // namespace

std::unique_ptr<AssistantRepository> make_assistant(UndoLog& undo) { return std::make_unique<AssistantUse>(undo); }

} // namespace orkestr::inline v1::storage::memory
