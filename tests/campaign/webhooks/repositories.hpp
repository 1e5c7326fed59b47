// Repositories around the real ones: they say what a transaction did, and hold the bugs that the webhook campaign plants.
#pragma once

#include "campaign/webhooks/wrappers.hpp"

namespace orkestr::campaign {

inline bool every_20th() {
  static std::atomic<unsigned> count{0};
  return ++count % 20 == 0;
}

/// What one run of a transaction did.
struct Done {
  bool took = false, settled = false;
  std::vector<std::pair<TenantId, Delivery>> held_back;
};

class CampaignWebhooks final : public storage::WebhookRepository {
 public:
  using Page = storage::Page;
  CampaignWebhooks(WebhookRepository& real, const Sabotage& sabotage, Done& done) : real_(real), sabotage_(sabotage), done_(done) {}

  std::optional<Webhook> find(TenantId tenant, WebhookId id) const override { return real_.find(tenant, id); }
  std::vector<Webhook> list(TenantId tenant, const Page& page) const override { return real_.list(tenant, page); }
  std::vector<Webhook> active(TenantId tenant) const override { return real_.active(tenant); }
  std::vector<storage::Due<WebhookId>> all(std::string_view after, std::size_t limit) const override { return real_.all(after, limit); }
  void insert(TenantId tenant, const Webhook& webhook) override { real_.insert(tenant, webhook); }
  void update(TenantId tenant, const Webhook& webhook) override { real_.update(tenant, webhook); }
  void erase(TenantId tenant, WebhookId id) override { real_.erase(tenant, id); }
  std::optional<WebhookEndpoint> endpoint(TenantId tenant, WebhookId id) const override {
    auto endpoint = real_.endpoint(tenant, id);
    if (endpoint && ignores_leases()) endpoint->owner = owner;
    return endpoint;
  }
  std::vector<storage::Due<WebhookId>> due(std::string_view asking, Instant now, std::size_t limit) const override {
    auto due = real_.due(asking, now, limit);
    if (ignores_leases())
      for (const auto& other : sabotage_.owners)
        for (const auto& row : real_.due(other, now, limit))
          if (std::ranges::find(due, row.id, &storage::Due<WebhookId>::id) == due.end()) due.push_back(row);
    return due;
  }
  std::vector<storage::Due<WebhookId>> owed_in_vain(std::size_t limit) const override { return real_.owed_in_vain(limit); }
  std::optional<WebhookEndpoint> take(TenantId tenant, WebhookId id, std::string_view taking, Instant now, Instant until) override {
    done_.took = true;
    if (ignores_leases())
      if (const auto endpoint = real_.endpoint(tenant, id)) real_.release(endpoint->owner);
    return real_.take(tenant, id, taking, now, until);
  }
  void put_endpoint(TenantId tenant, const WebhookEndpoint& endpoint) override { real_.put_endpoint(tenant, endpoint); }
  void clear_endpoint(TenantId tenant, WebhookId id) override { real_.clear_endpoint(tenant, id); }
  void release(std::string_view whose) override { real_.release(whose); }
  Breakers breakers(Instant now) const override { return real_.breakers(now); }

  std::string owner; ///< of the dispatcher whose view this is

 private:
  [[nodiscard]] bool ignores_leases() const { return sabotage_.bug == Bug::ignores_leases; }
  WebhookRepository& real_;
  const Sabotage& sabotage_;
  Done& done_;
};

class CampaignDeliveries final : public storage::DeliveryRepository {
 public:
  using Filter = storage::DeliveryFilter;
  using Page = storage::Page;
  CampaignDeliveries(DeliveryRepository& real, const storage::EventRepository& events, Bug bug, Done& done)
      : real_(real), events_(events), bug_(bug), done_(done) {}

  std::optional<Delivery> find(TenantId tenant, DeliveryId id) const override { return real_.find(tenant, id); }
  std::vector<Delivery> list(TenantId tenant, WebhookId webhook, const Filter& filter, const Page& page) const override {
    return real_.list(tenant, webhook, filter, page);
  }
  std::size_t count(TenantId tenant, WebhookId webhook, const Filter& filter) const override {
    return real_.count(tenant, webhook, filter);
  }
  std::vector<DeliveryAttempt> attempts(TenantId tenant, DeliveryId id) const override { return real_.attempts(tenant, id); }
  std::optional<Delivery> ahead_of(TenantId tenant, const Delivery& delivery) const override { return real_.ahead_of(tenant, delivery); }
  std::vector<Ready> due(TenantId tenant, WebhookId webhook, bool retrying, Instant now, std::size_t limit) const override {
    if (bug_ == Bug::never_retries && retrying) return {};
    if (bug_ != Bug::ignores_order) return real_.due(tenant, webhook, retrying, now, limit);
    std::vector<Ready> ready;
    for (auto& row : real_.list(tenant, webhook, {DeliveryStatus::pending, {}, {}, {}}, {10'000, {}}))
      if (row.retrying() == retrying && row.next_attempt_at <= now && ready.size() < limit)
        ready.push_back({row, body_of(tenant, row.event_id)});
    return ready;
  }
  std::optional<Instant> oldest_pending() const override { return real_.oldest_pending(); }

  void insert(TenantId tenant, const Delivery& delivery) override {
    if (bug_ == Bug::drops_deliveries && every_20th()) return;
    if (bug_ == Bug::fans_out_later)
      done_.held_back.emplace_back(tenant, delivery);
    else
      real_.insert(tenant, delivery);
  }
  void settle(TenantId tenant, const Delivery& delivery, int attempts_so_far) override {
    done_.settled = true;
    if (bug_ == Bug::loses_outcomes && delivery.status == DeliveryStatus::succeeded && every_20th()) return;
    if (bug_ == Bug::gives_up_early && delivery.status == DeliveryStatus::pending && delivery.attempts == 2) {
      Delivery dead = delivery;
      dead.status = DeliveryStatus::dead;
      dead.finished_at = std::exchange(dead.next_attempt_at, {});
      return real_.settle(tenant, dead, attempts_so_far);
    }
    if (bug_ == Bug::settles_blindly) {
      const auto now = real_.find(tenant, delivery.id);
      if (!now) return;
      if (now->status != DeliveryStatus::pending) (void)real_.replay(tenant, delivery.id, delivery.created_at);
      return real_.settle(tenant, delivery, now->attempts);
    }
    real_.settle(tenant, delivery, attempts_so_far);
  }
  void insert_attempt(TenantId tenant, const DeliveryAttempt& attempt) override {
    if (bug_ != Bug::logs_too_little || !every_20th()) real_.insert_attempt(tenant, attempt);
  }
  bool replay(TenantId tenant, DeliveryId id, Instant now) override { return real_.replay(tenant, id, now); }
  std::size_t replay(TenantId tenant, WebhookId webhook, const Filter& filter, Instant now) override {
    return real_.replay(tenant, webhook, filter, now);
  }
  std::size_t kill(TenantId tenant, WebhookId webhook, std::string_view error, Instant now) override {
    return real_.kill(tenant, webhook, error, now);
  }
  std::size_t erase_older_than(Instant instant, std::size_t limit) override { return real_.erase_older_than(instant, limit); }

 private:
  [[nodiscard]] std::string body_of(TenantId tenant, EventId id) const {
    for (auto& event : events_.list(tenant, "", 100'000))
      if (event.id == id) return std::move(event.body);
    return {};
  }
  DeliveryRepository& real_;
  const storage::EventRepository& events_;
  Bug bug_;
  Done& done_;
};

} // namespace orkestr::campaign
