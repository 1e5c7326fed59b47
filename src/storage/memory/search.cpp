#include "orkestr/storage/search_repository.hpp"
#include "storage/memory/languages.hpp"

#include <algorithm>

namespace orkestr::inline v1::storage::memory {
namespace {

class SearchIndex final : public SearchRepository {
 public:
  explicit SearchIndex(UndoLog& undo)
      : terms_(undo, "search_terms"), by_offering_(undo, "search_terms by offering"), pending_(undo, "search_pending") {}

  std::vector<std::string> known(TenantId tenant, std::span<const std::string> terms) const override {
    std::vector<std::string> found;
    for (const auto& term : terms)
      if (!terms_.range(tenant, std::string_view{term}).empty()) found.push_back(term);
    return found;
  }
  std::vector<std::string> starting(TenantId tenant, std::string_view prefix, std::size_t limit) const override {
    std::vector<std::string> found;
    for (auto at = terms_.from(tenant, prefix); at != terms_.rows().end() && found.size() < limit; ++at) {
      const auto& [of, term, locale, offering] = at->first;
      if (of != tenant || !term.starts_with(prefix)) break;
      if (found.empty() || found.back() != term) found.push_back(term);
    }
    return found;
  }
  std::vector<SearchPosting> postings(TenantId tenant, std::string_view term, std::string_view locale, std::size_t limit) const override {
    std::vector<SearchPosting> found;
    for (const auto& [key, weight] : terms_.range(tenant, term)) {
      const auto& of = std::get<2>(key);
      if (of.empty() || of == locale) found.push_back({std::get<3>(key), weight});
    }
    std::ranges::sort(found, [](const auto& a, const auto& b) {
      return a.weight != b.weight ? a.weight > b.weight : a.offering.view() > b.offering.view();
    });
    if (found.size() > limit) found.resize(limit);
    return found;
  }
  void put(TenantId tenant, OfferingId offering, std::string_view locale, std::span<const SearchTerm> terms) override {
    erase_of(tenant, offering, std::string{locale});
    for (const auto& [term, weight] : terms) {
      terms_.put({tenant, term, std::string{locale}, offering}, weight);
      by_offering_.put({tenant, offering, std::string{locale}, term}, {});
    }
  }
  void erase(TenantId tenant, OfferingId offering) override { erase_of(tenant, offering, std::nullopt); }
  void defer(TenantId tenant, OfferingId offering) override { pending_.put({tenant, offering}, {}); }
  std::vector<Due<OfferingId>> pending(std::size_t limit) const override {
    std::vector<Due<OfferingId>> due;
    for (const auto& [key, nothing] : pending_.rows()) {
      if (due.size() == limit) break;
      due.push_back({std::get<0>(key), std::get<1>(key)});
    }
    return due;
  }
  bool has_pending(TenantId tenant) const override { return !pending_.range(tenant).empty(); }
  void settle(TenantId tenant, OfferingId offering) override { pending_.erase({tenant, offering}); }

 private:
  void erase_of(TenantId tenant, OfferingId offering, const std::optional<std::string>& locale) {
    std::vector<std::tuple<TenantId, OfferingId, std::string, std::string>> keys;
    for (const auto& [key, nothing] : by_offering_.range(tenant, offering))
      if (!locale || std::get<2>(key) == *locale) keys.push_back(key);
    for (const auto& key : keys) {
      terms_.erase({tenant, std::get<3>(key), std::get<2>(key), offering});
      by_offering_.erase(key);
    }
  }

  Table<std::tuple<TenantId, std::string, std::string, OfferingId>, int> terms_;
  Table<std::tuple<TenantId, OfferingId, std::string, std::string>, Nothing> by_offering_;
  Table<std::tuple<TenantId, OfferingId>, Nothing> pending_;
};

} // namespace

std::unique_ptr<SearchRepository> make_search(UndoLog& undo) { return std::make_unique<SearchIndex>(undo); }

} // namespace orkestr::inline v1::storage::memory
