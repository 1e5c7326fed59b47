// orkestr-server: opens the store, starts the API behind HTTP, runs due work, stops when told to.
#include "archives.hpp"
#include "config.hpp"
#include "demo/atlas.hpp"
#include "hosts.hpp"
#include "http/server.hpp"
#include "mail.hpp"
#include "model.hpp"
#include "pages/assets.hpp"
#include "pages/portal.hpp"
#include "pages/storefront.hpp"
#include "payments.hpp"
#include "store.hpp"
#include "translators.hpp"
#include "webhooks.hpp"

#include "orkestr/adapters/csv.hpp"
#include "orkestr/adapters/http_client.hpp"
#include "orkestr/api/api.hpp"
#include "orkestr/platform/domains.hpp"
#include "orkestr/platform/imports.hpp"
#include "orkestr/storage/hurry.hpp"

#include <spdlog/sinks/stdout_sinks.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <thread>

#include <malloc.h>

namespace orkestr::server {
namespace {

using namespace std::chrono_literals;

/// One line of JSON: an event and its fields.
template <class... Fields> void log(spdlog::level::level_enum level, std::string_view event, const Fields&... fields) {
  if (!spdlog::should_log(level)) return;
  std::string line;
  json::Writer w(line);
  w.begin_object();
  w.key("time");
  json::write(w, SystemClock{}.now());
  w.key("level");
  const auto name = spdlog::level::to_string_view(level);
  w.string({name.data(), name.size()});
  w.key("event");
  w.string(event);
  const auto put = [&](const auto& field) {
    w.key(field.first);
    if constexpr (std::is_integral_v<std::remove_cvref_t<decltype(field.second)>>)
      w.integer(static_cast<std::int64_t>(field.second));
    else
      w.string(field.second);
  };
  (put(fields), ...);
  w.end_object();
  spdlog::log(level, "{}", line);
}
template <class T> std::pair<std::string_view, T> with(std::string_view name, T value) { return {name, std::move(value)}; }

/// A path as the log may have it: what opens a calendar stays out of it, as what stands in queries does.
std::string_view shown_path(std::string_view target) {
  constexpr std::string_view calendars = "/calendar/";
  return target.starts_with(calendars) ? calendars : target.substr(0, target.find('?'));
}

/// Static files first, then mails in development, pages of storefronts, and the API.
class Site final : public Application {
 public:
  /// @param store_waits reads leave the process, so that none may hold up a thread of sockets for long
  Site(api::Api& api, Storefront& storefront, const Portal& portal, const Mails& mails, bool access_log, bool store_waits)
      : api_(api), storefront_(storefront), portal_(portal), mails_(mails), access_log_(access_log), store_waits_(store_waits) {}

  std::optional<api::Response> handle_now(const api::Request& request) override {
    if (asset_for(request) == nullptr && !Portal::is_page(request)) {
      // A page is several questions, and takes a while to write; unless it was just written for somebody else.
      if (storefront_.is_page(request)) return logged(request, [&] { return storefront_.handle_now(request); });
      if (api_.may_wait(request)) return std::nullopt;
    }
    if (!store_waits_) return handle(request);
    std::optional<api::Response> answer;
    {
      const storage::Hurry hurry(20ms);
      answer = handle(request);
    }
    if (answer->status == 503) answer.reset(); // a worker has the time to find out
    return answer;
  }

  api::Response handle(const api::Request& request) override {
    return *logged(request, [&]() -> std::optional<api::Response> {
      if (auto mail = mails_.answer(request)) return mail;
      const auto* asset = asset_for(request);
      if (asset == nullptr && Portal::is_page(request)) return portal_.handle(request);
      return asset != nullptr ? serve(*asset, request) : storefront_.is_page(request) ? storefront_.handle(request) : api_.handle(request);
    });
  }

  std::optional<std::size_t> max_body_bytes(api::Method method, std::string_view path) const override {
    return api_.max_body_bytes(method, path);
  }

  api::Response refuse(int, std::string_view code, std::string_view detail) override { return api_.refuse(code_named(code), detail); }

