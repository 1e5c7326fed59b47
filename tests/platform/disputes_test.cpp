// Disputes by the library: what each party does, what it comes to, and two who act at once.
#include "platform/trust_world.hpp"

#include <atomic>
#include <thread>

using namespace orkestr;
using namespace orkestr::test;
using Texts = std::vector<std::string>;

namespace {

const DisputeActor customer{DisputeParty::customer, "cus_1"}, provider{DisputeParty::provider, "key_1"},
    admin{DisputeParty::admin, "adm_1"};

struct World : TrustWorld {
  using TrustWorld::TrustWorld;

  Result<Dispute> open(const Booking& about, const DisputeActor& by = customer) {
    return write([&](WriteContext& cx) {
      Dispute draft;
      draft.reason = "The door was locked.";
      return open_dispute(cx, about.id, draft, by);
    });
  }
  Result<DisputeMessage> message(DisputeId id, const DisputeActor& by, std::string text = "Well…") {
    return write([&](WriteContext& cx) {
      DisputeMessage draft;
      draft.text = std::move(text);
      draft.evidence_urls = {{"https://example.com/a.jpg"}};
      return post_message(cx, id, draft, by);
    });
  }
  Result<Dispute> escalate(DisputeId id, const DisputeActor& by) {
    return write([&](WriteContext& cx) { return escalate_dispute(cx, id, by); });
  }
  Result<Dispute> withdraw(DisputeId id, const DisputeActor& by) {
    return write([&](WriteContext& cx) { return withdraw_dispute(cx, id, by); });
  }
  Result<Dispute> resolve(DisputeId id, DisputeDecision decision, const DisputeActor& by) {
    return write([&](WriteContext& cx) { return resolve_dispute(cx, id, decision, by); });
  }
  Booking paid(Amount amount = 6000) {
    const auto booking = book(offering);
    return platform.record_payment(tenant, booking.id, {amount}).value();
  }
};

constexpr auto refund = DisputeResolution::refund;
constexpr auto keep = DisputeResolution::keep_payment;

} // namespace

TEST_CASE("a dispute from its opening to a refund of what was paid, and all that is told of it") {
  storage::MemoryStore store;
  World w(store);
  const auto booking = w.paid();
  const auto dispute = w.open(booking).value();
  CHECK(dispute.status == DisputeStatus::open);
  CHECK(dispute.customer_id == booking.customer_id);
  CHECK(dispute.offering_title == "Loft");
  CHECK(w.open(booking).error().code == Code::already_exists);
  CHECK(w.open(booking, provider).error().code == Code::already_exists);
  w.clock.advance(std::chrono::minutes{1});
  CHECK(w.message(dispute.id, provider)->author_id == "key_1");
  CHECK(w.message(dispute.id, customer)->author_role == DisputeParty::customer);
  CHECK(w.message(dispute.id, admin).has_value());
  CHECK(w.escalate(dispute.id, admin).error().code == Code::forbidden);
  CHECK(w.escalate(dispute.id, provider)->escalated_at == w.clock.now());
  CHECK(w.escalate(dispute.id, customer).error().code == Code::invalid_transition);
  CHECK(w.withdraw(dispute.id, provider).error().code == Code::forbidden);
  CHECK(w.resolve(dispute.id, {keep, "No.", {}}, provider).error().code == Code::forbidden);
  CHECK(w.resolve(dispute.id, {refund, "Yes.", {}}, customer).error().code == Code::forbidden);
  const auto much = w.resolve(dispute.id, {refund, "Yes.", 6001}, provider);
  REQUIRE_FALSE(much.has_value());
  CHECK(much.error().faults.at(0).pointer == "/refundCents");
  CHECK(w.resolve(dispute.id, {keep, "No.", 1}, admin).error().code == Code::invalid_fields);
  CHECK(w.booking(booking.id).refunded_cents() == 0);
  const auto done = w.resolve(dispute.id, {refund, "You are right.", {}}, provider).value();
  CHECK(done.status == DisputeStatus::resolved);
  CHECK(done.refund_cents == 6000);
  CHECK(done.resolved_by == DisputeParty::provider);
  CHECK(w.booking(booking.id).status == BookingStatus::refunded);
  CHECK(w.booking(booking.id).refunded_cents() == 6000);
  CHECK(w.resolve(dispute.id, {refund, "Again.", {}}, admin).error().code == Code::invalid_transition);
  CHECK(w.message(dispute.id, customer).error().code == Code::invalid_transition);
  CHECK(w.open(booking).error().code == Code::invalid_transition); // it is REFUNDED
  CHECK(w.events(dispute.id.view()) ==
        Texts{"dispute.opened", "dispute.message", "dispute.message", "dispute.message", "dispute.resolved"});
  CHECK(w.last_event().at("resolution") == "REFUND");
  CHECK(w.last_event().at("refundCents") == 6000);
  CHECK(w.audit(dispute.id.view()) ==
        Texts{"dispute.resolve", "dispute.escalate", "dispute.message", "dispute.message", "dispute.message", "dispute.open"});
  const auto thread = w.read([&](const storage::ReadTransaction& tx) { return find_dispute(tx, w.tenant, dispute.id).value(); });
  CHECK(thread.messages.size() == 3);
  CHECK(thread.messages[0].evidence_urls.size() == 1);
  CHECK(thread.note == "You are right.");
}

