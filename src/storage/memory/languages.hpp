// Translations, the search index and what the assistant costs, in memory.
#pragma once

#include "storage/memory_table.hpp"

#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::inline v1::storage::memory {

[[nodiscard]] std::unique_ptr<TranslationRepository> make_translations(UndoLog& undo);
[[nodiscard]] std::unique_ptr<SearchRepository> make_search(UndoLog& undo);
[[nodiscard]] std::unique_ptr<AssistantRepository> make_assistant(UndoLog& undo);

/// One of each.
class LanguageParts {
 public:
  explicit LanguageParts(UndoLog& undo);
  ~LanguageParts();
  [[nodiscard]] LanguageRepositories all() const { return {*translations_, *search_, *assistant_}; }

 private:
  std::unique_ptr<TranslationRepository> translations_;
  std::unique_ptr<SearchRepository> search_;
  std::unique_ptr<AssistantRepository> assistant_;
};

} // namespace orkestr::inline v1::storage::memory
