// Slugs for many offerings of one transaction, without asking again for those that were tried.
#pragma once

#include "orkestr/platform/use_cases.hpp"

#include <set>
#include <unordered_map>

namespace orkestr::inline v1 {

class SlugMaker {
 public:
  explicit SlugMaker(WriteContext& cx) : cx_(cx) {}

  /// Keeps a slug from being made, if it is one.
  void reserve(const std::string& slug) {
    if (!slug.empty()) taken_.insert(slug);
  }
  /// As first_free_slug(); of many titles that are alike, each goes on where the last one was.
  [[nodiscard]] std::string make(std::string_view title) {
    const auto base = make_slug(title);
    int& last = last_[base];
    std::string slug;
    do {
      slug = ++last == 1 ? base : numbered_slug(base, last);
    } while (taken(slug));
    taken_.insert(slug);
    return slug;
  }

 private:
  bool taken(const std::string& slug) const { return taken_.contains(slug) || cx_.tx.offerings().find_by_slug(cx_.tenant, slug); }

  WriteContext& cx_;
  std::set<std::string> taken_;
  std::unordered_map<std::string, int> last_;
};

} // namespace orkestr::inline v1
