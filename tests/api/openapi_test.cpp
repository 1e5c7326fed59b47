// docs/openapi.yaml is complete and true: it is walked against the route table, the field mappings and the error table.
#include "api/assistant_bodies.hpp"
#include "api/bodies.hpp"
#include "api/brand_bodies.hpp"
#include "api/calendar_bodies.hpp"
#include "api/customer_bodies.hpp"
#include "api/domain_bodies.hpp"
#include "api/member_bodies.hpp"
#include "api/translation_bodies.hpp"
#include "api/trust_bodies.hpp"
#include "support/api_world.hpp"

#include "orkestr/engine/webhook_signature.hpp"
#include "orkestr/platform/domains.hpp"

#include <fstream>
#include <map>
#include <set>
#include <sstream>

using namespace orkestr;
using namespace orkestr::test;

namespace {

const json::Value& document() {
  static const json::Value value = [] {
    std::ifstream file(ORKESTR_OPENAPI_JSON);
    std::stringstream text;
    text << file.rdbuf();
    return boost::json::parse(text.str());
  }();
  return value;
}

/// Follows `$ref` as often as there is one.
const json::Value& resolved(const json::Value& value) {
  const auto* object = value.if_object();
  const auto* ref = object ? object->if_contains("$ref") : nullptr;
  if (ref == nullptr) return value;
  return resolved(document().at_pointer(std::string_view{ref->as_string()}.substr(1)));
}

const json::Value* member(const json::Value& value, std::string_view key) {
  return value.as_object().if_contains({key.data(), key.size()});
}

std::string method_key(api::Method method) {
  static constexpr const char* names[] = {"get", "head", "post", "put", "patch", "delete", "options", "other"};
  return names[static_cast<int>(method)];
}

/// Whether a schema takes null, and the part of it that speaks of other values.
std::pair<bool, json::Value> without_null(const json::Value& schema) {
  const auto& s = resolved(schema);
  for (const char* alternative : {"oneOf", "anyOf"})
    if (const auto* options = member(s, alternative)) {
      bool null = false;
      json::Value rest = s;
      for (const auto& option : options->as_array()) {
        const auto& o = resolved(option);
        const auto* type = member(o, "type");
        if (type != nullptr && type->is_string() && type->as_string() == "null")
          null = true;
        else
          rest = o;
      }
      return {null, rest};
    }
  if (const auto* type = member(s, "type"); type != nullptr && type->is_array())
    for (const auto& name : type->as_array())
      if (name.as_string() == "null") return {true, s};
  return {false, s};
}

std::int64_t bound(const json::Value& schema, const char* key, std::int64_t otherwise) {
  const auto* value = member(schema, key);
  return value == nullptr ? otherwise : value->to_number<std::int64_t>();
}

/// @param added  what routes add to the resource where they are asked to
template <class T> void compare(const char* schema_name, unsigned use, const std::set<std::string>& added = {}) {
  CAPTURE(std::string{schema_name});
  const auto& schema = document().at_pointer("/components/schemas/" + std::string{schema_name});
  CHECK(schema.at("additionalProperties") == false);
  std::set<std::string> documented, described, required_there, required_here;
  for (const auto& property : schema.at("properties").as_object()) documented.emplace(property.key());
  for (const auto& name : added) CHECK(documented.erase(name) == 1);
  if (const auto* list = member(schema, "required"))
    for (const auto& name : list->as_array()) required_there.emplace(name.as_string());
  for (const auto& field : json::describe<T>()) {
    if (!(field.use & use)) continue;
    const std::string name{field.name};
    described.insert(name);
    if (use == json::Use::out || (use == json::Use::create && (field.use & json::Use::required))) required_here.insert(name);
    if (!documented.contains(name)) continue;
    CAPTURE(name);
    const auto [null, value] = without_null(schema.at("properties").at(name));
    CHECK(null == field.nullable);
    if (use == json::Use::out) continue; // what is written was bounded when it was read
    using enum json::Kind;
    constexpr auto lowest = std::numeric_limits<std::int64_t>::min(), highest = std::numeric_limits<std::int64_t>::max();
    const bool counts = field.kind == string || field.kind == array;
    if (field.kind == integer || counts) {
      const char* low = field.kind == integer ? "minimum" : field.kind == string ? "minLength" : "minItems";
      const char* high = field.kind == integer ? "maximum" : field.kind == string ? "maxLength" : "maxItems";
      CHECK(bound(value, low, counts ? 0 : lowest) == (counts ? std::max<std::int64_t>(0, field.limits.min) : field.limits.min));
      CHECK(bound(value, high, highest) == field.limits.max);
    }
  }
  CHECK(documented == described);
  CHECK(required_there == required_here);
}

} // namespace