 private:
  /// With its line in the access log.
  std::optional<api::Response> logged(const api::Request& request, FunctionRef<std::optional<api::Response>()> answer) {
    const auto start = std::chrono::steady_clock::now();
    auto response = answer();
    if (access_log_ && response) {
      const auto micros = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start).count();
      log(spdlog::level::info, "request", with("requestId", response->header("X-Request-Id")), with("path", shown_path(request.target)),
          with("status", response->status), with("micros", micros), with("peer", request.peer));
    }
    return response;
  }

  api::Response serve(const Asset& asset, const api::Request& request) {
    api::Response response;
    if (request.method != api::Method::get && request.method != api::Method::head) {
      response = api_.refuse(Code::method_not_allowed, "This page can be read only.", request.header("X-Request-Id"));
      response.set("Allow", "GET, HEAD");
      return response;
    }
    response = asset_response(asset, request);
    response.set("X-Request-Id", api_.request_id(request));
    return response;
  }

  api::Api& api_;
  Storefront& storefront_;
  const Portal& portal_;
  const Mails& mails_;
  const bool access_log_, store_waits_;
};

/// Calls Platform::run_due once a second on a thread of its own.
class DueWorker {
 public:
  DueWorker(Platform& platform, Payments& payments) : platform_(platform), payments_(payments), thread_([this] { run(); }) {}
  ~DueWorker() {
    {
      const std::lock_guard guard(mutex_);
      stopping_ = true;
    }
    wake_.notify_all();
    thread_.join();
    // What is still in memory, the last uses of keys, is written down.
    (void)platform_.run_due(platform_.now());
  }
  /// What is wrong, or nothing.
  [[nodiscard]] std::string trouble() const {
    return platform_.now() - Instant{last_.load()} > 60s ? "due work has stood still for a minute" : "";
  }

 private:
  void run() {
    std::unique_lock guard(mutex_);
    while (!stopping_) {
      guard.unlock();
      payments_.tick();
      const auto done = platform_.run_due(platform_.now());
      if (done)
        last_ = platform_.now().ms;
      else
        log(spdlog::level::err, "due_work_failed", with("detail", done.error().detail));
      if (done && done->completed_bookings > 0) log(spdlog::level::info, "bookings_completed", with("count", done->completed_bookings));
      guard.lock();
      wake_.wait_for(guard, 1s, [&] { return stopping_; });
    }
  }

  Platform& platform_;
  Payments& payments_;
  std::atomic<std::int64_t> last_{platform_.now().ms};
  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::thread thread_;
};

/// SIGTERM and SIGINT as something to wait for. Made before any thread, so that all of them leave the signals alone.
class StopSignal {
 public:
  StopSignal() {
    sigemptyset(&set_);
    sigaddset(&set_, SIGTERM);
    sigaddset(&set_, SIGINT);
    pthread_sigmask(SIG_BLOCK, &set_, nullptr);
    std::signal(SIGPIPE, SIG_IGN);
  }
  int wait() {
    int signal = 0;
    sigwait(&set_, &signal);
    return signal;
  }

