// The storage contract: what every store must do, as checks that run on any of them. A new backend, ours or an
// embedder's own, is tested by handing run_contract() a way to make empty stores.
#pragma once

#include "orkestr/storage/store.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace orkestr::storage_contract {

struct Backend {
  std::string name;
  /// Makes a store without rows; it is destroyed before the next one is made.
  std::function<std::unique_ptr<storage::Store>()> make;
};

struct Check {
  std::string name;
  void (*run)(storage::Store& empty_store);
};

/// Every field of every row, there and back.
[[nodiscard]] std::vector<Check> field_checks();
/// Look-ups, filters, pages, what deletion hides.
[[nodiscard]] std::vector<Check> list_checks();
/// What bookings stand on: claims, the redemptions of coupons, completion.
[[nodiscard]] std::vector<Check> booking_checks();
/// The feed of events, the queue of deliveries, notifications.
[[nodiscard]] std::vector<Check> outbox_checks();
/// Money as gateways see it, reviews, disputes, the proof of a business, admins, the audit log, scores.
[[nodiscard]] std::vector<Check> trust_checks();
/// Imports, custom domains, calendars.
[[nodiscard]] std::vector<Check> portal_checks();
/// What offerings are found by.
[[nodiscard]] std::vector<Check> search_checks();
/// Members, and what they and admins come in by.
[[nodiscard]] std::vector<Check> member_checks();
/// Languages, and what texts are in them.
[[nodiscard]] std::vector<Check> translation_checks();
/// What the assistant costs.
[[nodiscard]] std::vector<Check> assistant_checks();
/// Uniqueness, isolation of tenants, undoing, snapshots, many threads.
[[nodiscard]] std::vector<Check> transaction_checks();

/// Runs every check on a store of its own, each as a doctest subcase that names backend and check. To be called from
/// a TEST_CASE.
void run_contract(const Backend& backend);

} // namespace orkestr::storage_contract
