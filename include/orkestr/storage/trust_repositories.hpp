// What the platform asks of a store beyond bookings: money, reviews, disputes, the proof of a business, admins, what was done, scores,
// mails, and how customers come in.
// As in repositories.hpp.
#pragma once

#include "orkestr/engine/admin.hpp"
#include "orkestr/engine/audit.hpp"
#include "orkestr/engine/customer_pass.hpp"
#include "orkestr/engine/dispute.hpp"
#include "orkestr/engine/kyb.hpp"
#include "orkestr/engine/mail.hpp"
#include "orkestr/engine/member.hpp"
#include "orkestr/engine/performance_score.hpp"
#include "orkestr/storage/repositories.hpp"

namespace orkestr::inline v1::storage {

/// Payments and refunds as gateways see them. Rows of payments are made and changed by BookingRepository, whose parts they are.
class PaymentRepository {
 public:
  virtual ~PaymentRepository() = default;
  [[nodiscard]] virtual std::optional<Payment> find(TenantId tenant, PaymentId id) const = 0;
  /// Global look-up, of a payment that was stored with this `gateway_id`.
  [[nodiscard]] virtual std::optional<Due<PaymentId>> find_by_gateway_id(std::string_view provider, std::string_view gateway_id) const = 0;
  /// Over all tenants: payments whose gateway is to be asked, oldest first.
  [[nodiscard]] virtual std::vector<Due<PaymentId>> due(Instant now, std::size_t limit) const = 0;

  /// By id.
  [[nodiscard]] virtual std::vector<Refund> refunds_of(TenantId tenant, BookingId booking) const = 0;
  [[nodiscard]] virtual std::optional<Refund> find_refund(TenantId tenant, RefundId id) const = 0;
  /// Over all tenants: refunds whose gateway is to be asked, oldest first.
  [[nodiscard]] virtual std::vector<Due<RefundId>> refunds_due(Instant now, std::size_t limit) const = 0;
  virtual void insert(TenantId tenant, const Refund& refund) = 0;
  virtual void update(TenantId tenant, const Refund& refund) = 0;

  [[nodiscard]] virtual std::optional<Subscription> subscription(TenantId tenant, BookingId booking) const = 0;
  /// Over all tenants: subscriptions whose renewal is due, oldest first.
  [[nodiscard]] virtual std::vector<Due<BookingId>> renewals_due(Instant now, std::size_t limit) const = 0;
  /// Adds or replaces.
  virtual void put(TenantId tenant, const Subscription& subscription) = 0;

