// What a catalogue is searched by. As in repositories.hpp.
#pragma once

#include "orkestr/engine/search_index.hpp"
#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage {

/// An offering that has a term, and how much that term says of it.
struct SearchPosting {
  OfferingId offering;
  int weight = 0;
  friend bool operator==(const SearchPosting&, const SearchPosting&) = default;
};

/// Which offerings have which terms; the engine makes the terms, so that every store finds the same. Deleted offerings have none.
class SearchRepository {
 public:
  virtual ~SearchRepository() = default;
  /// Of these terms (64 at most), those that some offering has, in their order.
  [[nodiscard]] virtual std::vector<std::string> known(TenantId tenant, std::span<const std::string> terms) const = 0;
  /// The first terms that begin so, in the order of their bytes.
  [[nodiscard]] virtual std::vector<std::string> starting(TenantId tenant, std::string_view prefix, std::size_t limit) const = 0;
  /// Those that have the term in their source or in that locale: by falling weight, then newest first; one offering twice
  /// where both have it.
  [[nodiscard]] virtual std::vector<SearchPosting> postings(TenantId tenant, std::string_view term, std::string_view locale,
                                                            std::size_t limit) const = 0;
  /// Replaces the terms of an offering in a locale; the source's is empty.
  virtual void put(TenantId tenant, OfferingId offering, std::string_view locale, std::span<const SearchTerm> terms) = 0;
  /// Of every locale.
  virtual void erase(TenantId tenant, OfferingId offering) = 0;
  /// Has the offering wait to be indexed by due work: of many that come at once, which would keep other writers waiting.
  virtual void defer(TenantId tenant, OfferingId offering) = 0;
  /// Offerings that wait so, and those that were there before there was an index: of all tenants.
  [[nodiscard]] virtual std::vector<Due<OfferingId>> pending(std::size_t limit) const = 0;
  [[nodiscard]] virtual bool has_pending(TenantId tenant) const = 0;
  virtual void settle(TenantId tenant, OfferingId offering) = 0;
};

} // namespace orkestr::inline v1::storage
