// What a tenant sells, when and at what price, kept in memory: read with every booking, changed seldom.
//
// A transaction learns the version of its tenant's catalogue together with the first thing it asks (triggers keep it, see
// schema.cpp, so that changes by hand count too). What was read under a version is what that version says, so nothing here
// can be stale: an entry of another version is not found. A transaction that changes the catalogue reads past this.
#pragma once

#include "adapters/postgres/connection.hpp"

#include "orkestr/storage/store.hpp"

#include <mutex>
#include <unordered_map>

namespace orkestr::inline v1::storage::postgres {

/// @thread_safety safe
class CatalogueCache {
 public:
  void clear();

 private:
  friend class CachedRepositories;
  template <class T> class Part {
   public:
    std::shared_ptr<const T> find(const std::string& key, std::int64_t version) {
      const std::lock_guard guard(mutex_);
      const auto found = entries_.find(key);
      return found == entries_.end() || found->second.version != version ? nullptr : found->second.value;
    }
    void put(const std::string& key, std::int64_t version, std::shared_ptr<const T> value) {
      const std::lock_guard guard(mutex_);
      if (entries_.size() >= most) entries_.clear();
      entries_.insert_or_assign(key, Entry{version, std::move(value)});
    }
    void clear() {
      const std::lock_guard guard(mutex_);
      entries_.clear();
    }

   private:
    static constexpr std::size_t most = 20'000;
    struct Entry {
      std::int64_t version;
      std::shared_ptr<const T> value;
    };
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
  };
  Part<std::optional<Offering>> offerings_;
  Part<std::vector<AvailabilityRule>> rules_;
  Part<std::vector<AvailabilityException>> exceptions_;
  Part<std::vector<PricingRule>> pricing_rules_;
  Part<std::optional<RiskPolicy>> policies_;
};

/// The repositories of one connection, with the cache in front of those it knows about.
class CachedRepositories {
 public:
  CachedRepositories(Connection& connection, CatalogueCache& cache, Repositories inner);
  ~CachedRepositories();
  [[nodiscard]] Repositories all() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace orkestr::inline v1::storage::postgres
