#include "config.hpp"

#include <CLI/CLI.hpp>

namespace orkestr::server {

std::optional<Config> parse_config(int argc, char** argv, int& exit_code) {
  Config c;
  CLI::App app{"Orkestr: the booking server. Each flag can also stand in the environment or, as name = value, in a file."};
  app.get_formatter()->column_width(53);
  app.fallthrough(); // "backup --to FILE --data DIR" as well as "--data DIR backup --to FILE"
  app.set_version_flag("--version", ORKESTR_VERSION);
  app.set_config("--config", "", "Read settings from a file, e.g. --config /etc/orkestr.conf")->envname("ORKESTR_CONFIG");
  const auto add = [&](const char* flag, auto& value, const char* env, const char* text) {
    return app.add_option(flag, value, text)->envname(env)->capture_default_str();
  };
  add("--address", c.address, "ORKESTR_ADDRESS", "Listen here, e.g. --address 0.0.0.0");
  add("--port", c.port, "ORKESTR_PORT", "0 picks a free one, e.g. --port 8080");
  add("--base-domain", c.base_domain, "ORKESTR_BASE_DOMAIN", "Its subdomains are storefronts, e.g. --base-domain orkestr.example");
  add("--data", c.data, "ORKESTR_DATA", "Folder of the SQLite database, e.g. --data /var/lib/orkestr");
  // No default to show: a URL may hold a password.
  app.add_option("--store", c.store, "PostgreSQL instead, e.g. --store postgresql://orkestr@db/orkestr")->envname("ORKESTR_STORE");
  add("--store-connections", c.store_connections, "ORKESTR_STORE_CONNECTIONS", "To PostgreSQL, at most, e.g. --store-connections 32")
      ->check(CLI::Range(1, 1000));
  app.add_flag("--demo", c.demo, "Make the demo tenant, e.g. --demo --data /tmp/demo")->envname("ORKESTR_DEMO");
  app.add_flag("--dev", c.dev, "Let webhooks lead to this machine, by http too, e.g. --dev --demo")->envname("ORKESTR_DEV");
  // No default to show, and better in the environment or a file: whoever lists processes sees flags.
  app.add_option("--secret-keys", c.secret_keys,
                 "Encrypt webhook secrets and documents; else DATA/secret-keys, e.g. --secret-keys $(openssl rand -base64 32)")
      ->envname("ORKESTR_SECRET_KEYS");
  add("--ca-file", c.ca_file, "ORKESTR_CA_FILE", "Trusted when webhooks are sent, in place of the system's, e.g. --ca-file ca.pem");
  add("--dns-servers", c.dns_servers, "ORKESTR_DNS_SERVERS", "In place of the system's, e.g. --dns-servers 192.0.2.53");
  app.add_option("--payments", c.payments,
                 "test (the demo's) or stripe, with ORKESTR_STRIPE_... (docs/payments.md), e.g. --payments stripe")
      ->envname("ORKESTR_PAYMENTS")
      ->check(CLI::IsMember({"none", "test", "stripe"}))
      ->option_text("TEXT (Env:ORKESTR_PAYMENTS)"); // on one line
  app.add_option("--stripe-secret-key", c.stripe_secret_key, "Better in the environment, e.g. --stripe-secret-key rk_live_...")
      ->envname("ORKESTR_STRIPE_SECRET_KEY")
      ->group("");
  app.add_option("--stripe-webhook-secrets", c.stripe_webhook_secrets, "Of the endpoint, or both, e.g. --stripe-webhook-secrets whsec_...")
      ->envname("ORKESTR_STRIPE_WEBHOOK_SECRETS")
      ->group("");
  app.add_option("--stripe-public-key", c.stripe_public_key, "Given to browsers that pay, e.g. --stripe-public-key pk_live_...")
      ->envname("ORKESTR_STRIPE_PUBLIC_KEY")
      ->group("");
  app.add_option("--stripe-url", c.stripe_url, "In place of Stripe's own, e.g. --dev --stripe-url http://127.0.0.1:12111")
      ->envname("ORKESTR_STRIPE_URL")
      ->group("");
  app.add_option("--smtp-url", c.smtp_url, "Send mail, with ORKESTR_MAIL_FROM (docs/mail.md), e.g. --smtp-url smtp://user:pass@host:587")
      ->envname("ORKESTR_SMTP_URL");
  app.add_option("--mail-from", c.mail_from, "The sender of mails, e.g. --mail-from \"Orkestr <no-reply@orkestr.example>\"")
      ->envname("ORKESTR_MAIL_FROM")
      ->group("");
  app.add_option("--translator", c.translators,
                 "none, apertium, deepl or libretranslate:URL (docs/translation.md), e.g. --translator apertium")
      ->delimiter(',')
      ->envname("ORKESTR_TRANSLATOR");
  app.add_option("--translator-budget", c.translator_budget, "Bytes a day for each service, e.g. --translator-budget 500000")
      ->envname("ORKESTR_TRANSLATOR_BUDGET")
      ->group("");
  app.add_option("--deepl-key", c.deepl_key, "Better in the environment, e.g. --deepl-key ...")->envname("ORKESTR_DEEPL_KEY")->group("");
  app.add_option("--libretranslate-key", c.libretranslate_key, "Better in the environment, e.g. --libretranslate-key ...")
      ->envname("ORKESTR_LIBRETRANSLATE_KEY")
      ->group("");
  app.add_option("--public-url", c.public_url, "Behind a proxy: storefronts, for links, e.g. --public-url https://{tenant}.orkestr.example")
      ->envname("ORKESTR_PUBLIC_URL");
  app.add_option("--model-url", c.model_url, "Ask a model (docs/assistant.md), e.g. --model-url https://api.openai.com/v1")
      ->envname("ORKESTR_MODEL_URL");
  app.add_option("--model-name", c.model_name, "Which model is asked for there, e.g. --model-name gpt-4o-mini")
      ->envname("ORKESTR_MODEL_NAME")
      ->group("");
  app.add_option("--model-key", c.model_key, "Better in the environment, e.g. --model-key sk-...")->envname("ORKESTR_MODEL_KEY")->group("");
  app.add_flag("--model-local", c.model_local,
               "Let --model-url lead to this machine, e.g. --model-local --model-url http://127.0.0.1:11434/v1")
      ->envname("ORKESTR_MODEL_LOCAL")
      ->group("");
  add("--model-daily-tokens", c.model_daily_tokens, "ORKESTR_MODEL_DAILY_TOKENS",
      "That a business may spend on it in a day, 0: any, e.g. --model-daily-tokens 50000")
      ->check(CLI::Range(std::int64_t{0}, std::int64_t{1'000'000'000'000}))
      ->group("");
  add("--model-max-tokens", c.model_max_tokens, "ORKESTR_MODEL_MAX_TOKENS", "Of one answer, e.g. --model-max-tokens 300")
      ->check(CLI::Range(16, 8192))
      ->group("");
  add("--model-at-once", c.model_at_once, "ORKESTR_MODEL_AT_ONCE", "Questions under way to it, e.g. --model-at-once 4")
      ->check(CLI::Range(1, 256))
      ->group("");
  add("--model-seconds", c.model_seconds, "ORKESTR_MODEL_SECONDS", "That an answer may take, e.g. --model-seconds 12")
      ->check(CLI::Range(1, 120))
      ->group("");
  add("--sign-up", c.sign_up, "ORKESTR_SIGN_UP", "Of businesses: open, approve or closed, e.g. --sign-up closed")
      ->check(CLI::IsMember({"open", "approve", "closed"}))
      ->option_text("TEXT (Env:ORKESTR_SIGN_UP)");
  add("--sign-up-limit", c.sign_up_limit, "ORKESTR_SIGN_UP_LIMIT", "Businesses an address may open in an hour, e.g. --sign-up-limit 10")
      ->group("");
  app.add_flag("--json", c.json, "One line of JSON when ready, e.g. --json --port 0")->envname("ORKESTR_JSON");
  add("--io-threads", c.io_threads, "ORKESTR_IO_THREADS", "For sockets and reads (PostgreSQL: 4 or more), e.g. --io-threads 4")
      ->check(CLI::Range(1, 64))
      ->option_text("UINT=" + std::to_string(c.io_threads) + " (Env:ORKESTR_IO_THREADS)"); // on one line
  add("--worker-threads", c.worker_threads, "ORKESTR_WORKER_THREADS", "Threads for writes, e.g. --worker-threads 64")
      ->check(CLI::Range(1, 512));
  add("--rate-limit", c.rate_limit, "ORKESTR_RATE_LIMIT", "Requests of a key per window, 0: any, e.g. --rate-limit 600");
  add("--visitor-rate-limit", c.visitor_rate_limit, "ORKESTR_VISITOR_RATE_LIMIT",
      "Requests of an address without a key per window, e.g. --visitor-rate-limit 600");
  add("--rate-window", c.rate_window, "ORKESTR_RATE_WINDOW", "That window in seconds, e.g. --rate-window 60")->check(CLI::Range(1, 86400));
  add("--client-address-header", c.client_address_header, "ORKESTR_CLIENT_ADDRESS_HEADER",
      "Set by your proxy, e.g. --client-address-header X-Forwarded-For");
  add("--max-body", c.max_body, "ORKESTR_MAX_BODY", "Bytes of a request body, e.g. --max-body 1048576")->check(CLI::Range(1024, 64 << 20));
  add("--max-connections", c.max_connections, "ORKESTR_MAX_CONNECTIONS", "In all, e.g. --max-connections 10000");
  add("--max-connections-per-peer", c.max_connections_per_peer, "ORKESTR_MAX_CONNECTIONS_PER_PEER",
      "From one address, e.g. --max-connections-per-peer 64");
  add("--shutdown-seconds", c.shutdown_seconds, "ORKESTR_SHUTDOWN_SECONDS",
      "To finish what was taken on SIGTERM, e.g. --shutdown-seconds 20");
  add("--log-level", c.log_level, "ORKESTR_LOG_LEVEL", "debug, info, warn or error, e.g. --log-level debug")
      ->check(CLI::IsMember({"debug", "info", "warn", "error"}));
  app.add_flag("--access-log", c.access_log, "Log each request, e.g. --access-log")->envname("ORKESTR_ACCESS_LOG");

  auto* create = app.add_subcommand("create-tenant", "Make a tenant and an admin key, then stop (on SQLite: while no server runs)");
  create->add_option("--name", c.tenant_name, "e.g. --name \"Acme Rooms\"")->required();
  create->add_option("--subdomain", c.tenant_subdomain, "e.g. --subdomain acme")->required();
  create->add_option("--currency", c.tenant_currency, "e.g. --currency EUR")->capture_default_str();
  create->add_option("--time-zone", c.tenant_time_zone, "e.g. --time-zone Europe/Madrid")->capture_default_str();
  create->add_flag("--pending", c.tenant_pending, "Closed until an admin approves it, e.g. --pending");
  create->add_option("--owner-email", c.owner_email, "Show a link by which its owner comes in, e.g. --owner-email ada@example.com");
  auto* admin = app.add_subcommand("admin", "The platform's admins (on SQLite: while no server runs)");
  admin->require_subcommand(1);
  auto* admin_create = admin->add_subcommand("create", "Make an admin and show the token, this once");
  admin_create->add_option("--email", c.admin_email, "e.g. --email ada@example.com")->required();
  admin_create->add_option("--name", c.admin_name, "e.g. --name \"Ada Lovelace\"")->required();
  auto* admin_list = admin->add_subcommand("list", "Every admin, revoked ones too");
  auto* admin_revoke = admin->add_subcommand("revoke", "End an admin's token at once");
  admin_revoke->add_option("id", c.admin_id, "As the list shows it, adm_…")->required();
  auto* migrate = app.add_subcommand("migrate", "Bring the schema of the store up to date, then stop");

  auto* backup = app.add_subcommand("backup", "Write the store to a file, also while servers run");
  backup->add_option("--to", c.to, "A new file, e.g. --to /backup/monday.orkestr")->required();
  auto* restore = app.add_subcommand("restore", "Fill an empty store from a backup");
  restore->add_option("--from", c.from, "e.g. --from /backup/monday.orkestr")->required();
  auto* check = app.add_subcommand("check", "Look for damage and contradictions, in the store or in an archive");
  check->add_option("--from", c.from, "An archive instead of the store, e.g. --from /backup/monday.orkestr");
  auto* take = app.add_subcommand("export-tenant", "Write one tenant to a file");
  take->add_option("--tenant", c.tenant_subdomain, "Its subdomain, e.g. --tenant acme")->required();
  take->add_option("--to", c.to, "A new file, e.g. --to acme.orkestr")->required();
  auto* put = app.add_subcommand("import-tenant", "Add a tenant from such a file to the store");
  put->add_option("--from", c.from, "e.g. --from acme.orkestr")->required();

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& stop) {
    exit_code = app.exit(stop);
    return std::nullopt;
  }
  const std::pair<const CLI::App*, Command> commands[] = {{create, Command::create_tenant},  {migrate, Command::migrate},
                                                          {backup, Command::backup},         {restore, Command::restore},
                                                          {check, Command::check},           {take, Command::export_tenant},
                                                          {put, Command::import_tenant},     {admin_create, Command::admin_create},
                                                          {admin_list, Command::admin_list}, {admin_revoke, Command::admin_revoke}};
  for (const auto& [subcommand, command] : commands)
    if (subcommand->parsed()) c.command = command;
  return c;
}

} // namespace orkestr::server
