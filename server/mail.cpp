#include "mail.hpp"

#include "orkestr/adapters/smtp_mailer.hpp"
#include "orkestr/engine/network_guard.hpp"

namespace orkestr::server {
namespace {

/// A page of somebody else's can make a browser ask this machine by a name of its own that leads here; so the name is looked at too.
bool is_own_name(std::string_view host, std::string_view base_domain) {
  const auto bracket = host.find(']');
  const auto colon = host.find(':', bracket == std::string_view::npos ? 0 : bracket);
  host = host.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (IpAddress::parse(host)) return true;
  for (const auto name : {std::string_view{"localhost"}, base_domain})
    if (host == name || (host.ends_with(name) && host.size() > name.size() && host[host.size() - name.size() - 1] == '.')) return true;
  return false;
}

bool is_at_this_machine(std::string_view peer) {
  if (peer.starts_with("::ffff:")) peer.remove_prefix(7);
  const auto address = IpAddress::parse(peer);
  return address && address->is_loopback();
}

} // namespace

Result<void> DevOutbox::send(const Mail& mail) {
  const std::lock_guard guard(mutex_);
  mails_.push_front({mail, clock_.now()});
  if (mails_.size() > most) mails_.pop_back();
  return {};
}

std::string DevOutbox::json() const {
  const std::lock_guard guard(mutex_);
  std::string text;
  json::Writer w(text);
  w.begin_array();
  for (const auto& [mail, at] : mails_) {
    w.begin_object();
    w.key("to");
    w.string(mail.to);
    w.key("subject");
    w.string(mail.subject);
    w.key("text");
    w.string(mail.text);
    w.key("at");
    json::write(w, at);
    w.end_object();
  }
  w.end_array();
  return text;
}

Result<std::unique_ptr<Mails>> Mails::make(const Config& config, const Clock& clock, Random& random) {
  auto made = std::make_unique<Mails>();
  made->base_domain_ = config.base_domain;
  if (!config.public_url.empty() && !is_storefront_pattern(config.public_url))
    return fail(Code::invalid_parameter, "--public-url takes where storefronts are, such as https://{tenant}.orkestr.example");
  if (!config.smtp_url.empty()) {
    SmtpOptions options;
    options.url = config.smtp_url;
    options.from = config.mail_from;
    options.ca_file = config.ca_file;
    if (options.from.empty()) return fail(Code::invalid_parameter, "--smtp-url needs --mail-from, the sender of mails");
    ORKESTR_TRY(made->mailer_, make_smtp_mailer(std::move(options), clock, random));
  } else if (config.dev || config.demo) {
    auto outbox = std::make_unique<DevOutbox>(clock);
    made->outbox_ = outbox.get();
    made->mailer_ = std::move(outbox);
  }
  return made;
}

std::string Mails::storefront(const Config& config, std::uint16_t port) {
  if (!config.public_url.empty()) return config.public_url;
  return "http://{tenant}." + config.base_domain + (port == 80 ? "" : ":" + std::to_string(port));
}

void Mails::start(Platform& platform, std::function<void(std::string_view)> on_trouble) {
  if (platform.mailer() == nullptr) return;
  worker_ =
      std::make_unique<MailWorker>(platform, [&platform, on_trouble = std::move(on_trouble), said = Instant{}](const Error& error) mutable {
        const Instant now = platform.now();
        if (now - said < std::chrono::seconds{1}) return;
        said = now;
        on_trouble(error.detail);
      });
}

std::string Mails::metrics() const {
  if (!worker_) return {};
  const auto stats = worker_->stats();
  std::string text = "# HELP orkestr_mail_attempts_total Attempts to send a mail, by what became of them.\n"
                     "# TYPE orkestr_mail_attempts_total counter\n";
  for (const auto& [outcome, n] : {std::pair{"sent", stats.sent}, {"retried", stats.retried}, {"dead", stats.dead}})
    text.append("orkestr_mail_attempts_total{outcome=\"").append(outcome).append("\"} ").append(std::to_string(n)).append("\n");
  return text;
}

std::optional<api::Response> Mails::answer(const api::Request& request) const {
  if (outbox_ == nullptr || request.target.substr(0, request.target.find('?')) != "/dev/mail") return std::nullopt;
  if (request.method != api::Method::get && request.method != api::Method::head) return std::nullopt;
  if (!is_at_this_machine(request.peer) || !is_own_name(request.header("Host"), base_domain_)) return std::nullopt;
  api::Response response;
  response.body = outbox_->json();
  response.set("Content-Type", "application/json");
  response.set("Cache-Control", "no-store");
  response.set("X-Content-Type-Options", "nosniff");
  return response;
}

} // namespace orkestr::server
