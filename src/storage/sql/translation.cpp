#include "orkestr/storage/translation_repository.hpp"
#include "storage/sql/languages.hpp"

namespace orkestr::inline v1::storage::sql {
namespace {

class Translations final : public TranslationRepository {
 public:
  explicit Translations(Connection&) {}
};

} // namespace

std::unique_ptr<TranslationRepository> make_translations(Connection& connection) { return std::make_unique<Translations>(connection); }

} // namespace orkestr::inline v1::storage::sql