  /// Notes an event of a gateway's. @returns false when it was noted before
  [[nodiscard]] virtual bool note_event(TenantId tenant, std::string_view provider, std::string_view event_id, Instant now) = 0;
  /// Over all tenants; at most `limit` events. @returns how many went
  virtual std::size_t erase_events_older_than(Instant limit_instant, std::size_t limit) = 0;
};

struct ReviewFilter {
  std::optional<OfferingId> offering_id;
  std::optional<int> rating;
  std::optional<bool> replied;
  std::optional<CustomerId> customer_id;
};

/// Whoever writes here changes the offering's ratings with it, by OfferingRepository::rate().
class ReviewRepository {
 public:
  virtual ~ReviewRepository() = default;
  [[nodiscard]] virtual std::optional<Review> find(TenantId tenant, ReviewId id) const = 0;
  [[nodiscard]] virtual std::optional<Review> find_by_author(TenantId tenant, OfferingId offering, CustomerId author) const = 0;
  [[nodiscard]] virtual std::vector<Review> list(TenantId tenant, const ReviewFilter& filter, const Page& page) const = 0;
  /// Of reviews written at `since` or later, whatever became of them.
  [[nodiscard]] virtual RatingTotals ratings_since(TenantId tenant, Instant since) const = 0;
  /// Refuses a second one of the same author and offering.
  virtual void insert(TenantId tenant, const Review& review) = 0;
  virtual void update(TenantId tenant, const Review& review) = 0;
  virtual void erase(TenantId tenant, ReviewId id) = 0;
};

struct DisputeFilter {
  std::optional<DisputeStatus> status;
  std::optional<BookingId> booking_id;
};

/// A dispute of some tenant.
struct TenantDispute {
  TenantId tenant;
  Dispute dispute;
};

class DisputeRepository {
 public:
  virtual ~DisputeRepository() = default;
  [[nodiscard]] virtual std::optional<Dispute> find(TenantId tenant, DisputeId id) const = 0;
  /// By id.
  [[nodiscard]] virtual std::vector<Dispute> of_booking(TenantId tenant, BookingId booking) const = 0;
  [[nodiscard]] virtual std::vector<Dispute> list(TenantId tenant, const DisputeFilter& filter, const Page& page) const = 0;
  /// Over all tenants.
  [[nodiscard]] virtual std::vector<TenantDispute> all(const DisputeFilter& filter, const Page& page) const = 0;
  /// Oldest first.
  [[nodiscard]] virtual std::vector<DisputeMessage> messages(TenantId tenant, DisputeId dispute) const = 0;
  [[nodiscard]] virtual std::size_t count_messages(TenantId tenant, DisputeId dispute) const = 0;
  /// Refuses a second one of a booking, unless all others are WITHDRAWN.
  virtual void insert(TenantId tenant, const Dispute& dispute) = 0;
  virtual void update(TenantId tenant, const Dispute& dispute) = 0;
  virtual void insert(TenantId tenant, const DisputeMessage& message) = 0;
};

/// A submission in the list over all tenants.
struct TenantKyb {
  TenantId tenant;
  KybSubmission submission;
};

/// A document and the submission that it was handed in with; none yet for a draft.
struct FoundKybDocument {
  KybDocument document;
  std::optional<KybId> kyb_id;
};

/// What businesses hand in to be verified. Contents come sealed (SecretBox) and are kept apart from names and sizes.
class KybRepository {
 public:
  virtual ~KybRepository() = default;
  /// Lets nobody else change drafts or submissions of the tenant until the transaction ends.
  virtual void lock(TenantId tenant) = 0;

  /// Submissions come with their documents.
  [[nodiscard]] virtual std::optional<KybSubmission> find(TenantId tenant, KybId id) const = 0;
  [[nodiscard]] virtual std::optional<KybSubmission> latest(TenantId tenant) const = 0;
  [[nodiscard]] virtual std::vector<KybSubmission> list(TenantId tenant, const Page& page) const = 0;
  /// Over all tenants, oldest first: those whose id is above `page.before`.
  [[nodiscard]] virtual std::vector<TenantKyb> all(KybStatus status, const Page& page) const = 0;
  /// Writes the row alone. Drafts become documents of it by attach_drafts().
  virtual void insert(TenantId tenant, const KybSubmission& submission) = 0;
  virtual void update(TenantId tenant, const KybSubmission& submission) = 0;

  /// A draft.
  virtual void insert_document(TenantId tenant, const KybDocument& document, std::string_view sealed) = 0;
  [[nodiscard]] virtual std::optional<FoundKybDocument> find_document(TenantId tenant, KybDocumentId id) const = 0;
  /// By id.
  [[nodiscard]] virtual std::vector<KybDocument> drafts(TenantId tenant) const = 0;
  virtual void attach_drafts(TenantId tenant, KybId submission) = 0;
  /// With its content; a document that was handed in stays.
  virtual void erase_draft(TenantId tenant, KybDocumentId id) = 0;
  [[nodiscard]] virtual std::optional<std::string> content(TenantId tenant, KybDocumentId id) const = 0;
  /// Replaces a content.
  virtual void put_content(TenantId tenant, KybDocumentId id, std::string_view sealed) = 0;
  /// Over all tenants, in the order of their ids and above `after`: contents that were not sealed under this key.
  [[nodiscard]] virtual std::vector<Due<KybDocumentId>> sealed_otherwise(std::string_view key, std::string_view after,
                                                                         std::size_t limit) const = 0;
};

struct AdminActionFilter {
  std::optional<AdminId> admin;
  std::optional<TenantId> tenant;
  std::optional<std::string> action;
  std::optional<Instant> from, to; ///< half-open
};

/// The platform's own admins, who are no tenant's, and what they did, which is append-only.
struct FoundAdminSession {
  Admin admin;
  AdminSession session;
};

class AdminRepository {
 public:
  virtual ~AdminRepository() = default;
  [[nodiscard]] virtual std::optional<Admin> find(AdminId id) const = 0;
  /// Revoked ones too: the caller decides.
  [[nodiscard]] virtual std::optional<Admin> find_by_prefix(std::string_view prefix) const = 0;
  [[nodiscard]] virtual std::vector<Admin> list(const Page& page) const = 0;
  virtual void insert(const Admin& admin) = 0;
  virtual void update(const Admin& admin) = 0;

