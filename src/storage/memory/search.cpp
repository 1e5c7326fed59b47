#include "orkestr/storage/search_repository.hpp"
#include "storage/memory/languages.hpp"

namespace orkestr::inline v1::storage::memory {
namespace {

class SearchIndex final : public SearchRepository {
 public:
  explicit SearchIndex(UndoLog&) {}
};

} // namespace

std::unique_ptr<SearchRepository> make_search(UndoLog& undo) { return std::make_unique<SearchIndex>(undo); }

} // namespace orkestr::inline v1::storage::memory
