// What a tenant sells, when and at what price, and who is told of it, kept in memory: read with every booking, changed seldom.
//
// A transaction learns the version of its tenant's catalogue together with the first thing it asks (triggers keep it, see
// schema.cpp, so that changes by hand count too). What was read under a version is what that version says: an entry of another
// version is not used. Until the version is here, that of the entry is assumed; a transaction that assumed wrongly comes to
// nothing and runs again (Connection::settle). A transaction that changes the catalogue reads past this.
#pragma once

#include "adapters/postgres/connection.hpp"

#include "orkestr/storage/store.hpp"

#include <mutex>
#include <unordered_map>
#include <variant>

namespace orkestr::inline v1::storage::postgres {

/// @thread_safety safe
class CatalogueCache {
 public:
  void clear();
  /// Assumes nothing of this tenant, or with '*' of any, until its version has been asked for: after a change of one's own.
  void doubt(const std::string& tenant);

 private:
  friend class CachedRepositories;
  template <class T> class Part {
   public:
    struct Entry {
      std::int64_t version = 0;
      std::shared_ptr<const T> value;
    };
    Entry find(const std::string& key) {
      const std::lock_guard guard(mutex_);
      const auto found = entries_.find(key);
      return found == entries_.end() ? Entry{} : found->second;
    }
    void put(const std::string& key, std::int64_t version, std::shared_ptr<const T> value) {
      const std::lock_guard guard(mutex_);
      if (entries_.size() >= most) entries_.clear();
      entries_.insert_or_assign(key, Entry{version, std::move(value)});
    }
    void erase(const std::string& key) {
      const std::lock_guard guard(mutex_);
      entries_.erase(key);
    }
    void clear() {
      const std::lock_guard guard(mutex_);
      entries_.clear();
    }

   private:
    static constexpr std::size_t most = 20'000;
    std::mutex mutex_;
    std::unordered_map<std::string, Entry> entries_;
  };
  /// Of each tenant, as this server saw it last.
  Part<std::monostate> versions_;
  Part<std::optional<Offering>> offerings_;
  Part<std::vector<AvailabilityRule>> rules_;
  Part<std::vector<AvailabilityException>> exceptions_;
  Part<std::vector<PricingRule>> pricing_rules_;
  Part<std::optional<RiskPolicy>> policies_;
  Part<std::vector<Webhook>> webhooks_;
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
