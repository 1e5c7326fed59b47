// What the desk says and does: lines in, lines out.
#pragma once

#include <orkestr/platform/platform.hpp>

#include <algorithm>
#include <istream>
#include <ostream>
#include <sstream>

namespace kiosk {
using namespace orkestr;

class Desk {
 public:
  Desk(Platform& platform, const Tenant& tenant, std::istream& in, std::ostream& out, bool terminal)
      : platform_(platform), tenant_(tenant), clock_(Zone::find(tenant.time_zone).value()), in_(in), out_(out), terminal_(terminal) {}

  void run() {
    today();
    for (std::string line; ask("desk> ", line);) {
      std::istringstream words(line);
      std::string command, email, name;
      std::size_t n = 0;
      words >> command >> n;
      --n; // nothing is at a number that was not given
      if (command == "quit") return;
      if (command == "today")
        today();
      else if (command == "book" && n < free_.size() && words >> email && std::getline(words >> std::ws, name))
        tell(book(free_[n], email, name));
      else if (command == "in" && n < guests_.size())
        tell(platform_.write(tenant_.id, [&](WriteContext& cx) { return edit_notes(cx, guests_[n].id, "arrived " + time_of(cx.now)); }));
      else if (command == "pay" && n < guests_.size())
        tell(platform_.record_payment(tenant_.id, guests_[n].id, {guests_[n].owed_cents(), "cash"}));
      else if (command == "cancel" && n < guests_.size())
        cancel(guests_[n]);
      else
        out_ << "today | book SLOT EMAIL NAME | in GUEST | pay GUEST | cancel GUEST | quit\n";
    }
  }

 private:
  struct Choice {
    OfferingId offering;
    Interval interval;
  };

  /// On a terminal there is a prompt; a pipe gets the answers alone.
  bool ask(std::string_view prompt, std::string& line) {
    if (terminal_) out_ << prompt << std::flush;
    return static_cast<bool>(std::getline(in_, line));
  }
  void tell(const Result<Booking>& done) {
    if (done)
      today();
    else
      out_ << "! " << (done.error().faults.empty() ? done.error().detail : done.error().faults[0].detail) << '\n';
  }
  std::string time_of(Instant at) { return to_string(clock_.to_local(at)).substr(11); }
  static std::string money(Amount cents, Currency currency) {
    std::ostringstream text;
    text << cents / 100 << '.' << cents % 100 / 10 << cents % 10 << ' ' << currency.code();
    return text.str();
  }

  void today() {
    const LocalDate date = clock_.to_local(platform_.now()).date();
    const Interval day{clock_.to_instant(LocalDateTime::of(date, {})), clock_.to_instant(LocalDateTime::of(date + 1, {}))};
    storage::BookingFilter starting;
    starting.starting = day;
    storage::OfferingFilter on_sale;
    on_sale.status = OfferingStatus::published;
    auto offerings = platform_.store().read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Offering>> {
      guests_ = tx.bookings().list(tenant_.id, starting, {200, {}});
      return tx.offerings().list(tenant_.id, on_sale, {200, {}});
    });
    if (!offerings) return void(out_ << "! " << offerings.error().detail << '\n');
    std::erase_if(guests_, [](const Booking& booking) {
      return booking.status != BookingStatus::confirmed && booking.status != BookingStatus::completed;
    });
    std::ranges::sort(guests_, {}, [](const Booking& booking) { return std::pair{booking.first_start(), booking.id}; });
    std::ranges::sort(*offerings, {}, &Offering::title);
    free_.clear();
    out_ << to_string(date) << ' ' << time_of(platform_.now()) << '\n';
    for (std::size_t n = 0; n < guests_.size(); ++n) {
      const auto& guest = guests_[n];
      out_ << "  guest " << n + 1 << ": " << time_of(guest.first_start()) << ' ' << guest.items[0].offering_title << ", "
           << guest.customer.name << ", " << (guest.owed_cents() > 0 ? money(guest.owed_cents(), guest.currency) + " to pay" : "paid")
           << (guest.notes.empty() ? "" : ", ") << guest.notes << '\n';
    }
    for (const auto& offering : *offerings) {
      const auto view = platform_.availability(tenant_.id, offering.id, day, Audience::provider);
      for (const auto& slot : view ? view->slots : std::vector<Slot>{}) {
        if (slot.remaining == 0 || slot.interval.end <= platform_.now()) continue; // what has begun can still be had
        free_.push_back({offering.id, slot.interval});
        out_ << "  slot " << free_.size() << ": " << time_of(slot.interval.start) << ' ' << offering.title << '\n';
      }
    }
  }

  /// Taken and confirmed in one transaction: nobody who stands at the desk waits for an approval.
  Result<Booking> book(const Choice& choice, const std::string& email, const std::string& name) {
    BookRequest request;
    request.offering_id = choice.offering;
    request.interval = choice.interval;
    request.customer_name = name;
    request.customer_email = email;
    request.source = "desk";
    request.audience = Audience::provider; // bound by the slots, not by notice
    return platform_.write(tenant_.id, [&](WriteContext& cx) -> Result<Booking> {
      ORKESTR_TRY(const auto booking, orkestr::book(cx, request));
      return approve(cx, booking.id);
    });
  }

  void cancel(const Booking& guest) {
    const auto terms = cancellation_terms(guest, platform_.now());
    if (!terms) return void(out_ << "! " << terms.error().detail << '\n');
    out_ << "This gives back " << terms->refund_percent << " %, " << money(terms->refund_cents, terms->currency) << ".\n";
    std::string answer;
    if (ask("Cancel? y or n: ", answer) && answer == "y") tell(platform_.cancel(tenant_.id, guest.id, "at the desk"));
  }

  Platform& platform_;
  Tenant tenant_;
  ZoneClock clock_;
  std::istream& in_;
  std::ostream& out_;
  bool terminal_;
  std::vector<Booking> guests_; ///< as the last list numbered them
  std::vector<Choice> free_;
};

} // namespace kiosk