 private:
  sigset_t set_;
};

void print_ready(const Config& config, const std::string& base_url, const std::optional<DemoHandles>& demo) {
  const std::string storefront = "http://atlas." + config.base_domain + base_url.substr(base_url.rfind(':'));
  if (config.json) {
    std::string line;
    json::Writer w(line);
    w.begin_object();
    const auto put = [&](std::string_view key, std::string_view value) {
      w.key(key);
      w.string(value);
    };
    put("baseUrl", base_url);
    if (demo) {
      put("apiKey", demo->api_key);
      put("adminKey", demo->admin_key);
      put("ownerEmail", demo->owner_email);
      put("password", demo->password);
      put("platformToken", demo->platform_token);
      put("tenant", "atlas");
      put("storefrontUrl", storefront);
      put("offeringId", demo->offering.view());
      put("pendingBookingId", demo->pending_booking.view());
      put("confirmedBookingId", demo->confirmed_booking.view());
    }
    w.end_object();
    std::printf("%s\n", line.c_str());
  } else {
    std::printf("\n  Orkestr %s is ready\n\n  API        %s/v1\n  Docs       %s/docs\n", ORKESTR_VERSION, base_url.c_str(),
                base_url.c_str());
    if (demo) {
      std::printf(
          "  Storefront %s\n  Portal     %s/provider   as %s, password %s\n  Console    %s/admin   with the token %s\n"
          "  Tenant     Atlas Studios (atlas)\n  API key    %s\n  Admin key  %s\n\n  Try it:\n    curl %s/v1/api/me -H \"Authorization: Bearer %s\"\n",
          storefront.c_str(), storefront.c_str(), demo->owner_email.c_str(), demo->password.c_str(), base_url.c_str(),
          demo->platform_token.c_str(), demo->api_key.c_str(), demo->admin_key.c_str(), base_url.c_str(), demo->api_key.c_str());
    } else {
      std::printf("\n  Make a tenant with: orkestr-server create-tenant --name NAME --subdomain NAME (while no server runs)\n");
    }
    std::printf("\n  Stop with Ctrl-C.\n\n");
  }
  std::fflush(stdout);
}

int create_tenant(Platform& platform, const Config& config) {
  const auto currency = Currency::parse(config.tenant_currency);
  if (!currency) return complain(fail(Code::invalid_parameter, "--currency takes an ISO 4217 code such as EUR"));
  Tenant tenant;
  tenant.name = config.tenant_name;
  tenant.subdomain = config.tenant_subdomain;
  tenant.display_currency = *currency;
  tenant.time_zone = config.tenant_time_zone;
  if (config.tenant_pending) tenant.status = TenantStatus::pending;
  const auto created = platform.create_tenant(tenant);
  if (!created) return complain(created.error());
  ApiKey key;
  key.name = "First key";
  key.scopes = {Scope::read, Scope::write, Scope::admin};
  const auto issued = platform.create_api_key(created->id, key);
  if (!issued) return complain(issued.error());
  std::printf("tenant     %s (%s)\nadmin key  %s\nThe key is shown this once; keep it safe.\n", config.tenant_subdomain.c_str(),
              created->id.str().c_str(), issued->token.c_str());
  if (config.owner_email.empty()) return 0;
  const auto link = make_member_token(member_pass_word, created->id, platform.random());
  const auto invited = platform.write(created->id, [&](WriteContext& cx) {
    cx.mail = nullptr; // the link is shown here
    return invite_member(cx, {}, {config.owner_email, Role::owner, {}}, link);
  });
  if (!invited) return complain(invited.error());
  const auto origin = storefront_origin(Mails::storefront(config, config.port), config.tenant_subdomain);
  std::printf("owner      %s comes in by %s/provider/join?token=%s, within seven days\n", invited->email.c_str(), origin.c_str(),
              link.c_str());
  return 0;
}

/// The subcommands of `admin`.
int run_admin_command(Platform& platform, const Config& config) {
  if (config.command == Command::admin_create) {
    Admin draft;
    draft.email = config.admin_email;
    draft.name = config.admin_name;
    const auto issued = platform.create_admin(draft);
    if (!issued) {
      for (const auto& fault : issued.error().faults)
        std::fprintf(stderr, "orkestr-server: --%s: %s\n", fault.pointer.substr(1).c_str(), fault.detail.c_str());
      return issued.error().faults.empty() ? complain(issued.error()) : 1;
    }
    std::printf("admin  %s (%s)\ntoken  %s\nThe token is shown this once; keep it safe.\n", issued->admin.email.c_str(),
                issued->admin.id.str().c_str(), issued->token.c_str());
    return 0;
  }
  if (config.command == Command::admin_revoke) {
    const auto id = AdminId::parse(config.admin_id);
    const auto revoked = id ? platform.revoke_admin(*id) : Result<Admin>{fail(Code::not_found, "There is no such admin.")};
    if (!revoked) return complain(revoked.error());
    std::printf("revoked  %s (%s)\n", revoked->email.c_str(), revoked->id.str().c_str());
    return 0;
  }
  for (storage::Page page{200, {}};;) {
    const auto rows =
        platform.store().read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Admin>> { return tx.admins().list(page); });
    if (!rows) return complain(rows.error());
    for (const auto& admin : *rows) {
      const auto shown = [](const std::optional<Instant>& at) { return at ? to_string(*at) : std::string{"-"}; };
      std::printf("%s  %s  %s  %s  created %s  used %s  revoked %s\n", admin.id.str().c_str(), admin.prefix.c_str(), admin.email.c_str(),
                  admin.name.c_str(), to_string(admin.created_at).c_str(), shown(admin.last_used_at).c_str(),
                  shown(admin.revoked_at).c_str());
    }
    if (rows->size() < page.limit) return 0;
    page.before = rows->back().id.str();
  }
}