  virtual void append(const AdminAction& action) = 0;
  [[nodiscard]] virtual std::vector<AdminAction> actions(const AdminActionFilter& filter, const Page& page) const = 0;

  /// The admin whose session it is, with the session; expired ones and those of revoked admins too: the caller decides.
  [[nodiscard]] virtual std::optional<FoundAdminSession> find_session(std::string_view token_hash) const = 0;
  virtual void insert_session(const AdminSession& session) = 0;
  virtual void erase_session(std::string_view token_hash) = 0;
  /// At most `limit` of those expired at or before `now`. @returns how many went
  virtual std::size_t erase_expired_sessions(Instant now, std::size_t limit) = 0;
};

struct AuditFilter {
  std::optional<ActorKind> actor;
  std::optional<std::string> actor_id, action, subject;
  std::optional<Instant> from, to; ///< half-open
};

/// Append-only.
class AuditRepository {
 public:
  virtual ~AuditRepository() = default;
  virtual void append(TenantId tenant, const AuditEntry& entry) = 0;
  [[nodiscard]] virtual std::vector<AuditEntry> list(TenantId tenant, const AuditFilter& filter, const Page& page) const = 0;
};

/// What the performance score of a business was worked out from.
struct TenantScore {
  ScoreInputs inputs;
  Instant computed_at;
};

/// A business in the marketplace.
struct RankedTenant {
  Tenant tenant;
  RatingTotals ratings; ///< of all reviews of its PUBLISHED offerings
  std::int64_t place = 0;
};
/// What a page of the marketplace begins behind.
[[nodiscard]] std::string ranking_place(const RankedTenant& row);

class ScoreRepository {
 public:
  virtual ~ScoreRepository() = default;
  [[nodiscard]] virtual std::optional<TenantScore> find(TenantId tenant) const = 0;
  /// Adds or replaces, and ranks the tenant by it.
  virtual void put(TenantId tenant, const TenantScore& score) = 0;
  /// Over all tenants: those without a score, then those whose score was computed before then, oldest first; at most `limit`.
  /// Looks at every tenant.
  [[nodiscard]] virtual std::vector<TenantId> due(Instant before, std::size_t limit) const = 0;
  /// Over all tenants: ACTIVE ones that have a score and a PUBLISHED offering, in the order of ranks_before(). A page begins behind a
  /// ranking_place(), and costs what it passes over on its way.
  [[nodiscard]] virtual std::vector<RankedTenant> ranking(const Page& page) const = 0;
};

/// Mails that are owed, and what became of them.
class MailRepository {
 public:
  virtual ~MailRepository() = default;
  [[nodiscard]] virtual std::optional<QueuedMail> find(TenantId tenant, MailId id) const = 0;
  /// Over all tenants: those to be sent, by when.
  [[nodiscard]] virtual std::vector<Due<MailId>> due(Instant now, std::size_t limit) const = 0;
  virtual void insert(TenantId tenant, const QueuedMail& mail) = 0;
  virtual void update(TenantId tenant, const QueuedMail& mail) = 0;
  /// Over all tenants; at most `limit` rows. @returns how many went
  virtual std::size_t erase_older_than(Instant limit_instant, std::size_t limit) = 0;
};

struct MemberFilter {
  std::optional<MemberStatus> status;
  std::optional<Role> role;
};

/// A session with all that decides what it may do.
struct FoundMemberSession {
  Tenant tenant;
  Member member;
  MemberSession session;
};

/// The people behind a business, and what they come in by.
class MemberRepository {
 public:
  virtual ~MemberRepository() = default;
  /// Lets nobody else change the tenant's members until the transaction ends.
  virtual void lock(TenantId tenant) = 0;

