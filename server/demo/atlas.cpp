#include "demo/atlas.hpp"

#include "demo/catalogue.hpp"

#include "orkestr/platform/translations.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace orkestr::server {
namespace {

using namespace std::chrono_literals;
using std::chrono::days;

constexpr std::string_view subdomain = "atlas";

template <class T> T parse_input(std::string_view text, T draft = {}) {
  json::Reader reader;
  json::read_body(reader, json::parse(text).value(), draft, json::Use::create);
  reader.result().value();
  return draft;
}

/// A history is told in the order of its times: steps are collected, sorted, then carried out.
class Story {
 public:
  Story(Platform& platform, TenantId tenant) : platform_(platform), tenant_(tenant), today_(platform.now()) {}

  Result<void> tell() {
    ORKESTR_CHECK(open_shop(today_ - days{75}));
    for (std::size_t i = 0; i < offerings_.size(); ++i) ORKESTR_CHECK(plan_bookings(i));
    std::ranges::stable_sort(steps_, {}, &Step::at);
    for (const auto& step : steps_) ORKESTR_CHECK(platform_.write_at(tenant_, step.at, step.act));
    return {};
  }

 private:
  struct Step {
    Instant at;
    std::function<Result<void>(WriteContext&)> act;
  };

  /// Catalogue, schedules, exceptions and coupons, in one transaction.
  Result<void> open_shop(Instant at) {
    return platform_.write_at(tenant_, at, [&](WriteContext& cx) -> Result<void> {
      for (const auto& entry : demo_catalogue()) {
        Offering draft;
        draft.time_zone = "America/New_York";
        json::Reader reader;
        ORKESTR_TRY(const auto offering, create_offering(cx, parse_input(entry.json, std::move(draft)), reader));
        for (const auto& opening : entry.openings)
          for (char day : opening.days) {
            AvailabilityRule rule;
            rule.offering_id = offering.id;
            rule.day_of_week = day - '0';
            rule.start_time = *LocalTime::parse(opening.from);
            rule.end_time = *LocalTime::parse(opening.to);
            rule.slot_minutes = opening.slot_minutes;
            rule.capacity = opening.capacity;
            ORKESTR_CHECK(create_rule(cx, rule, reader));
          }
        if (!entry.openings.empty()) {
          ORKESTR_CHECK(add_exceptions(cx, offering));
          offerings_.push_back(offering);
        }
      }
      for (auto text : demo_coupons()) {
        json::Reader reader;
        ORKESTR_CHECK(create_coupon(cx, parse_input<Coupon>(text), reader));
      }
      json::Reader reader;
      const auto on_sale = cx.tx.offerings().find_by_slug(cx.tenant, demo_offering_on_sale);
      auto branding = parse_input<Branding>(demo_branding());
      for (auto& badge : branding.sale_badges) badge.offering_ids = {on_sale.value().id};
      const auto tenant = cx.tx.tenants().find(cx.tenant).value();
      for (const auto locale : demo_locales()) ORKESTR_CHECK(add_locale(cx, tenant, locale));
      return set_branding(cx, tenant, branding, reader);
    });
  }

  /// Closed for a day's maintenance in five weeks and over New Year; open late on a Sunday.
  Result<void> add_exceptions(WriteContext& cx, const Offering& offering) {
    const Zone zone = Zone::find(offering.time_zone).value();
    const LocalDate local = ZoneClock(zone).to_local(today_).date();
    const int year = static_cast<int>(std::chrono::year_month_day{std::chrono::sys_days{days{local.days}}}.year());
    const LocalDate sunday = local + (7 - local.day_of_week());
    const auto add = [&](ExceptionKind kind, LocalDateTime from, LocalDateTime to, std::string note) {
      AvailabilityException exception;
      exception.offering_id = offering.id;
      exception.kind = kind;
      exception.starts_at = from;
      exception.ends_at = to;
      exception.note = std::move(note);
      json::Reader reader;
      return create_exception(cx, exception, reader);
    };
    const LocalDate new_year = LocalDate::of(year + 1, 1, 1);
    ORKESTR_CHECK(add(ExceptionKind::block, LocalDateTime::of(new_year + -1, {18 * 60}), LocalDateTime::of(new_year + 1, {0}), "New Year"));
    ORKESTR_CHECK(add(ExceptionKind::block, LocalDateTime::of(local + 35, {0}), LocalDateTime::of(local + 36, {0}), "Maintenance"));
    if (offering.product_type_key == "space" && offering.pricing_model == PricingModel::hourly) {
      ORKESTR_CHECK(add(ExceptionKind::open, LocalDateTime::of(sunday, {18 * 60}), LocalDateTime::of(sunday, {23 * 60}), "Open late"));
    }
    return {};
  }

