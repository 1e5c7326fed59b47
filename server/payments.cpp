#include "payments.hpp"

#include "orkestr/adapters/http_client.hpp"
#include "orkestr/adapters/stripe_gateway.hpp"

namespace orkestr::server {
namespace {

std::vector<std::string> words_of(std::string_view text) {
  std::vector<std::string> words;
  while (!text.empty()) {
    const auto end = std::min(text.find(','), text.size());
    if (end > 0) words.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return words;
}

} // namespace

Result<std::unique_ptr<Payments>> Payments::make(const Config& config, const Clock& clock, Random& random) {
  std::unique_ptr<Payments> made(new Payments);
  const std::string_view kind = config.payments.empty() && config.demo ? "test" : std::string_view{config.payments};
  if (kind == "test") {
    TestGatewayOptions options;
    // What the bank posts comes in at once; the signature is checked as if it had come over the network.
    options.on_event = [payments = made.get()](const TestGatewayEvent& event) {
      const WebhookHeaderView header{test_gateway_header, event.signature};
      if (auto* platform = payments->platform_.load()) (void)platform->take_gateway_event(event.body, {&header, 1});
    };
    auto bank = std::make_unique<TestGateway>(clock, random, std::move(options));
    made->bank_ = bank.get();
    made->gateway_ = std::move(bank);
  } else if (kind == "stripe") {
    HttpClientOptions http;
    http.policy.allow_loopback = config.dev;
    http.ca_file = config.ca_file;
    http.dns.servers = config.dns_servers;
    http.user_agent = "Orkestr/" ORKESTR_VERSION;
    ORKESTR_TRY(made->client_, make_http_client(std::move(http)));
    StripeOptions options;
    options.secret_key = config.stripe_secret_key;
    options.webhook_secrets = words_of(config.stripe_webhook_secrets);
    if (options.secret_key.empty() || options.webhook_secrets.empty())
      return fail(Code::invalid_parameter, "--payments stripe needs ORKESTR_STRIPE_SECRET_KEY and ORKESTR_STRIPE_WEBHOOK_SECRETS");
    if (!config.stripe_url.empty()) options.base_url = config.stripe_url;
    ORKESTR_TRY(made->gateway_, make_stripe_gateway(*made->client_, std::move(options)));
    if (!config.stripe_public_key.empty()) made->public_key_ = config.stripe_public_key;
  }
  return made;
}

Payments::~Payments() { stop(); }

api::TestCards Payments::test_cards() {
  if (bank_ == nullptr) return {};
  return {[bank = bank_](std::string_view secret, std::string_view card) { return bank->pay(secret, card); },
          [bank = bank_](std::string_view secret, bool agreed) { return bank->authenticate(secret, agreed); }};
}

void Payments::start(Platform& platform, std::function<void(std::string_view)> on_trouble) {
  if (gateway_ == nullptr) return;
  on_trouble_ = std::move(on_trouble);
  platform_ = &platform;
  worker_ = std::make_unique<PaymentWorker>(platform, [this](const Error& error) { tell(error); });
}

void Payments::tell(const Error& error) {
  const auto* platform = platform_.load();
  if (platform == nullptr) return;
  const Instant now = platform->now();
  const std::lock_guard guard(trouble_mutex_);
  if (now - said_ < std::chrono::seconds{1}) return;
  said_ = now;
  on_trouble_(error.detail);
}

void Payments::stop() {
  platform_ = nullptr;
  worker_.reset();
}

void Payments::tick() {
  if (bank_ != nullptr) bank_->run_due();
}

} // namespace orkestr::server