TEST_CASE("what goes back: a part, nothing where nothing is left, nothing by KEEP_PAYMENT") {
  storage::MemoryStore store;
  World w(store);
  const auto some = w.paid(5000);
  CHECK(w.resolve(w.open(some)->id, {refund, "Half.", 2500}, admin)->refund_cents == 2500);
  CHECK(w.booking(some.id).refunded_cents() == 2500);
  CHECK(w.booking(some.id).status == BookingStatus::confirmed);
  const auto unpaid = w.book(w.offering);
  CHECK(w.resolve(w.open(unpaid)->id, {refund, "Nothing was paid.", {}}, provider)->refund_cents == 0);
  CHECK(w.booking(unpaid.id).status == BookingStatus::confirmed);
  const auto gone = w.paid();
  const auto dispute = w.open(gone).value();
  CHECK(w.platform.start_refund(w.tenant, gone.id, 6000).has_value());
  CHECK(w.resolve(dispute.id, {refund, "It went back before.", {}}, admin)->refund_cents == 0); // REFUNDED takes no refund
  const auto kept = w.paid();
  const auto done = w.resolve(w.open(kept)->id, {keep, "It was open.", {}}, admin).value();
  CHECK(done.refund_cents == std::nullopt);
  CHECK(w.booking(kept.id).refunded_cents() == 0);
  CHECK(w.open(kept).error().code == Code::already_exists); // the last
}

TEST_CASE("who opened a dispute may withdraw it, after which there may be another") {
  storage::MemoryStore store;
  World w(store);
  const auto booking = w.book(w.offering);
  CHECK(w.open(booking, admin).error().code == Code::forbidden);
  const auto first = w.open(booking, provider).value();
  CHECK(w.withdraw(first.id, customer).error().code == Code::forbidden);
  CHECK(w.withdraw(first.id, provider)->status == DisputeStatus::withdrawn);
  CHECK(w.last_event().at("resolution") == "WITHDRAWN");
  CHECK(w.open(booking).has_value());
  const auto never = DisputeId::parse("dsp_" + std::string(26, '0')).value();
  CHECK(w.message(never, customer).error().code == Code::not_found);
  CHECK(w.escalate(never, customer).error().code == Code::not_found);
  CHECK(w.resolve(never, {refund, "x", {}}, admin).error().code == Code::not_found);
  w.clock.advance(dispute_time + std::chrono::hours{24 * 4});
  CHECK(w.open(w.booking(booking.id)).error().code == Code::invalid_transition);
}

TEST_CASE("who disputed before is known to the risk of what they book next") {
  storage::MemoryStore store;
  World w(store);
  const auto signal = [&](const char* email) {
    for (const auto& reason : w.book(w.offering, email).risk_reasons)
      if (reason.signal == "past_disputes") return reason.points;
    return 0;
  };
  CHECK(signal("ada@example.com") == 0);
  CHECK(w.open(w.book(w.offering, "bob@example.com"), provider).has_value());
  CHECK(signal("bob@example.com") == 0); // it was not Bob's doing
  CHECK(w.open(w.book(w.offering), customer).has_value());
  CHECK(signal("ada@example.com") == 25);
}

TEST_CASE("a thread has an end") {
  storage::MemoryStore store;
  World w(store);
  const auto dispute = w.open(w.book(w.offering)).value();
  for (std::size_t i = 0; i < max_messages_per_dispute; ++i) CHECK(w.message(dispute.id, i % 2 == 0 ? customer : provider).has_value());
  CHECK(w.message(dispute.id, customer).error().code == Code::invalid_fields);
  CHECK(w.escalate(dispute.id, customer).has_value());
}

TEST_CASE("two who act at once act one after the other: one dispute, one resolution, one refund, on both stores") {
  on_both_stores("disputes", [](storage::Store& store) {
    World w(store);
    for (int round = 0; round < 10; ++round) {
      const auto booking = w.paid();
      std::atomic<int> opened{0}, exists{0};
      {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
          threads.emplace_back([&, i] {
            const auto done = w.open(booking, i % 2 == 0 ? customer : provider);
            ++(done ? opened : exists);
            if (!done) CHECK(done.error().code == Code::already_exists);
          });
      }
      CHECK(opened == 1);
      CHECK(exists == 3);
      const auto id = w.read([&](const storage::ReadTransaction& tx) { return tx.disputes().of_booking(w.tenant, booking.id).at(0).id; });
      std::atomic<int> resolved{0}, refused{0};
      {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
          threads.emplace_back([&, i] {
            const auto done = w.resolve(id, {i == 3 ? keep : refund, "Done.", {}}, i == 0 ? provider : admin);
            ++(done ? resolved : refused);
            if (!done) CHECK(done.error().code == Code::invalid_transition);
          });
      }
      CHECK(resolved == 1);
      CHECK(refused == 3);
      const auto dispute = w.read([&](const storage::ReadTransaction& tx) { return *tx.disputes().find(w.tenant, id); });
      CHECK(w.booking(booking.id).refunded_cents() == dispute.refund_cents.value_or(0));
      CHECK(dispute.refund_cents.value_or(0) == (dispute.resolution == refund ? 6000 : 0));
      CHECK(w.events(id.view()) == Texts{"dispute.opened", "dispute.resolved"});
    }
  });
}