  /// Six bookings of each offering, from five weeks ago to five weeks ahead.
  Result<void> plan_bookings(std::size_t index) {
    const Offering& offering = offerings_[index];
    static constexpr int offsets[] = {-34, -20, -9, 3, 10, 24};
    for (int k = 0; k < 6; ++k) {
      const Instant from = today_ + days{offsets[k] + static_cast<int>(index % 4)};
      ORKESTR_TRY(const auto view, platform_.availability(tenant_, offering.id, {from, from + days{6}}, Audience::provider));
      for (std::size_t i = 0; i < view.slots.size(); ++i) {
        const auto interval = long_enough(offering, view.slots, (index * 7 + static_cast<std::size_t>(k) * 5 + i) % view.slots.size());
        if (!interval) continue;
        plan_booking(offering, *interval, static_cast<int>(index) * 6 + k);
        break;
      }
    }
    return {};
  }

  /// A slot, joined with those after it until the offering's shortest duration is reached.
  static std::optional<Interval> long_enough(const Offering& offering, std::span<const Slot> slots, std::size_t first) {
    Interval interval = slots[first].interval;
    const auto wanted = std::chrono::minutes{offering.min_duration_minutes.value_or(0)};
    for (std::size_t i = first + 1; i < slots.size() && interval.length() < wanted; ++i)
      if (slots[i].interval.start == interval.end) interval.end = slots[i].interval.end;
    if (interval.length() < wanted) return std::nullopt;
    return interval;
  }

  void plan_booking(const Offering& offering, Interval slot, int n) {
    const auto& customer = demo_customers()[static_cast<std::size_t>(n) % demo_customers().size()];
    Instant made = std::min(slot.start - days{2 + n % 9} - 37min * (n % 13), today_ - 11min * (1 + n % 40));
    if (made < today_ - days{74}) made = today_ - days{74};
    BookRequest request;
    request.offering_id = offering.id;
    request.interval = slot;
    request.customer_name = customer.name;
    request.customer_email = customer.email;
    request.customer_phone = std::string{customer.phone};
    request.customer_locale = "en";
    request.source = n % 3 == 0 ? "widget" : n % 3 == 1 ? "storefront" : "api";
    request.audience = Audience::provider;
    if (n % 7 == 2 && offering.base_price_cents >= 3000) request.coupon_code = "RIVERSIDE";
    if (n % 5 == 1) request.notes = "Arriving by the side entrance; please leave the lift unlocked.";

    const auto id = std::make_shared<BookingId>();
    steps_.push_back({made, [request, id](WriteContext& cx) -> Result<void> {
                        ORKESTR_TRY(const auto booking, book(cx, request));
                        *id = booking.id;
                        return {};
                      }});
    const bool past = slot.end < today_;
    const Instant decided = std::min(made + 3h + 7min * (n % 30), today_ - 1min);
    const int fate = (n + n / 6) % 6;
    if (!past && (fate == 3 || fate == 4 || n % 11 == 0)) return; // stays PENDING
    if (fate == 5) {
      const bool declined = n % 4 == 1;
      steps_.push_back({decided, [id, declined](WriteContext& cx) -> Result<void> {
                          ORKESTR_CHECK(declined ? decline(cx, *id, "The studio is closed for a private event.")
                                                 : cancel(cx, *id, "Plans changed."));
                          return {};
                        }});
      return;
    }
    steps_.push_back({decided, [id](WriteContext& cx) -> Result<void> {
                        ORKESTR_TRY(const auto booking, approve(cx, *id));
                        if (booking.total_cents > 0)
                          cx.tx.bookings().insert_payment(cx.tenant, {cx.make_id<PaymentId>(), *id, PaymentStatus::succeeded,
                                                                      booking.total_cents, 0, booking.currency, "test", cx.now});
                        return {};
                      }});
    if (!past) return;
    const bool refunded = fate == 2 && n % 4 == 0;
    steps_.push_back({std::max(slot.end, decided) + 1min, [id, refunded](WriteContext& cx) -> Result<void> {
                        ORKESTR_TRY(auto booking, complete(cx, *id));
                        if (!refunded) return {};
                        ORKESTR_TRY(booking.status, next_status(booking.status, BookingAction::refund));
                        booking.refund_percent = 100;
                        booking.refund_cents = booking.total_cents;
                        cx.tx.bookings().update(cx.tenant, booking);
                        for (auto payment : booking.payments) {
                          payment.status = PaymentStatus::refunded;
                          payment.refunded_cents = payment.amount_cents;
                          cx.tx.bookings().update_payment(cx.tenant, payment);
                        }
                        return {};
                      }});
  }

