#include "base/sha256.hpp"
#include "base/text.hpp"
#include "platform/mails.hpp"

namespace orkestr::inline v1 {
namespace {

constexpr std::string_view session_word = "cst_";

std::string hash_of(std::string_view token) { return hex(sha256(token)); }

} // namespace

std::string make_link_token(Random& random) { return "clk_" + make_token(random).secret; }
std::string make_session_token(Random& random) { return std::string{session_word} + make_token(random).secret; }
bool is_session_token(std::string_view token) { return token.starts_with(session_word); }

Result<void> send_customer_link(WriteContext& cx, std::string_view email, std::string_view link_token) {
  if (cx.mail == nullptr) return fail(Code::mail_unavailable, "This server sends no mail.");
  const auto folded = ascii_lower(std::string{email});
  // The row is there for an address that nobody has too: who waits for the answer can't tell.
  auto known = cx.tx.customers().find_by_email(cx.tenant, folded);
  const bool many = cx.tx.customer_passes().count_live(cx.tenant, PassKind::link, folded, cx.now) >= most_live_links;
  const auto tenant = cx.tx.tenants().find(cx.tenant);
  const auto customer = known.get();
  if (many || !tenant) return {};
  cx.tx.customer_passes().insert(cx.tenant, {hash_of(link_token), PassKind::link, folded, cx.now, cx.now + link_life});
  if (!customer) return {};
  const std::string_view locales[] = {customer->locale ? std::string_view{*customer->locale} : tenant->locale, tenant->locale};
  mails::queue(
      cx, customer->email,
      link_mail(tenant->name, tenant_origin(cx.mail->storefront, *tenant) + "/bookings/open?link=" + std::string{link_token}, locales));
  return {};
}

Result<CustomerPass> open_customer_session(WriteContext& cx, std::string_view link_token, std::string_view session_token) {
  auto& passes = cx.tx.customer_passes();
  const auto link = passes.find(cx.tenant, PassKind::link, hash_of(link_token));
  if (!link || !link->live(cx.now) || !passes.erase(cx.tenant, PassKind::link, link->token_hash))
    return fail(Code::not_found, "There is no such link, or it was used, or it has expired. Ask for another.");
  const CustomerPass session{hash_of(session_token), PassKind::session, link->email, cx.now, cx.now + session_life};
  passes.insert(cx.tenant, session);
  if (const auto customer = cx.tx.customers().find_by_email(cx.tenant, link->email).get()) {
    cx.actor = {ActorKind::customer, customer->id.str(), cx.actor.request_id};
    cx.audit("customer_session.open", customer->id);
  }
  return session;
}

Result<CustomerPass> find_customer_session(const storage::ReadTransaction& tx, TenantId tenant, std::string_view token, Instant now) {
  const auto session = tx.customer_passes().find(tenant, PassKind::session, hash_of(token));
  if (!session || !session->live(now))
    return fail(Code::unauthenticated, "The session is over, or none of this storefront's. Ask for a link by mail.");
  return *session;
}

Result<void> end_customer_session(WriteContext& cx, std::string_view token) {
  ORKESTR_TRY(const auto session, find_customer_session(cx.tx, cx.tenant, token, cx.now));
  if (!cx.tx.customer_passes().erase(cx.tenant, PassKind::session, session.token_hash))
    return fail(Code::unauthenticated, "The session is over.");
  if (const auto customer = cx.tx.customers().find_by_email(cx.tenant, session.email).get()) {
    cx.actor.id = customer->id.str();
    cx.audit("customer_session.end", customer->id);
  }
  return {};
}

} // namespace orkestr::inline v1
