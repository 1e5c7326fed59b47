// How the server is told what to do: flags, then environment (ORKESTR_…), then a file, then these defaults.
#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace orkestr::server {

enum class Command {
  serve,
  create_tenant,
  migrate,
  admin_create,
  admin_list,
  admin_revoke,
  backup,
  restore,
  check,
  export_tenant,
  import_tenant
};

struct Config {
  std::string address = "127.0.0.1";
  std::uint16_t port = 8080;
  std::string base_domain = "localhost"; ///< whose subdomains are storefronts
  std::filesystem::path data = "data";
  std::string store; ///< a PostgreSQL URL; empty: SQLite in the folder `data`
  unsigned store_connections = 16;
  bool demo = false, json = false, access_log = false;
  bool dev = false;                 ///< webhooks may lead to loopback, by http
  std::string secret_keys;          ///< that encrypt what is kept secret; empty: those in the file `secret-keys` of the folder `data`
  std::string ca_file, dns_servers; ///< of outgoing requests; empty: the system's
  std::string payments;             ///< `none`, `test`, `stripe`; empty: `test` for the demo, else `none`
  std::string stripe_secret_key, stripe_webhook_secrets, stripe_public_key, stripe_url;
  std::string smtp_url, mail_from;              ///< without the first no mail is sent; `dev` and `demo` keep it in memory
  std::string public_url;                       ///< where storefronts are, for links in mails; empty: the base domain at the port
  std::string model_url, model_name, model_key; ///< of the assistant's language model; empty: it answers by quotes alone
  bool model_local = false;                     ///< that URL may lead to this machine, by http too
  std::int64_t model_daily_tokens = 200'000;    ///< of each tenant; 0: any
  int model_max_tokens = 500, model_at_once = 4;
  unsigned model_seconds = 12;          ///< that an answer may take
  std::vector<std::string> translators; ///< none: Apertium, where it is installed
  std::string deepl_key, libretranslate_key;
  std::uint64_t translator_budget = 0; ///< bytes a day for each service; 0: any
  unsigned io_threads = 2, worker_threads = 32;
  std::string client_address_header;
  std::string sign_up = "open"; ///< `open`, `approve`, `closed`
  std::uint32_t sign_up_limit = 10;
  std::uint32_t rate_limit = 20'000, visitor_rate_limit = 2'000, rate_window = 20;
  std::size_t max_body = 1024 * 1024;
  unsigned max_connections = 4096, max_connections_per_peer = 1024;
  unsigned shutdown_seconds = 20;
  std::string log_level = "info";

  Command command = Command::serve;
  // The subcommand create-tenant.
  std::string tenant_name, tenant_subdomain, tenant_currency = "USD", tenant_time_zone = "UTC";
  bool tenant_pending = false;
  std::string owner_email; ///< who is invited as its owner; empty: nobody
  // The subcommands of admin.
  std::string admin_email, admin_name, admin_id;
  // The subcommands of archives; export-tenant has tenant_subdomain too.
  std::filesystem::path to, from;
};

/// @returns nullopt and the exit code in `exit_code` when there is nothing to run: --help, --version, a wrong flag
[[nodiscard]] std::optional<Config> parse_config(int argc, char** argv, int& exit_code);

} // namespace orkestr::server
