// Translations, the search index and what the assistant costs, over SQL.
#pragma once

#include "storage/sql/connection.hpp"

#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::inline v1::storage::sql {

[[nodiscard]] std::unique_ptr<TranslationRepository> make_translations(Connection& connection);
[[nodiscard]] std::unique_ptr<SearchRepository> make_search(Connection& connection);
[[nodiscard]] std::unique_ptr<AssistantRepository> make_assistant(Connection& connection);

/// One of each.
class LanguageParts {
 public:
  explicit LanguageParts(Connection& connection);
  ~LanguageParts();
  [[nodiscard]] LanguageRepositories all() const { return {*translations_, *search_, *assistant_}; }

 private:
  std::unique_ptr<TranslationRepository> translations_;
  std::unique_ptr<SearchRepository> search_;
  std::unique_ptr<AssistantRepository> assistant_;
};

} // namespace orkestr::inline v1::storage::sql
