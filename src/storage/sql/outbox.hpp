// Events, what they are fanned out to, and notifications, over SQL.
#pragma once

#include "storage/sql/connection.hpp"

#include "orkestr/storage/repositories.hpp"

#include <memory>

namespace orkestr::inline v1::storage::sql {

class OutboxRepositories {
 public:
  explicit OutboxRepositories(Connection& connection);
  ~OutboxRepositories();
  [[nodiscard]] EventRepository& events() const;
  [[nodiscard]] WebhookRepository& webhooks() const;
  [[nodiscard]] DeliveryRepository& deliveries() const;
  [[nodiscard]] NotificationRepository& notifications() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace orkestr::inline v1::storage::sql
