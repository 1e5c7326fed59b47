// A platform on a store, and the REST API as a function.
#include "common.hpp"
#include "host_storage.hpp"

#include "orkestr/adapters/csv.hpp"
#include "orkestr/adapters/sqlite_store.hpp"
#include "orkestr/api/api.hpp"
#include "orkestr/engine/slug.hpp"
#include "orkestr/platform/imports.hpp"
#include "orkestr/platform/webhook_worker.hpp"
#include "orkestr/storage/memory_store.hpp"
#ifdef ORKESTR_WITH_HTTP_CLIENT
#include "orkestr/adapters/http_client.hpp"
#endif
#ifdef ORKESTR_WITH_POSTGRES
#include "orkestr/adapters/postgres_store.hpp"
#endif

namespace orkestr::c {
namespace {

class HostClock final : public Clock {
 public:
  HostClock(int64_t (*now_ms)(void*), void* context) : now_ms_(now_ms), context_(context) {}
  [[nodiscard]] Instant now() const override { return now_ms_ == nullptr ? system_.now() : Instant{now_ms_(context_)}; }

 private:
  int64_t (*now_ms_)(void*);
  void* context_;
  SystemClock system_;
};

bool is_postgres(std::string_view store) { return store.starts_with("postgresql:") || store.starts_with("postgres:"); }

Result<std::unique_ptr<storage::Store>> open_store(const orkestr_options& options) {
  if (options.storage != nullptr) {
    ORKESTR_TRY(const auto host, taken_in(options.storage, sizeof(orkestr_storage)));
    return open_host_storage(host);
  }
  const auto where = view(options.store);
  if (where == "memory:") return std::unique_ptr<storage::Store>(std::make_unique<storage::MemoryStore>());
  if (is_postgres(where)) {
#ifdef ORKESTR_WITH_POSTGRES
    storage::PostgresOptions postgres;
    postgres.connection = where;
    ORKESTR_TRY(auto store, storage::PostgresStore::open(postgres));
    return std::unique_ptr<storage::Store>(std::move(store));
#else
    return fail(Code::not_implemented, "This library was built without PostgreSQL.");
#endif
  }
  if (where.empty()) return fail(Code::invalid_parameter, "There is no store: \"memory:\", a file, or postgresql://…");
  storage::SqliteOptions sqlite;
  sqlite.file = where;
  ORKESTR_TRY(auto store, storage::SqliteStore::open(sqlite));
  return std::unique_ptr<storage::Store>(std::move(store));
}

NetworkPolicy network_policy(const orkestr_options& options) { return {(options.webhooks & ORKESTR_WEBHOOKS_LOOPBACK) != 0}; }

Result<std::unique_ptr<HttpClient>> webhook_client([[maybe_unused]] const orkestr_options& options) {
#ifdef ORKESTR_WITH_HTTP_CLIENT
  HttpClientOptions http;
  http.policy = network_policy(options);
  http.user_agent = "Orkestr/" ORKESTR_VERSION " (webhooks)";
  return make_http_client(std::move(http));
#else
  return fail(Code::not_implemented, "This library was built without what sends webhooks: set ORKESTR_WEBHOOKS_OFF.");
#endif
}

PlatformOptions platform_options(const orkestr_options& options, SecretBox secrets) {
  PlatformOptions made;
  made.secrets = std::move(secrets);
  made.network = network_policy(options);
  if (const auto pattern = view(options.storefront); !pattern.empty()) made.storefront = pattern;
  if (const auto domain = view(options.base_domain); !domain.empty()) made.base_domain = domain;
  return made;
}

api::ApiOptions api_options(const orkestr_options& options) {
  api::ApiOptions made;
  made.rate_limit = options.rate_limit;
  return made;
}

struct TenantDraft {
  std::string name, subdomain;
  Currency display_currency;
  std::string time_zone = "UTC", locale = "en";
};

} // namespace
} // namespace orkestr::c