std::string server_metrics(const HttpServer& server, const OpenStore& store, const Webhooks& webhooks, const Mails& mails,
                           const Translators& translators, const Model& model) {
  const auto http = server.stats();
  std::string text;
  add_metric(text, "orkestr_http_connections", "gauge", "Open connections.", http.open_connections);
  add_metric(text, "orkestr_http_accepted_total", "counter", "Connections accepted.", http.accepted);
  add_metric(text, "orkestr_http_requests_total", "counter", "Requests read.", http.requests);
  add_metric(text, "orkestr_http_refused_total", "counter", "Requests refused before they reached the API.", http.refused);
  add_metric(text, "orkestr_http_timed_out_total", "counter", "Connections that met a deadline.", http.timed_out);
  return text + store.metrics() + webhooks.metrics() + mails.metrics() + translators.metrics() + model.metrics();
}

int serve(const Config& config, OpenStore& store, Platform& platform, Payments& payments, Mails& mails, Translators& translators,
          const Model& model, StopSignal& stop) {
  std::optional<DemoHandles> demo;
  if (config.demo) {
    std::error_code ignored; // whatever is wrong, writing the keys says it
    std::filesystem::create_directories(config.data, ignored);
    const auto prepared = prepare_demo(platform, config.data);
    if (!prepared) return complain(prepared.error());
    demo = *prepared;
  }
  if (const auto resealed = platform.reseal_secrets(); !resealed) return complain(resealed.error());
  auto webhooks = Webhooks::start(platform, store, config,
                                  [](std::string_view text) { log(spdlog::level::err, "webhooks_failed", with("detail", text)); });
  if (!webhooks) return complain(webhooks.error());
  // Ends last of what works on the platform, whatever happens below.
  const struct Stop {
    Payments& payments;
    Mails& mails;
    Translators& translators;
    ~Stop() {
      payments.stop();
      mails.stop();
      translators.stop();
    }
  } stop_workers{payments, mails, translators};
  api::ApiOptions options;
  options.test_cards = payments.test_cards();
  options.rate_limit = config.rate_limit;
  options.visitor_limit = config.visitor_rate_limit;
  options.sign_up = config.sign_up == "open" ? api::SignUp::open : config.sign_up == "approve" ? api::SignUp::approve : api::SignUp::closed;
  options.sign_up_limit = config.sign_up_limit;
  options.rate_window_seconds = config.rate_window;
  options.max_body_bytes = config.max_body;
  if (const auto* document = find_asset("/v1/openapi.json")) options.openapi_json = document->body;
  api::Api api(platform, std::move(options));
  const auto* gateway = platform.gateway();
  const CustomHosts hosts(platform.store());
  Storefront storefront(api, platform, hosts, gateway != nullptr ? std::string{gateway->name()} : std::string{});
  const Portal portal(api, config.base_domain);
  Site site(api, storefront, portal, mails, config.access_log, store.waits());
  HttpOptions http{config.address, config.port, config.io_threads, config.worker_threads};
  if (store.waits()) http.io_threads = std::max(http.io_threads, 4u); // each may be held up for a moment
  http.client_address_header = config.client_address_header;
  http.limits.max_body_bytes = config.max_body;
  http.limits.max_connections = config.max_connections;
  http.limits.max_connections_per_peer = config.max_connections_per_peer;
  HttpServer server(site, http);
  platform.set_storefront(Mails::storefront(config, server.port())); // before anybody works on the platform
  payments.start(platform, [](std::string_view text) { log(spdlog::level::err, "payments_failed", with("detail", text)); });
  mails.start(platform, [](std::string_view text) { log(spdlog::level::err, "mail_failed", with("detail", text)); });
  const auto told = [&](const char* event) {
    return [event](const Error& error) { log(spdlog::level::err, event, with("detail", error.detail)); };
  };
  translators.start(platform, [](std::string_view text) { log(spdlog::level::warn, "translation_failed", with("detail", text)); });
  ImportWorker imports(platform, read_csv, told("imports_failed"));
  DomainWorker domains(platform, told("domains_failed"));
  DueWorker due(platform, payments);
  api.set_metrics_source([&] { return server_metrics(server, store, **webhooks, mails, translators, model); });
  api.set_readiness_probe([&] {
    const auto trouble = due.trouble();
    return trouble.empty() ? (*webhooks)->trouble() : trouble;
  });
  server.start();

  const bool six = config.address.find(':') != std::string::npos;
  const std::string host = config.address == "0.0.0.0" || config.address == "::" ? "127.0.0.1"
                           : six                                                 ? "[" + config.address + "]"
                                                                                 : config.address;
  const std::string base_url = "http://" + host + ":" + std::to_string(server.port());
  log(spdlog::level::info, "listening", with("url", base_url), with("store", store.name()));
  if (const auto note = store.note(); !note.empty()) log(spdlog::level::info, "store", with("note", note));
  if (platform.secrets().empty())
    log(spdlog::level::info, "webhooks", with("note", "There is no key for secrets, so no webhook can be made. Set --secret-keys."));
  print_ready(config, base_url, demo);

  const int signal = stop.wait();
  log(spdlog::level::info, "stopping", with("signal", signal));
  server.stop(std::chrono::seconds{config.shutdown_seconds});
  log(spdlog::level::info, "stopped", with("requests", server.stats().requests));
  return 0;
}