TEST_CASE("every route is documented with its operation, scope and parameters, and nothing else is") {
  std::map<std::string, const json::Value*> documented;
  for (const auto& path : document().at("paths").as_object())
    for (const auto& operation : path.value().as_object())
      if (operation.value().is_object() && operation.value().as_object().contains("operationId"))
        documented.emplace(std::string{operation.key()} + " " + std::string{path.key()}, &operation.value());
  documented.erase("get /docs"); // a page of the server, not of the API
  for (const auto& route : api::Api::routes()) {
    const auto key = method_key(route.method) + " " + std::string{route.path};
    CAPTURE(key);
    REQUIRE(documented.contains(key));
    const auto& operation = *documented.at(key);
    CHECK(operation.at("operationId").as_string() == route.operation_id);
    static constexpr const char* scopes[] = {"none", "visitor", "read", "write", "admin", "platform", "member"};
    const auto* scope = member(operation, "x-scope");
    CHECK(std::string{scope ? std::string_view{scope->as_string()} : std::string_view{}} == scopes[static_cast<int>(route.access)]);
    const auto* least = member(operation, "x-least-role");
    CHECK(std::string{least ? std::string_view{least->as_string()} : std::string_view{}} ==
          (route.least_role ? std::string{json::name_of(*route.least_role)} : std::string{}));
    std::set<std::string> there, here(route.query_parameters.begin(), route.query_parameters.end());
    if (const auto* parameters = member(operation, "parameters"))
      for (const auto& parameter : parameters->as_array())
        if (const auto& p = resolved(parameter); p.at("in") == "query") there.emplace(p.at("name").as_string());
    CHECK(there == here);
    documented.erase(key);
  }
  for (const auto& [key, unused] : documented) {
    CAPTURE(key);
    CHECK_MESSAGE(false, "documented, but there is no such route");
  }
}