namespace orkestr::inline v1::json {
template <> struct Schema<c::TenantDraft> {
  using T = c::TenantDraft;
  static constexpr auto fields = std::make_tuple(
      field("name", &T::name, required_writable, {1, 120}),
      field("subdomain", &T::subdomain, required_writable, {1, 63, is_subdomain, "Use lower-case letters, digits and hyphens."}),
      field("displayCurrency", &T::display_currency, writable), field("timeZone", &T::time_zone, writable, {1, 64}),
      field("locale", &T::locale, writable, {2, 35, is_locale, "Use a BCP 47 tag such as en or pt-BR."}));
};
} // namespace orkestr::inline v1::json

using namespace orkestr;
using namespace orkestr::c;

struct orkestr_platform {
  /// @param webhooks  nullptr: none are sent
  orkestr_platform(const orkestr_options& options, std::unique_ptr<storage::Store> opened, SecretBox secrets,
                   std::unique_ptr<HttpClient> webhooks)
      : clock(options.now_ms, options.context),
        store(std::move(opened)),
        platform(*store, clock, random, platform_options(options, std::move(secrets))),
        api(platform, api_options(options)),
        imports(platform, read_csv),
        client(std::move(webhooks)) {
    if (options.on_events != nullptr) platform.on_appended([told = options.on_events, context = options.context] { told(context); });
    // Every store but PostgreSQL has one owner.
    if (client)
      worker.emplace(platform, *client, DispatcherOptions{.sole = options.storage != nullptr || !is_postgres(view(options.store))});
  }

  HostClock clock;
  SystemRandom random;
  std::unique_ptr<storage::Store> store;
  Platform platform;
  api::Api api;
  ImportDesk imports;
  std::unique_ptr<HttpClient> client;
  std::optional<WebhookWorker> worker;
};

struct orkestr_response {
  api::Response answer;
  std::vector<orkestr_header> headers; ///< borrow from `answer`
};

orkestr_error* orkestr_platform_open(const orkestr_options* options, orkestr_platform** platform) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(platform, "platform"));
    ORKESTR_TRY(const auto wanted, taken_in(options, offsetof(orkestr_options, rate_limit) + sizeof(uint32_t)));
    SecretBox secrets;
    if (const auto keys = view(wanted.secrets); !keys.empty()) {
      ORKESTR_TRY(secrets, SecretBox::parse(keys));
    }
    if (const auto pattern = view(wanted.storefront); !pattern.empty() && !is_storefront_pattern(pattern))
      return fail(Code::invalid_parameter, "storefront takes a pattern such as https://{tenant}.example.com");
    std::unique_ptr<HttpClient> client;
    if (!secrets.empty() && (wanted.webhooks & ORKESTR_WEBHOOKS_OFF) == 0) {
      ORKESTR_TRY(client, webhook_client(wanted));
    }
    ORKESTR_TRY(auto store, open_store(wanted));
    *platform = new orkestr_platform(wanted, std::move(store), std::move(secrets), std::move(client));
    return {};
  });
}
void orkestr_platform_free(orkestr_platform* platform) { delete platform; }

orkestr_error* orkestr_platform_create_tenant(orkestr_platform* platform, orkestr_text text, orkestr_buffer** answer) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(platform, "platform"));
    ORKESTR_CHECK(present(answer, "answer"));
    ORKESTR_TRY(const auto body, json::parse(view(text)));
    TenantDraft draft;
    json::Reader reader;
    json::read_body(reader, body, draft, json::create);
    ORKESTR_CHECK(reader.result());
    Tenant tenant;
    tenant.name = draft.name;
    tenant.subdomain = draft.subdomain;
    tenant.display_currency = draft.display_currency;
    tenant.time_zone = draft.time_zone;
    tenant.locale = draft.locale;
    ORKESTR_TRY(const auto made, platform->platform.create_tenant(tenant));
    ApiKey key;
    key.name = "First key";
    key.scopes = {Scope::read, Scope::write, Scope::admin};
    ORKESTR_TRY(const auto issued, platform->platform.create_api_key(made.id, key));
    auto written = std::make_unique<orkestr_buffer>();
    json::Writer w(written->text);
    w.begin_object();
    w.key("tenant");
    json::write(w, made);
    w.key("apiKey");
    w.string(issued.token);
    w.end_object();
    *answer = written.release();
    return {};
  });
}

