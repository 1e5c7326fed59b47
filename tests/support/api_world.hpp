// A tenant with keys, an offering and bookings behind an Api, on a memory store and a clock that stands still.
#pragma once

#include "support/fake_dns.hpp"
#include "support/kept_mails.hpp"
#include "support/results.hpp"

#include "orkestr/api/api.hpp"
#include "orkestr/storage/memory_store.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

namespace orkestr::test {

/// An answer with its body parsed.
struct Answer {
  api::Response raw;
  json::Value body;

  [[nodiscard]] int status() const { return raw.status; }
  [[nodiscard]] std::string code() const { return text("code"); }
  [[nodiscard]] std::string text(std::string_view key) const {
    const auto* value = body.is_object() ? body.get_object().if_contains({key.data(), key.size()}) : nullptr;
    return value != nullptr && value->is_string() ? std::string{value->get_string()} : std::string{};
  }
  [[nodiscard]] std::int64_t number(std::string_view key) const { return body.at({key.data(), key.size()}).to_number<std::int64_t>(); }
  [[nodiscard]] const json::Array& data() const { return body.at("data").as_array(); }
  /// `action subject` of each row of the admins' log, oldest first.
  [[nodiscard]] std::vector<std::string> actions() const {
    std::vector<std::string> all;
    for (const auto& row : data())
      all.insert(all.begin(), std::string{row.at("action").as_string()} + " " + std::string{row.at("subject").as_string()});
    return all;
  }
  /// `pointer code` of each fault, sorted and joined by `; `.
  [[nodiscard]] std::string faults() const {
    std::vector<std::string> all;
    if (const auto* errors = body.is_object() ? body.get_object().if_contains("errors") : nullptr)
      for (const auto& fault : errors->as_array())
        all.push_back(std::string{fault.at("pointer").as_string()} + " " + std::string{fault.at("code").as_string()});
    std::sort(all.begin(), all.end());
    std::string joined;
    for (const auto& fault : all) joined += (joined.empty() ? "" : "; ") + fault;
    return joined;
  }
};

using Headers = std::vector<std::pair<std::string, std::string>>;

class ApiWorld {
 public:
  static constexpr std::string_view start = "2026-05-01T12:00:00Z"; // a Friday

  explicit ApiWorld(api::ApiOptions options = quiet()) : api(platform, std::move(options)) {
    tenant = make_tenant("Atlas Studios", "atlas");
    key = make_key(tenant, {Scope::read, Scope::write});
    admin = make_key(tenant, {Scope::read, Scope::write, Scope::admin});
    other_tenant = make_tenant("Borealis", "borealis");
    other_key = make_key(other_tenant, {Scope::read, Scope::write, Scope::admin});
  }

  static api::ApiOptions quiet() {
    api::ApiOptions options;
    options.rate_limit = options.visitor_limit = 0;
    return options;
  }

  TenantId make_tenant(std::string name, std::string subdomain) {
    Tenant draft;
    draft.name = std::move(name);
    draft.subdomain = std::move(subdomain);
    draft.time_zone = "America/New_York";
    return platform.create_tenant(draft).value().id;
  }
  std::string make_key(TenantId of, std::vector<Scope> scopes, std::optional<Instant> expires = {}) {
    // bcrypt at its lowest cost: what is tested is not how slow it is.
    IssuedApiKey prepared;
    const auto token = make_token(random);
    prepared.key.prefix = token.prefix;
    prepared.key.secret_hash = bcrypt_hash(token.secret, random, 4);
    prepared.token = token.text();
    ApiKey draft;
    draft.name = "test";
    draft.scopes = std::move(scopes);
    draft.expires_at = expires;
    return platform.write(of, [&](WriteContext& cx) { return create_api_key(cx, draft, prepared); }).value().token;
  }
  IssuedAdmin make_admin(std::string email) {
    IssuedAdmin prepared;
    const auto token = make_token(random, admin_word);
    prepared.admin.prefix = token.prefix;
    prepared.admin.secret_hash = bcrypt_hash(token.secret, random, 4); // as above
    prepared.token = token.text();
    Admin draft;
    draft.email = std::move(email);
    draft.name = "Ada";
    return store.write([&](storage::WriteTransaction& tx) { return create_admin(tx, platform.ids(), platform.now(), draft, prepared); })
        .value();
  }