  [[nodiscard]] virtual std::optional<Member> find(TenantId tenant, MemberId id) const = 0;
  /// @param email  in lower case
  [[nodiscard]] virtual std::optional<Member> find_by_email(TenantId tenant, std::string_view email) const = 0;
  [[nodiscard]] virtual std::vector<Member> list(TenantId tenant, const MemberFilter& filter, const Page& page) const = 0;
  /// Refuses a second one of an address.
  virtual void insert(TenantId tenant, const Member& member) = 0;
  virtual void update(TenantId tenant, const Member& member) = 0;
  /// Of somebody who was invited and never came.
  virtual void erase(TenantId tenant, MemberId id) = 0;

  /// Expired ones too, until they are swept: the caller decides.
  [[nodiscard]] virtual std::optional<MemberPass> find_pass(TenantId tenant, MemberPassKind kind, std::string_view token_hash) const = 0;
  [[nodiscard]] virtual std::vector<MemberPass> passes_of(TenantId tenant, MemberId member, MemberPassKind kind) const = 0;
  virtual void insert(TenantId tenant, const MemberPass& pass) = 0;
  /// @returns whether it was there: of two that use one up at once, one is told so
  [[nodiscard]] virtual bool erase_pass(TenantId tenant, MemberPassKind kind, std::string_view token_hash) = 0;
  /// Of every kind, or of one.
  virtual void erase_passes_of(TenantId tenant, MemberId member, std::optional<MemberPassKind> kind) = 0;

  /// Expired ones and those of people who are gone too: the caller decides.
  [[nodiscard]] virtual std::optional<FoundMemberSession> find_session(TenantId tenant, std::string_view token_hash) const = 0;
  /// Newest first.
  [[nodiscard]] virtual std::vector<MemberSession> sessions_of(TenantId tenant, MemberId member) const = 0;
  virtual void insert(TenantId tenant, const MemberSession& session) = 0;
  /// Writes down that it, and with it its member, was seen.
  virtual void note_seen(TenantId tenant, SessionId session, Instant at) = 0;
  /// @returns whether it was there, and that member's
  [[nodiscard]] virtual bool erase_session(TenantId tenant, MemberId member, SessionId session) = 0;
  /// All but one of them, if one is named.
  virtual void erase_sessions_of(TenantId tenant, MemberId member, std::optional<SessionId> but) = 0;

  /// Over all tenants: passes and sessions expired at or before `now`; at most `limit` of each. @returns how many went
  virtual std::size_t erase_expired(Instant now, std::size_t limit) = 0;
};

/// Links and sessions of customers, by the hashes of their tokens.
class CustomerPassRepository {
 public:
  virtual ~CustomerPassRepository() = default;
  /// Expired ones too, until they are swept: the caller decides.
  [[nodiscard]] virtual std::optional<CustomerPass> find(TenantId tenant, PassKind kind, std::string_view token_hash) const = 0;
  [[nodiscard]] virtual std::size_t count_live(TenantId tenant, PassKind kind, std::string_view email, Instant now) const = 0;
  virtual void insert(TenantId tenant, const CustomerPass& pass) = 0;
  /// @returns whether it was there: of two that use one up at once, one is told so
  [[nodiscard]] virtual bool erase(TenantId tenant, PassKind kind, std::string_view token_hash) = 0;
  /// Over all tenants: those expired at or before `now`; at most `limit` rows. @returns how many went
  virtual std::size_t erase_expired(Instant now, std::size_t limit) = 0;
};

} // namespace orkestr::inline v1::storage