TEST_CASE("every resource's fields are documented as they are read and written") {
  using enum json::Use;
  compare<Offering>("Offering", out, {"translation"});
  compare<Offering>("OfferingCreate", create);
  compare<Offering>("OfferingPatch", patch);
  compare<AvailabilityRule>("AvailabilityRule", out);
  compare<AvailabilityRule>("AvailabilityRuleCreate", create);
  compare<AvailabilityRule>("AvailabilityRulePatch", patch);
  compare<AvailabilityException>("AvailabilityException", out);
  compare<AvailabilityException>("AvailabilityExceptionCreate", create);
  compare<AvailabilityException>("AvailabilityExceptionPatch", patch);
  compare<Coupon>("Coupon", out, {"translation"});
  compare<Coupon>("CouponCreate", create);
  compare<Coupon>("CouponPatch", patch);
  compare<ApiKey>("ApiKey", out);
  compare<ApiKey>("ApiKeyCreate", create);
  compare<Customer>("Customer", out);
  compare<BookingItem>("BookingItem", out);
  compare<Payment>("Payment", out);
  compare<Refund>("Refund", out);
  compare<Subscription>("Subscription", out);
  compare<OpenPayment>("OpenPayment", out);
  compare<AuditEntry>("AuditEntry", out);
  compare<RiskReason>("RiskReason", out);
  compare<Photo>("Photo", out);
  compare<RefundTier>("RefundTier", create);
  compare<Hold>("Hold", out);
  compare<Tenant>("Me/properties/tenant", out);
  compare<api::Storefront>("Storefront", out, {"translation"});
  compare<api::LiveAnnouncement>("LiveAnnouncement", out);
  compare<api::LiveBadge>("LiveBadge", out);
  compare<api::Brand>("Branding", out);
  compare<api::CustomerLinkDraft>("CustomerLinkCreate", create);
  compare<api::CustomerSessionDraft>("CustomerSessionCreate", create);
  compare<api::OpenedSession>("CustomerSession", out);
  compare<api::Brand>("BrandingPatch", patch);
  compare<Announcement>("Announcement", out);
  compare<Announcement>("AnnouncementInput", create);
  compare<SaleBadge>("SaleBadge", out);
  compare<SaleBadge>("SaleBadgeInput", create);
  compare<PricingRule>("PricingRule", out);
  compare<PricingRule>("PricingRuleCreate", create);
  compare<PricingRule>("PricingRulePatch", patch);
  compare<PricingConditions>("PricingConditions", out);
  compare<PricingConditions>("PricingConditionsInput", create);
  compare<LocalTimeRange>("LocalTimeRange", create);
  compare<LocalDateRange>("LocalDateRangeInput", create);
  compare<NumberRange>("NumberRangeInput", create);
  compare<PriceAdjustment>("PriceAdjustment", create);
  compare<PriceStep>("PriceStep", out);
  compare<PriceLine>("PriceLine", out);
  compare<Quote>("QuoteFigures", out);
  compare<CancellationTerms>("CancellationTerms", out);
  compare<RiskPolicy>("RiskPolicy", out);
  compare<RiskPolicy>("RiskPolicyInput", create);
  compare<RiskWeight>("RiskWeight", create);
  compare<api::BookingDraft>("PublicBookingCreate", create);
  compare<api::KeyBookingDraft>("BookingCreate", create);
  compare<api::CustomerDraft>("CustomerCreate", create);
  compare<api::ClientDraft>("ClientCreate", create);
  compare<api::PaymentChoice>("PaymentChoice", create);
  compare<api::PaymentDraft>("PaymentCreate", create);
  compare<api::RefundDraft>("RefundCreate", create);
  compare<api::QuoteDraft>("QuoteCreate", create);
  compare<api::HoldDraft>("HoldCreate", create);
  compare<api::BookingCancel>("BookingCancel", create);
  compare<Webhook>("Webhook", out);
  compare<Webhook>("WebhookCreate", create);
  compare<Webhook>("WebhookPatch", patch);
  compare<Delivery>("Delivery", out);
  compare<DeliveryAttempt>("DeliveryAttempt", out);
  compare<Waiting>("Waiting", out);
  compare<Notification>("Notification", out);
  compare<api::RotationDraft>("WebhookRotation", create);
  compare<api::ReplayDraft>("ReplayCreate", create);
  compare<Review>("Review", out);
  compare<Review>("ReviewPatch", patch);
  compare<api::ReviewDraft>("ReviewCreate", create);
  compare<ReviewReply>("ReviewReply", create);
  compare<PublicReview>("PublicReview", out, {"translation"});
  compare<Insights>("Insights", out);
  compare<ScoreGain>("ScoreGain", out);
  compare<Figures>("InsightDays", out);
  compare<DayFigures>("DayFigures", out);
  compare<LeadTime>("LeadTime", out);
  compare<FigureTotals>("FigureTotals", out);
  compare<api::MarketplaceRow>("MarketplaceRow", out);
  compare<Dispute>("Dispute", out);
  compare<Dispute>("DisputeCreate", create);
  compare<DisputeThread>("DisputeThread", out);
  compare<DisputeMessage>("DisputeMessage", out);
  compare<DisputeMessage>("DisputeMessageCreate", create);
  compare<DisputeDecision>("DisputeDecision", create);
  compare<api::CustomersDispute>("PublicDispute", out);
  compare<api::CustomersMessage>("PublicDisputeMessage", out);
  compare<api::CustomersThread>("PublicDisputeThread", out);
  compare<api::DisputeSummary>("DisputeSummary", out);
  compare<api::DisputeRow>("DisputeRow", out);
  compare<api::DisputeCase>("DisputeCase", out);
  compare<KybDocument>("KybDocument", out);
  compare<KybSubmission>("KybSubmission", out);
  compare<KybSubmission>("KybSubmissionCreate", create);
  compare<KybOverview>("Kyb", out);
  compare<KybDecision>("KybDecision", create);
  compare<TenantRecord>("TenantRecord", out);
  compare<Suspension>("TenantSuspension", create);
  compare<Closing>("Closing", create);
  compare<AdminAction>("AdminAction", out);
  compare<Import>("Import", out);
  compare<ImportFault>("ImportFault", out);
  compare<DomainView>("Domain", out);
  compare<api::DomainDraft>("DomainInput", create);
  compare<LocaleView>("TenantLocale", out);
  compare<api::LocaleDraft>("TenantLocaleCreate", create);
  compare<api::TranslationRow>("TranslationRow", out);
  compare<TranslationView>("Translation", out);
  compare<TranslationField>("TranslationField", out);
  compare<api::TranslationTexts>("TranslationTexts", create);
  compare<AssistantQuestion>("AssistantQuestion", create);
  compare<AssistantSource>("AssistantSource", out);
  compare<AssistantAnswer>("AssistantAnswer", out);
  compare<AssistantStatus>("Assistant", out);
  compare<OfferingSummary>("OfferingSummary", out);
  compare<api::OfferingPriceSuggestion>("OfferingPriceSuggestion", out);
  compare<PriceSuggestion>("PriceSuggestion", out);
  compare<PriceComparable>("PriceComparable", out);
  compare<PriceReason>("PriceReason", out);
  compare<api::CalendarState>("CalendarToken", out);
  compare<api::MadeCalendar>("CalendarAddress", out);
  compare<ProductType>("ProductType", out);
  compare<AttributeSpec>("AttributeSpec", out);
  compare<Admin>("Admin", out);
  compare<api::AdminToken>("AdminToken", create);
  compare<api::AdminSessionView>("AdminSession", out);
  compare<Member>("Member", out);
  compare<Member>("MemberPatch", patch);
  compare<api::MemberByEmail>("MemberByEmail", create);
  compare<api::Invitation>("Invitation", out);
  compare<api::Invited>("InvitationCreate", create);
  compare<api::InvitationView>("InvitationView", out);
  compare<api::Acceptance>("InvitationAccept", create);
  compare<api::SignUpDraft>("SignUp", create);
  compare<api::SignInDraft>("SignIn", create);
  compare<api::SessionView>("Session", out);
  compare<api::SessionRow>("SessionRow", out);
  compare<api::ResetDraft>("PasswordResetCreate", create);
  compare<api::NewPassword>("PasswordSet", create);
  compare<api::LinkToken>("LinkToken", create);
  compare<api::VerifiedEmail>("VerifiedEmail", out);
  compare<api::Profile>("Profile", create);
  compare<api::PasswordChange>("PasswordChange", create);
  compare<api::NewTotp>("TotpSecret", out);
  compare<api::TotpCode>("TotpCode", create);
  compare<api::RecoveryCodes>("RecoveryCodes", out);
  compare<api::PasswordProof>("PasswordProof", create);
}