  /// Somebody who is signed in. bcrypt at its lowest cost, as above.
  struct Seat {
    Member member;
    std::string token;
    /// What a browser sends with it, from a page of the same host.
    [[nodiscard]] Headers headers() const {
      return {{"Cookie", "theme=dark; orkestr=" + token}, {"Host", "atlas.localhost"}, {"Origin", "http://atlas.localhost"}};
    }
  };
  static constexpr std::string_view password = "four words of one's own";
  Seat seat(TenantId of, Role role, const std::string& email) {
    Seat made;
    made.member.email = email;
    made.member.name = "Sam Lee";
    made.member.role = role;
    made.member.email_verified = true;
    made.member.password_hash = bcrypt_hash(password_secret(password), random, 4);
    made.token = make_member_token(member_session_word, of, random);
    platform
        .write(of,
               [&](WriteContext& cx) -> Result<bool> {
                 made.member.id = cx.make_id<MemberId>();
                 made.member.created_at = cx.now;
                 cx.tx.members().insert(cx.tenant, made.member);
                 (void)open_member_session(cx, made.member, {made.token, "Browser", "127.0.0.1"});
                 return true;
               })
        .value();
    return made;
  }
  Answer as(const Seat& who, api::Method method, const std::string& target, const std::string& body = {}) {
    return send(method, target, body, {}, who.headers());
  }

  /// Open every day 09:00–17:00 New York time in slots of an hour, two at a time.
  OfferingId make_offering(TenantId of, std::string title, int capacity = 2, std::string_view policy = "FLEXIBLE") {
    return platform
        .write(of,
               [&](WriteContext& cx) -> Result<OfferingId> {
                 Offering draft;
                 draft.title = title;
                 draft.product_type_key = "space";
                 draft.base_price_cents = 6000;
                 draft.time_zone = "America/New_York";
                 draft.status = OfferingStatus::published;
                 draft.cancellation_policy = CancellationPolicy::of(*json::enum_named<PolicyKind>(policy));
                 json::Reader reader;
                 ORKESTR_TRY(const auto offering, create_offering(cx, draft, reader));
                 for (int day = 0; day < 7; ++day) {
                   AvailabilityRule rule;
                   rule.offering_id = offering.id;
                   rule.day_of_week = day;
                   rule.start_time = {9 * 60};
                   rule.end_time = {17 * 60};
                   rule.capacity = capacity;
                   ORKESTR_CHECK(create_rule(cx, rule, reader));
                 }
                 return offering.id;
               })
        .value();
  }
  Result<Booking> try_book(TenantId of, OfferingId offering, std::string_view from, int hours = 1, std::optional<std::string> coupon = {}) {
    BookRequest request;
    request.offering_id = offering;
    request.interval.start = *Instant::parse(from);
    request.interval.end = request.interval.start + std::chrono::hours{hours};
    request.customer_name = "Amelia Hart";
    request.customer_email = "amelia@example.com";
    request.coupon_code = std::move(coupon);
    return platform.book(of, request);
  }
  Booking make_booking(OfferingId offering, std::string_view from, int hours = 1) {
    return try_book(tenant, offering, from, hours).value();
  }

  Answer send(api::Method method, const std::string& target, const std::string& body = {}, const std::string& token = {},
              Headers extra = {}) {
    if (!token.empty()) extra.emplace_back("Authorization", "Bearer " + token);
    if (!body.empty() && std::none_of(extra.begin(), extra.end(), [](const auto& h) { return h.first == "Content-Type"; }))
      extra.emplace_back("Content-Type", "application/json");
    std::vector<api::HeaderView> headers;
    for (const auto& [name, value] : extra) headers.push_back({name, value});
    Answer answer{api.handle({method, target, headers, body, "127.0.0.1"}), {}};
    if (!answer.raw.body.empty() && answer.raw.header("Content-Type").find("json") != std::string_view::npos)
      answer.body = boost::json::parse(answer.raw.body);
    return answer;
  }
  Answer get(const std::string& target, Headers extra = {}) { return send(api::Method::get, target, {}, key, std::move(extra)); }
  Answer post(const std::string& target, const std::string& body = {}, Headers extra = {}) {
    return send(api::Method::post, target, body, admin, std::move(extra));
  }
  Answer patch(const std::string& target, const std::string& body, Headers extra = {}) {
    return send(api::Method::patch, target, body, admin, std::move(extra));
  }
  Answer del(const std::string& target, Headers extra = {}) { return send(api::Method::del, target, {}, admin, std::move(extra)); }

  ManualClock clock{*Instant::parse(start)};
  SeededRandom random{20260501};
  storage::MemoryStore store;
  KeptMails outbox;
  FakeDns dns;
  PlatformOptions options() {
    PlatformOptions all{SecretBox::parse(SecretBox::make_key(random)).value(), NetworkPolicy{.allow_loopback = true}};
    all.mailer = &outbox;
    all.storefront = "https://{tenant}.example.com";
    all.dns = &dns;
    all.base_domain = "example.com";
    return all;
  }
  Platform platform{store, clock, random, options()};
  api::Api api;
  TenantId tenant, other_tenant;
  std::string key, admin, other_key;
};

} // namespace orkestr::test