  Platform& platform_;
  TenantId tenant_;
  Instant today_;
  std::vector<Offering> offerings_;
  std::vector<Step> steps_;
};

/// Writes a file that only its owner can read.
void write_private(const std::filesystem::path& file, const std::string& text) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return;
  [[maybe_unused]] const auto written = ::write(fd, text.data(), text.size());
  ::close(fd);
}

/// The people of the demo, all with one password, which works once this is done.
Result<void> seat_people(Platform& platform, TenantId tenant, const std::string& password) {
  const auto hash = hash_password(password, platform.random());
  return platform.write(tenant, [&](WriteContext& cx) -> Result<void> {
    for (const auto& [role, name] : {std::pair{Role::owner, "Olivia Stone"}, {Role::admin, "Amir Haddad"}, {Role::staff, "Sofia Lind"}}) {
      std::string email{json::name_of(role)};
      std::ranges::transform(email, email.begin(), [](char c) { return static_cast<char>(c | 0x20); });
      email += "@atlas.example";
      auto member = cx.tx.members().find_by_email(cx.tenant, email).value_or(Member{});
      member.password_hash = hash;
      if (!member.id.empty()) {
        cx.tx.members().update(cx.tenant, member);
        continue;
      }
      member.id = cx.make_id<MemberId>();
      member.email = email;
      member.name = name;
      member.role = role;
      member.email_verified = true;
      member.created_at = cx.now;
      cx.tx.members().insert(cx.tenant, member);
    }
    return {};
  });
}

Result<void> issue_keys(Platform& platform, TenantId tenant, const std::filesystem::path& file, DemoHandles& handles) {
  ApiKey draft;
  draft.name = "Demo";
  ORKESTR_TRY(const auto key, platform.create_api_key(tenant, draft));
  draft.name = "Demo admin";
  draft.scopes = {Scope::read, Scope::write, Scope::admin};
  ORKESTR_TRY(const auto admin, platform.create_api_key(tenant, draft));
  Admin console;
  console.email = "console@atlas.example";
  console.name = "Demo console";
  ORKESTR_TRY(const auto platform_admin, platform.create_admin(console));
  handles.api_key = key.token;
  handles.admin_key = admin.token;
  handles.platform_token = platform_admin.token;
  handles.password = make_token(platform.random()).secret.substr(0, 16);
  ORKESTR_CHECK(seat_people(platform, tenant, handles.password));
  write_private(file, boost::json::serialize(json::Object{{"apiKey", handles.api_key},
                                                          {"adminKey", handles.admin_key},
                                                          {"platformToken", handles.platform_token},
                                                          {"password", handles.password}}) +
                          "\n");
  return {};
}