int run(const Config& config) {
  StopSignal stop;
  // One arena: threads are many and allocate little, and an idle server should be small.
  mallopt(M_ARENA_MAX, 2);
  spdlog::set_default_logger(std::make_shared<spdlog::logger>("orkestr", std::make_shared<spdlog::sinks::stderr_sink_mt>()));
  spdlog::set_pattern("%v");
  spdlog::set_level(spdlog::level::from_str(config.log_level));

  std::atomic<std::int64_t> said{0};
  auto store = OpenStore::open(config, [&](std::string_view text) { // once a second at most, however many callers meet it
    const auto now = SystemClock{}.now().ms;
    auto last = said.load();
    if (now - last >= 1000 && said.compare_exchange_strong(last, now)) log(spdlog::level::err, "store_failure", with("detail", text));
  });
  if (!store) return complain(store.error());
  if (config.command == Command::migrate) {
    std::printf("%s is up to date.\n", (*store)->name().c_str());
    return 0;
  }
  const SystemClock clock;
  SystemRandom random;
  auto secrets = secret_box(config, **store, random);
  if (!secrets) return complain(secrets.error());
  auto payments = Payments::make(config, clock, random);
  if (!payments) return complain(payments.error());
  auto mails = Mails::make(config, clock, random);
  if (!mails) return complain(mails.error());
  auto dns = make_dns_resolver({.servers = config.dns_servers});
  if (!dns) return complain(dns.error());
  auto translators = Translators::make(config, clock);
  if (!translators) return complain(translators.error());
  auto model = Model::make(config, [](std::string_view text) { log(spdlog::level::warn, "model_failed", with("detail", text)); });
  if (!model) return complain(model.error());
  PlatformOptions options{*secrets,
                          NetworkPolicy{config.dev},
                          (*payments)->gateway(),
                          (*payments)->public_key(),
                          [each = payments->get()](const Error& error) { each->tell(error); },
                          (*mails)->mailer(),
                          "http://{tenant}.localhost",
                          dns->get(),
                          config.base_domain,
                          (*translators)->translator()};
  (*model)->add_to(options);
  Platform platform((*store)->store(), clock, random, std::move(options));
  switch (config.command) {
  case Command::create_tenant: return create_tenant(platform, config);
  case Command::admin_create:
  case Command::admin_list:
  case Command::admin_revoke: return run_admin_command(platform, config);
  default: return serve(config, **store, platform, **payments, **mails, **translators, **model, stop);
  }
}

} // namespace
} // namespace orkestr::server

int main(int argc, char** argv) {
  int exit_code = 0;
  const auto config = orkestr::server::parse_config(argc, argv, exit_code);
  if (!config) return exit_code;
  try {
    using orkestr::server::Command;
    const auto command = config->command;
    switch (command) {
    case Command::backup:
    case Command::restore:
    case Command::check:
    case Command::export_tenant:
    case Command::import_tenant: return orkestr::server::run_archive_command(*config);
    default: return orkestr::server::run(*config);
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "orkestr-server: %s\n", error.what());
    return 1;
  }
}