TEST_CASE("what the kinds, filters and states of webhooks and disputes are documented as is what there is") {
  const auto documented = [](const char* place) {
    std::vector<std::string> names;
    for (const auto& name : document().at_pointer("/components/schemas/" + std::string{place} + "/enum").as_array())
      names.emplace_back(name.as_string());
    return names;
  };
  const auto named = [](auto names) { return std::vector<std::string>(names.begin(), names.end()); };
  CHECK(documented("EventType") == named(json::EnumNames<EventType>::names));
  CHECK(documented("DeliveryStatus") == named(json::EnumNames<DeliveryStatus>::names));
  CHECK(documented("Webhook/properties/status") == named(json::EnumNames<WebhookStatus>::names));
  CHECK(documented("Webhook/properties/disabledReason/oneOf/0") == named(json::EnumNames<WebhookDisabledReason>::names));
  CHECK(documented("WebhookHealth/properties/breaker") == named(json::EnumNames<BreakerState>::names));
  CHECK(documented("Waiting/properties/reason") == named(json::EnumNames<WaitReason>::names));
  CHECK(documented("Notification/properties/kind") == named(json::EnumNames<NotificationKind>::names));
  CHECK(documented("Dispute/properties/status") == named(json::EnumNames<DisputeStatus>::names));
  CHECK(documented("Dispute/properties/category") == named(json::EnumNames<DisputeCategory>::names));
  CHECK(documented("Dispute/properties/resolution/oneOf/0") == named(json::EnumNames<DisputeResolution>::names));
  CHECK(documented("DisputeDecision/properties/resolution") == named(json::EnumNames<DisputeResolution>::names));
  CHECK(documented("DisputeParty") == named(json::EnumNames<DisputeParty>::names));
  CHECK(documented("Import/properties/status") == named(json::EnumNames<ImportStatus>::names));
  CHECK(documented("Domain/properties/status") == named(json::EnumNames<DomainStatus>::names));
  CHECK(documented("Domain/properties/failure/oneOf/0") == named(json::EnumNames<DomainFailure>::names));
  CHECK(documented("PriceReason/properties/kind") == named(json::EnumNames<PriceReasonKind>::names));
  CHECK(documented("Role") == named(json::EnumNames<Role>::names));
  CHECK(documented("MemberStatus") == named(json::EnumNames<MemberStatus>::names));
  CHECK(documented("StorefrontTemplate") == named(json::EnumNames<StorefrontTemplate>::names));
  std::set<std::string> filters{"*"};
  for (const auto name : json::EnumNames<EventType>::names) {
    for (const auto& filter : {std::string{name}, std::string{name.substr(0, name.find('.'))} + ".*"})
      if (name != "webhook.test") filters.insert(filter);
    CHECK(is_event_filter(name) == (name != "webhook.test"));
  }
  const auto there = documented("EventFilter");
  CHECK(std::set<std::string>(there.begin(), there.end()) == filters);
  for (const auto& filter : filters) CHECK(is_event_filter(filter));
  for (const auto* none :
       {"", ".*", "**", "booking", "booking.", "booking.**", "book.*", "webhook.*", "webhook.test", "Booking.*", "booking.x"})
    CHECK_MESSAGE(!is_event_filter(none), none);
}