bool load_keys(const std::filesystem::path& file, DemoHandles& handles) {
  std::ifstream in(file);
  std::stringstream text;
  text << in.rdbuf();
  const auto value = json::parse(text.str());
  const auto* object = value ? value->if_object() : nullptr;
  if (object == nullptr) return false;
  for (const auto& [name, handle] : {std::pair{"apiKey", &handles.api_key},
                                     {"adminKey", &handles.admin_key},
                                     {"platformToken", &handles.platform_token},
                                     {"password", &handles.password}}) {
    const auto* kept = object->if_contains(name);
    if (kept == nullptr || !kept->is_string()) return false; // an earlier version made the demo
    *handle = kept->as_string();
  }
  return true;
}

/// A booking in that state that lies ahead, of the offering the examples use; booked now when there is none.
Result<BookingId> example_booking(Platform& platform, const DemoHandles& handles, BookingStatus status) {
  ORKESTR_TRY(const auto present, platform.store().read([&](const storage::ReadTransaction& tx) -> Result<std::optional<BookingId>> {
    for (const auto& booking : tx.bookings().list(handles.tenant, {status, handles.offering, {}}, {200, {}}))
      if (booking.first_start() > platform.now() + days{2}) return booking.id;
    return std::optional<BookingId>{};
  }));
  if (present) return *present;
  const Instant from = platform.now() + days{4};
  ORKESTR_TRY(const auto view, platform.availability(handles.tenant, handles.offering, {from, from + days{14}}, Audience::customer));
  if (view.slots.empty()) return fail(Code::slot_unavailable, "The demo offering is booked out.");
  BookRequest request;
  request.offering_id = handles.offering;
  request.interval = view.slots[view.slots.size() / 2].interval;
  request.customer_name = demo_customers()[0].name;
  request.customer_email = demo_customers()[0].email;
  ORKESTR_TRY(const auto booking, platform.book(handles.tenant, request));
  if (status == BookingStatus::confirmed) ORKESTR_CHECK(platform.approve(handles.tenant, booking.id));
  return booking.id;
}

} // namespace

Result<DemoHandles> prepare_demo(Platform& platform, const std::filesystem::path& data) {
  DemoHandles handles;
  ORKESTR_TRY(const auto known, platform.store().read([](const storage::ReadTransaction& tx) -> Result<std::optional<Tenant>> {
    return tx.tenants().find_by_subdomain(subdomain);
  }));
  if (known) {
    handles.tenant = known->id;
  } else {
    Tenant tenant;
    tenant.name = "Atlas Studios";
    tenant.subdomain = subdomain;
    tenant.time_zone = "America/New_York";
    tenant.logo_url = "https://images.example.com/atlas/logo.svg";
    tenant.brand_color = "#0F766E";
    tenant.kyb_status = KybStatus::verified;
    ORKESTR_TRY(const auto created, platform.create_tenant(tenant));
    handles.tenant = created.id;
    ORKESTR_CHECK(Story(platform, handles.tenant).tell());
  }
  handles.owner_email = "owner@atlas.example";
  const auto key_file = data / "demo-keys.json";
  if (!load_keys(key_file, handles)) ORKESTR_CHECK(issue_keys(platform, handles.tenant, key_file, handles));
  ORKESTR_TRY(const auto offering, platform.store().read([&](const storage::ReadTransaction& tx) -> Result<Offering> {
    auto found = tx.offerings().find_by_slug(handles.tenant, "riverside-co-working-floor");
    if (!found) return fail(Code::not_found, "The demo catalogue was changed beyond recognition; start with an empty data folder.");
    return std::move(*found);
  }));
  handles.offering = offering.id;
  ORKESTR_TRY(handles.pending_booking, example_booking(platform, handles, BookingStatus::pending));
  ORKESTR_TRY(handles.confirmed_booking, example_booking(platform, handles, BookingStatus::confirmed));
  return handles;
}

} // namespace orkestr::server
