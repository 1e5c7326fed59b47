#include "orkestr/storage/search_repository.hpp"
#include "storage/sql/languages.hpp"

namespace orkestr::inline v1::storage::sql {
namespace {

class SearchIndex final : public SearchRepository {
 public:
  explicit SearchIndex(Connection&) {}
};

} // namespace

std::unique_ptr<SearchRepository> make_search(Connection& connection) { return std::make_unique<SearchIndex>(connection); }

} // namespace orkestr::inline v1::storage::sql