TEST_CASE("the delivery of an event is documented with every header that is sent") {
  std::set<std::string> there, here;
  for (const auto& parameter : document().at_pointer("/webhooks/event/post/parameters").as_array())
    there.emplace(parameter.at("name").as_string());
  SeededRandom random{1};
  const auto signer = WebhookSigner::make(make_webhook_secret(random));
  for (const auto& header : webhook_headers({"dlv_1", "webhook.test", 1, Instant{}, "{}"}, *signer, {})) here.emplace(header.name);
  CHECK(there == here);
  const auto body = boost::json::parse(event_body({}, EventType::webhook_test, Instant{}, {}, "{}"));
  std::set<std::string> sent, required;
  for (const auto& field : body.as_object()) sent.emplace(field.key());
  for (const auto& name : document().at_pointer("/components/schemas/Event/required").as_array()) required.emplace(name.as_string());
  CHECK(sent == required);
}

TEST_CASE("every error code is documented") {
  std::set<std::string> there, here;
  for (const auto& code : document().at_pointer("/components/schemas/Problem/properties/code/enum").as_array())
    there.emplace(code.as_string());
#define X(name, status, title) here.insert(#name);
  ORKESTR_ERROR_CODES(X)
#undef X
  // What only a library's caller can meet: opening a store, making a tenant.
  for (const auto* library_only : {"store_locked", "schema_too_new", "schema_too_old", "archive_invalid"}) {
    here.erase(library_only);
    there.erase(library_only);
  }
  for (const auto& code : here) CHECK_MESSAGE(there.contains(code), "not documented: ", code);
  for (const auto& code : there) CHECK_MESSAGE(here.contains(code), "documented, but never answered: ", code);
}

TEST_CASE("the currencies documented are the currencies taken") {
  std::vector<std::string> there;
  for (const auto& code : document().at_pointer("/components/schemas/Currency/enum").as_array()) there.emplace_back(code.as_string());
  CHECK(there == std::vector<std::string>(currency_codes().begin(), currency_codes().end()));
}