orkestr_error* orkestr_platform_handle(orkestr_platform* platform, const orkestr_request* request, orkestr_response** response) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(platform, "platform"));
    ORKESTR_CHECK(present(response, "response"));
    ORKESTR_TRY(const auto given, taken_in(request, offsetof(orkestr_request, peer) + sizeof(orkestr_text)));
    std::vector<api::HeaderView> headers;
    headers.reserve(given.header_count);
    for (std::size_t i = 0; i < given.header_count; ++i) headers.push_back({view(given.headers[i].name), view(given.headers[i].value)});
    auto made = std::make_unique<orkestr_response>();
    made->answer =
        platform->api.handle({api::parse_method(view(given.method)), view(given.target), headers, view(given.body), view(given.peer)});
    for (std::string_view lines = made->answer.headers; !lines.empty();) {
      const auto line = lines.substr(0, lines.find("\r\n"));
      lines.remove_prefix(std::min(line.size() + 2, lines.size()));
      if (const auto colon = line.find(": "); colon != std::string_view::npos)
        made->headers.push_back({borrowed(line.substr(0, colon)), borrowed(line.substr(colon + 2))});
    }
    *response = made.release();
    return {};
  });
}
int32_t orkestr_response_status(const orkestr_response* response) { return response->answer.status; }
size_t orkestr_response_header_count(const orkestr_response* response) { return response->headers.size(); }
orkestr_header orkestr_response_header(const orkestr_response* response, size_t index) {
  return index < response->headers.size() ? response->headers[index] : orkestr_header{};
}
orkestr_text orkestr_response_body(const orkestr_response* response) { return borrowed(response->answer.body); }
void orkestr_response_free(orkestr_response* response) { delete response; }

orkestr_error* orkestr_platform_events(orkestr_platform* platform, orkestr_text tenant_id, orkestr_text after, size_t limit,
                                       orkestr_buffer** answer) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(platform, "platform"));
    ORKESTR_CHECK(present(answer, "answer"));
    const auto tenant = TenantId::parse(view(tenant_id));
    if (!tenant) return fail(Code::invalid_parameter, "tenant_id is not the id of a tenant.");
    const std::string from{view(after)};
    ORKESTR_TRY(const auto events, platform->store->read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Event>> {
      return tx.events().list(*tenant, from, std::clamp<size_t>(limit, 1, 1000), true);
    }));
    auto written = std::make_unique<orkestr_buffer>();
    json::Writer w(written->text);
    w.begin_object();
    w.key("data");
    w.array(events, [](std::string& out, const Event& event) { out += event.body; });
    w.end_object();
    *answer = written.release();
    return {};
  });
}

orkestr_error* orkestr_platform_run_due(orkestr_platform* platform, orkestr_buffer** answer) {
  return guarded([&]() -> Result<void> {
    ORKESTR_CHECK(present(platform, "platform"));
    auto& own = *platform;
    ORKESTR_TRY(const auto done, own.platform.run_due(own.platform.now()));
    ORKESTR_TRY(const bool imported, own.imports.step(own.platform.now(), [] { return true; }));
    if (answer == nullptr) return {};
    auto written = std::make_unique<orkestr_buffer>();
    json::Writer w(written->text);
    w.begin_object();
    const auto put = [&](std::string_view key, std::size_t count) {
      w.key(key);
      w.integer(static_cast<std::int64_t>(count));
    };
    put("completedBookings", done.completed_bookings);
    put("unpaidBookings", done.unpaid_bookings);
    put("expiredHolds", done.expired_holds);
    put("computedScores", done.computed_scores);
    w.key("imported");
    w.boolean(imported);
    w.end_object();
    *answer = written.release();
    return {};
  });
}
