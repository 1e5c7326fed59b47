#include "orkestr/storage/translation_repository.hpp"
#include "storage/memory/languages.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class Translations final : public TranslationRepository {
 public:
  explicit Translations(UndoLog&) {}
};

} // namespace

std::unique_ptr<TranslationRepository> make_translations(UndoLog& undo) { return std::make_unique<Translations>(undo); }

} // namespace orkestr::inline v1::storage::memory
