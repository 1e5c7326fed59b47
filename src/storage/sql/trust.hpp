// Money, reviews, disputes, the proof of a business, admins, what was done, scores, mails, passes and members, over SQL.
#pragma once

#include "storage/sql/connection.hpp"

#include "orkestr/storage/store.hpp"

#include <memory>

namespace orkestr::inline v1::storage::sql {

[[nodiscard]] std::unique_ptr<PaymentRepository> make_payments(Connection& connection);
[[nodiscard]] std::unique_ptr<ReviewRepository> make_reviews(Connection& connection);
[[nodiscard]] std::unique_ptr<DisputeRepository> make_disputes(Connection& connection);
[[nodiscard]] std::unique_ptr<KybRepository> make_kyb(Connection& connection);
[[nodiscard]] std::unique_ptr<AdminRepository> make_admins(Connection& connection);
[[nodiscard]] std::unique_ptr<AuditRepository> make_audit(Connection& connection);
[[nodiscard]] std::unique_ptr<ScoreRepository> make_scores(Connection& connection);
[[nodiscard]] std::unique_ptr<MailRepository> make_mails(Connection& connection);
[[nodiscard]] std::unique_ptr<CustomerPassRepository> make_customer_passes(Connection& connection);
[[nodiscard]] std::unique_ptr<MemberRepository> make_members(Connection& connection);

/// One of each, on one connection.
class TrustParts {
 public:
  explicit TrustParts(Connection& c)
      : payments_(make_payments(c)),
        reviews_(make_reviews(c)),
        disputes_(make_disputes(c)),
        kyb_(make_kyb(c)),
        admins_(make_admins(c)),
        audit_(make_audit(c)),
        scores_(make_scores(c)),
        mails_(make_mails(c)),
        customer_passes_(make_customer_passes(c)),
        members_(make_members(c)) {}
  [[nodiscard]] TrustRepositories all() const {
    return {*payments_, *reviews_, *disputes_, *kyb_, *admins_, *audit_, *scores_, *mails_, *customer_passes_, *members_};
  }

 private:
  std::unique_ptr<PaymentRepository> payments_;
  std::unique_ptr<ReviewRepository> reviews_;
  std::unique_ptr<DisputeRepository> disputes_;
  std::unique_ptr<KybRepository> kyb_;
  std::unique_ptr<AdminRepository> admins_;
  std::unique_ptr<AuditRepository> audit_;
  std::unique_ptr<ScoreRepository> scores_;
  std::unique_ptr<MailRepository> mails_;
  std::unique_ptr<CustomerPassRepository> customer_passes_;
  std::unique_ptr<MemberRepository> members_;
};

} // namespace orkestr::inline v1::storage::sql
