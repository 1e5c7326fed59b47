#include "storage/sql/languages.hpp"

#include "orkestr/storage/assistant_repository.hpp"
#include "orkestr/storage/search_repository.hpp"
#include "orkestr/storage/translation_repository.hpp"

namespace orkestr::inline v1::storage::sql {

LanguageParts::LanguageParts(Connection& connection)
    : translations_(make_translations(connection)), search_(make_search(connection)), assistant_(make_assistant(connection)) {}
LanguageParts::~LanguageParts() = default;

} // namespace orkestr::inline v1::storage::sql
