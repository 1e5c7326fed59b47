#include "storage/memory/languages.hpp"

#include "orkestr/storage/assistant_repository.hpp"
#include "orkestr/storage/search_repository.hpp"
#include "orkestr/storage/translation_repository.hpp"

namespace orkestr::inline v1::storage::memory {

LanguageParts::LanguageParts(UndoLog& undo)
    : translations_(make_translations(undo)), search_(make_search(undo)), assistant_(make_assistant(undo)) {}
LanguageParts::~LanguageParts() = default;

} // namespace orkestr::inline v1::storage::memory
