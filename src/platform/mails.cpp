#include "orkestr/platform/mails.hpp"

#include "platform/mails.hpp"
#include "platform/spread.hpp"

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

/// Longer than a mailer takes.
constexpr milliseconds lease = 5min;

const Actor the_worker{ActorKind::worker, {}, {}};

/// A body that was copied into another row opens nothing.
std::string seal_context(TenantId tenant, MailId id) { return tenant.str() + "/" + id.str(); }

/// Nothing is left of a mail that is over but what became of it.
void finish(WriteContext& cx, QueuedMail& mail, MailState state, std::optional<std::string> error = {}) {
  mail.state = state;
  mail.body.clear();
  mail.next_attempt_at.reset();
  mail.last_error = std::move(error);
  if (state == MailState::sent) mail.sent_at = cx.now;
  cx.tx.mails().update(cx.tenant, mail);
}

/// A mail to send now.
struct Taken {
  TenantId tenant;
  QueuedMail row;
  Mail mail;
};

} // namespace

void mails::queue(WriteContext& cx, std::string_view to, const MailText& mail) {
  QueuedMail row;
  row.id = cx.make_id<MailId>();
  row.recipient = to;
  row.subject = mail.subject;
  row.body = cx.mail->secrets.seal(mail.text, seal_context(cx.tenant, row.id), cx.mail->random);
  row.next_attempt_at = row.created_at = cx.now;
  cx.tx.mails().insert(cx.tenant, row);
  cx.mailed = true;
}

void mails::tell_customer(WriteContext& cx, BookingMail kind, const Booking& booking, std::string_view token) {
  if (cx.mail == nullptr || !booking.manage_token_hash) return;
  const auto tenant = cx.tx.tenants().find(cx.tenant);
  if (!tenant) return;
  auto zone = Zone::find(tenant->time_zone);
  if (!booking.items.empty())
    if (const auto offering = cx.tx.offerings().find_even_deleted(cx.tenant, booking.items.front().offering_id))
      zone = Zone::find(offering->time_zone);
  auto link = tenant_origin(cx.mail->storefront, *tenant) + "/bookings";
  if (!token.empty()) link += "/" + booking.id.str() + "?token=" + std::string{token};
  queue(cx, booking.customer.email, booking_mail(kind, tenant->name, booking, zone ? *zone : Zone{}, link, tenant->locale));
}

Result<bool> MailDesk::step(Instant now) {
  // Read first: mostly there is nothing, and looking is cheap.
  ORKESTR_TRY(const bool any,
              platform_.store().read([&](const storage::ReadTransaction& tx) -> Result<bool> { return !tx.mails().due(now, 1).empty(); }));
  if (!any) return false;
  std::uint64_t given_up = 0;
  ORKESTR_TRY(const auto taken, platform_.store().write([&](storage::WriteTransaction& tx) -> Result<std::optional<Taken>> {
    given_up = 0;
    for (const auto& [tenant, id] : tx.mails().due(now, 1)) {
      auto row = tx.mails().find(tenant, id);
      if (!row) continue;
      WriteContext cx = platform_.context(tx, tenant, now, the_worker);
      auto text = platform_.secrets().open(row->body, seal_context(tenant, id));
      const bool late = now - row->created_at > mail_life;
      if (late || !text) {
        finish(cx, *row, MailState::dead, late ? "It could not be sent within a day." : "No key of this installation opens it.");
        given_up = 1;
        continue;
      }
      row->next_attempt_at = now + lease;
      tx.mails().update(tenant, *row);
      return Taken{tenant, *row, {row->recipient, row->subject, std::move(*text)}};
    }
    return std::nullopt;
  }));
  dead_ += given_up;
  if (!taken) return true;
  const auto sent = platform_.mailer()->send(taken->mail);
  const auto after = platform_.now();
  MailState outcome = MailState::queued;
  ORKESTR_CHECK(platform_.write_at(
      taken->tenant, std::max(now, after),
      [&](WriteContext& cx) -> Result<bool> {
        outcome = MailState::queued;
        auto row = cx.tx.mails().find(cx.tenant, taken->row.id);
        if (!row || row->next_attempt_at != taken->row.next_attempt_at) return false; // this desk slept, and another took it
        ++row->attempts;
        const auto next = next_mail_attempt(row->attempts, cx.now, spread(platform_.random()));
        if (sent) {
          finish(cx, *row, outcome = MailState::sent);
        } else if (sent.error().code != Code::mail_unavailable || !next) {
          finish(cx, *row, outcome = MailState::dead, sent.error().detail);
        } else {
          row->next_attempt_at = next;
          row->last_error = sent.error().detail;
          cx.tx.mails().update(cx.tenant, *row);
        }
        return true;
      },
      the_worker));
  ++(outcome == MailState::sent ? sent_ : outcome == MailState::dead ? dead_ : retried_);
  if (!sent && on_trouble_) on_trouble_(sent.error());
  return true;
}

MailWorker::MailWorker(Platform& platform, std::function<void(const Error&)> on_trouble)
    : platform_(platform), desk_(platform, on_trouble), loop_([this] { return desk_.step(platform_.now()); }, std::move(on_trouble)) {
  platform_.on_mails([this] { poke(); });
}

MailWorker::~MailWorker() { platform_.on_mails({}); }

} // namespace orkestr::inline v1
