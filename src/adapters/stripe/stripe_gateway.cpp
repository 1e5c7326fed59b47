#include "orkestr/adapters/stripe_gateway.hpp"

#include "orkestr/engine/timestamped_signature.hpp"

#include "adapters/payment_checks.hpp"
#include "adapters/stripe/amounts.hpp"
#include "adapters/stripe/delay.hpp"
#include "adapters/stripe/event.hpp"
#include "adapters/stripe/form.hpp"
#include "adapters/stripe/objects.hpp"

#include <boost/json.hpp>

#include <algorithm>

namespace orkestr::inline v1 {
namespace {

using stripe::Form;

constexpr std::size_t max_answer = 1 << 20;

/// One request and the tries at it. Shared by their callbacks, which may outlive the gateway.
class Exchange : public std::enable_shared_from_this<Exchange> {
 public:
  using Done = std::function<void(const Exchange&, Result<json::Object>)>;

  Exchange(HttpClient& client, std::weak_ptr<stripe::Delay> delay, HttpRequest request, const StripeOptions& options, Done done)
      : client_(client),
        delay_(std::move(delay)),
        request_(std::move(request)),
        wait_(options.retry_delay),
        left_(options.max_retries),
        done_(std::move(done)) {}

  void send() {
    client_.send(request_, [self = shared_from_this()](HttpResult result) { self->answered(std::move(result)); });
  }

 private:
  static std::string_view header(const HttpResponse& response, std::string_view name) {
    for (const auto& [key, value] : response.headers)
      if (ascii_lower(key) == name) return value;
    return {};
  }

  /// Whether the same request may fare better.
  static bool may_help(const HttpResult& result, const json::Object* error) {
    switch (result.failure) {
    case HttpFailure::none: break;
    case HttpFailure::unresolved:
    case HttpFailure::connect:
    case HttpFailure::timeout:
    case HttpFailure::reset:
    case HttpFailure::busy: return true;
    default: return false;
    }
    const auto advice = header(result.response, "stripe-should-retry");
    if (advice == "true" || advice == "false") return advice == "true";
    if (result.response.status >= 500) return true;
    const auto code = error != nullptr ? stripe::text_at(*error, "code") : std::string_view{};
    return code == "lock_timeout" || code == "idempotency_key_in_use";
  }

  void answered(HttpResult result) {
    auto parsed = json::parse(result.response.body, {.max_depth = 32, .max_keys = 16'384});
    const bool is_object = result.failure == HttpFailure::none && !result.response.truncated && parsed && parsed->is_object();
    const auto* error = is_object ? stripe::object_at(parsed->get_object(), "error") : nullptr;
    if (left_ > 0 && may_help(result, error)) {
      --left_;
      return again(std::move(result));
    }
    finish(result, is_object ? &parsed->get_object() : nullptr);
  }

  void again(HttpResult result) {
    if (wait_.count() == 0) return send();
    // Spread by what differs between requests, so that those that failed together do not come back together.
    const auto spread = static_cast<std::int64_t>(std::hash<std::string>{}(request_.url + request_.body) % 256);
    const auto wait = wait_ + wait_ * spread / 512;
    wait_ *= 2;
    const auto delay = delay_.lock();
    if (!delay) return finish(result, nullptr);
    delay->after(wait, [self = shared_from_this(), result = std::move(result)](bool stopped) {
      if (stopped) return self->finish(result, nullptr);
      self->send();
    });
  }

  void finish(const HttpResult& result, json::Object* object) {
    const int status = result.response.status;
    if (result.failure != HttpFailure::none) {
      const bool ours = result.failure == HttpFailure::bad_url || result.failure == HttpFailure::bad_request;
      return done_(*this, fail(ours ? Code::internal : Code::payment_unavailable,
                               "Stripe could not be asked: " + std::string{to_string(result.failure)} + ". " + result.detail));
    }
    if (status >= 200 && status < 300) {
      if (object == nullptr) return done_(*this, fail(Code::internal, "Stripe's answer is not a JSON object."));
      return done_(*this, std::move(*object));
    }
    auto error = stripe::error_of(status, object != nullptr ? stripe::object_at(*object, "error") : nullptr);
    // What it says about the payment is worth more than that it was an error.
    if (object != nullptr)
      if (const auto* details = stripe::object_at(*object, "error"))
        if (const auto* intent = stripe::object_at(*details, "payment_intent")) {
          rejected_intent_ = *intent;
          rejected_type_ = stripe::text_at(*details, "type");
        }
    done_(*this, std::move(error));
  }

 public:
  /// The payment that an error came with, and the error's type.
  [[nodiscard]] const std::optional<json::Object>& rejected_intent() const noexcept { return rejected_intent_; }
  [[nodiscard]] const std::string& rejected_type() const noexcept { return rejected_type_; }

 private:
  HttpClient& client_;
  std::weak_ptr<stripe::Delay> delay_; ///< the gateway's; a thread can't be joined from itself
  HttpRequest request_;
  std::chrono::milliseconds wait_;
  int left_;
  Done done_;
  std::optional<json::Object> rejected_intent_;
  std::string rejected_type_;
};

/// Ids go into paths.
bool is_id(std::string_view id) {
  return !id.empty() && id.size() <= 255 && std::ranges::all_of(id, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Error unknown(std::string_view what, std::string_view id) {
  return fail(Code::not_found, "\"" + std::string{id.substr(0, 255)} + "\" is no " + std::string{what} + " of Stripe's.");
}

void add_metadata(Form& form, const GatewayMetadata& metadata) {
  for (const auto& [key, value] : metadata) form.add("metadata", key, value);
}

std::string lower(Currency currency) { return ascii_lower(std::string{currency.code()}); }

class StripeGateway final : public PaymentGateway {
 public:
  StripeGateway(HttpClient& client, StripeOptions options)
      : shared_(std::make_shared<Shared>(client, std::move(options), std::make_shared<stripe::Delay>())) {}
  ~StripeGateway() override { shared_->delay->stop(); }

  [[nodiscard]] std::string_view name() const noexcept override { return "stripe"; }

  void create(NewGatewayPayment asked, Done<GatewayPayment> done) override {
    auto form = payment_form(asked);
    if (!form) return done(std::move(form).error());
    if (!asked.save_method) return open(shared_, std::move(*form), asked.idempotency_key, {}, std::move(done));
    // A method is saved with somebody to belong to.
    Form customer;
    customer.add_if("email", asked.customer_email);
    add_metadata(customer, asked.metadata);
    customer.add_if("description", asked.description);
    ask(shared_, "POST", "/v1/customers", customer, asked.idempotency_key + "-customer",
        [shared = shared_, form = std::move(*form), key = asked.idempotency_key,
         done = std::move(done)](const Exchange&, Result<json::Object> answer) mutable {
          if (!answer) return done(std::move(answer).error());
          const auto id = stripe::text_at(*answer, "id");
          if (id.empty()) return done(fail(Code::internal, "Stripe's answer is not one: it is no customer."));
          open(shared, std::move(form), key, id, std::move(done));
        });
  }

  void fetch(std::string id, Done<GatewayPayment> done) override {
    if (!is_id(id)) return done(unknown("payment", id));
    ask(shared_, "GET", "/v1/payment_intents/" + id + "?expand%5B%5D=latest_charge.refunds", {}, {}, payment_reader(std::move(done)));
  }

  void find(std::string metadata_key, std::string value, Done<GatewayPayment> done) override {
    if (!is_id(metadata_key) || !is_id(value)) return done(unknown("payment", value));
    Form query;
    query.add("query", "metadata['" + metadata_key + "']:'" + value + "'");
    query.add("limit", "1");
    query.add("expand%5B%5D", "data.latest_charge.refunds"); // in a URL the brackets are encoded
    ask(shared_, "GET", "/v1/payment_intents/search?" + query.text(), {}, {},
        [value = std::move(value), done = std::move(done)](const Exchange&, Result<json::Object> answer) {
          if (!answer) return done(std::move(answer).error());
          const auto* data = answer->if_contains("data");
          const auto* found = data != nullptr ? data->if_array() : nullptr;
          if (found == nullptr) return done(fail(Code::internal, "Stripe's answer is not one: it is no list."));
          if (found->empty() || !found->front().is_object()) return done(unknown("payment", value));
          done(stripe::payment_of(found->front().get_object()));
        });
  }

  void cancel(std::string id, Done<GatewayPayment> done) override {
    if (!is_id(id)) return done(unknown("payment", id));
    // Without a key, under which Stripe would keep answering that it is processing when it no longer is.
    ask(shared_, "POST", "/v1/payment_intents/" + id + "/cancel", {}, {},
        [done = std::move(done)](const Exchange& exchange, Result<json::Object> answer) {
          if (answer) return done(stripe::payment_of(*answer));
          if (const auto& intent = exchange.rejected_intent())
            if (auto payment = stripe::payment_of(*intent); payment && payment->state == GatewayState::cancelled)
              return done(std::move(payment));
          done(std::move(answer).error());
        });
  }

  void refund(NewGatewayRefund asked, Done<GatewayRefund> done) override {
    if (auto error = payment_checks::check(asked); !error.faults.empty()) return done(std::move(error));
    if (!is_id(asked.payment_id)) return done(unknown("payment", asked.payment_id));
    const auto amount = stripe::to_stripe(asked.amount, asked.currency);
    if (!amount) return done(amount.error());
    Form form;
    form.add("payment_intent", asked.payment_id);
    form.add("amount", std::to_string(*amount));
    add_metadata(form, asked.metadata);
    ask(shared_, "POST", "/v1/refunds", form, asked.idempotency_key,
        [done = std::move(done)](const Exchange&, Result<json::Object> answer) {
          if (answer) return done(stripe::refund_of(*answer));
          // We would not have sent one that is none, so it is more than is left.
          auto error = std::move(answer).error();
          if (error.code == Code::invalid_fields && !error.faults.empty() && error.faults.front().pointer == "/amount")
            error.code = Code::invalid_transition;
          done(std::move(error));
        });
  }

  void fetch_refund(std::string id, Done<GatewayRefund> done) override {
    if (!is_id(id)) return done(unknown("refund", id));
    ask(shared_, "GET", "/v1/refunds/" + id, {}, {}, [done = std::move(done)](const Exchange&, Result<json::Object> answer) {
      if (!answer) return done(std::move(answer).error());
      done(stripe::refund_of(*answer));
    });
  }

  void find_refund(std::string payment_id, std::string metadata_key, std::string value, Done<GatewayRefund> done) override {
    if (!is_id(payment_id)) return done(unknown("payment", payment_id));
    look_for_refund(shared_, payment_id, {std::move(metadata_key), std::move(value)}, {}, std::move(done));
  }

  void charge_saved(SavedCharge asked, Done<GatewayPayment> done) override {
    auto form = payment_form(asked);
    if (!form) return done(std::move(form).error());
    form->add("automatic_payment_methods[enabled]", "true");
    form->add("automatic_payment_methods[allow_redirects]", "never");
    form->add("customer", asked.saved.customer);
    form->add("payment_method", asked.saved.method);
    form->add("off_session", "true");
    form->add("confirm", "true");
    ask(shared_, "POST", "/v1/payment_intents", *form, asked.idempotency_key,
        [done = std::move(done)](const Exchange& exchange, Result<json::Object> answer) {
          if (answer) return done(stripe::payment_of(*answer));
          // A decline is answered as an error around the payment that it failed.
          if (const auto& intent = exchange.rejected_intent(); intent && exchange.rejected_type() == "card_error")
            return done(stripe::payment_of(*intent));
          done(std::move(answer).error());
        });
  }

  [[nodiscard]] Result<GatewayEvent> parse_event(std::string_view body, std::span<const WebhookHeaderView> headers,
                                                 Instant now) const override {
    ORKESTR_CHECK(verify_timestamped(stripe_signature_header, body, headers, shared_->options.webhook_secrets, now));
    return stripe::event_of(body);
  }

 private:
  struct Shared {
    Shared(HttpClient& its_client, StripeOptions its_options, std::shared_ptr<stripe::Delay> its_delay)
        : client(its_client), options(std::move(its_options)), delay(std::move(its_delay)) {}
    HttpClient& client;
    StripeOptions options;
    std::shared_ptr<stripe::Delay> delay; ///< stopped by the gateway, so that it never ends on its own thread
  };

  template <class Asked> static Result<Form> payment_form(const Asked& asked) {
    if (auto error = payment_checks::check(asked); !error.faults.empty()) return error;
    ORKESTR_TRY(const auto amount, stripe::to_stripe(asked.amount, asked.currency));
    Form form;
    form.add("amount", std::to_string(amount));
    form.add("currency", lower(asked.currency));
    form.add_if("description", asked.description);
    form.add_if("receipt_email", asked.customer_email);
    add_metadata(form, asked.metadata);
    form.add("expand[]", "latest_charge");
    return form;
  }

  /// Page by page; refunds can't be searched for.
  static void look_for_refund(const std::shared_ptr<Shared>& shared, const std::string& payment_id,
                              std::pair<std::string, std::string> wanted, std::string_view after, Done<GatewayRefund> done) {
    Form query;
    query.add("payment_intent", payment_id);
    query.add("limit", "100");
    query.add_if("starting_after", after);
    ask(shared, "GET", "/v1/refunds?" + query.text(), {}, {},
        [shared, payment_id, wanted = std::move(wanted), done = std::move(done)](const Exchange&, Result<json::Object> answer) {
          if (!answer) return done(std::move(answer).error());
          const auto* data = answer->if_contains("data");
          const auto* found = data != nullptr ? data->if_array() : nullptr;
          if (found == nullptr) return done(fail(Code::internal, "Stripe's answer is not one: it is no list."));
          for (const auto& each : *found) {
            if (!each.is_object()) continue;
            auto refund = stripe::refund_of(each.get_object());
            if (!refund || std::ranges::find(refund->metadata, wanted) != refund->metadata.end()) return done(std::move(refund));
          }
          const auto* more = answer->if_contains("has_more");
          if (found->empty() || !found->back().is_object() || more == nullptr || !more->is_bool() || !more->get_bool())
            return done(unknown("refund", wanted.second));
          look_for_refund(shared, payment_id, wanted, stripe::text_at(found->back().get_object(), "id"), done);
        });
  }

  static void open(const std::shared_ptr<Shared>& shared, Form form, const std::string& key, std::string_view customer,
                   Done<GatewayPayment> done) {
    form.add("automatic_payment_methods[enabled]", "true");
    if (!customer.empty()) {
      form.add("customer", customer);
      form.add("setup_future_usage", "off_session");
    }
    ask(shared, "POST", "/v1/payment_intents", form, key, payment_reader(std::move(done)));
  }

  static std::function<void(const Exchange&, Result<json::Object>)> payment_reader(Done<GatewayPayment> done) {
    return [done = std::move(done)](const Exchange&, Result<json::Object> answer) {
      if (!answer) return done(std::move(answer).error());
      done(stripe::payment_of(*answer));
    };
  }

  template <class Read>
  static void ask(const std::shared_ptr<Shared>& shared, std::string method, std::string_view path, const Form& form,
                  const std::string& key, Read read) {
    const auto& options = shared->options;
    HttpRequest request;
    request.method = std::move(method);
    request.url = options.base_url + std::string{path};
    request.headers = {{"Authorization", "Bearer " + options.secret_key}, {"Stripe-Version", std::string{stripe_api_version}}};
    if (request.method == "POST") request.headers.emplace_back("Content-Type", "application/x-www-form-urlencoded");
    if (!key.empty()) request.headers.emplace_back("Idempotency-Key", key);
    request.body = form.text();
    request.timeout = options.timeout;
    request.max_body = max_answer;
    auto held = std::make_shared<Read>(std::move(read)); // which need not be const to be called
    const auto exchange =
        std::make_shared<Exchange>(shared->client, shared->delay, std::move(request), options,
                                   [held](const Exchange& its, Result<json::Object> answer) { (*held)(its, std::move(answer)); });
    exchange->send();
  }

  std::shared_ptr<Shared> shared_;
};

bool fits_header(std::string_view text) {
  return !text.empty() && text.size() <= 500 && std::ranges::all_of(text, [](char c) { return c > ' ' && c < '\x7f'; });
}

} // namespace

Result<std::unique_ptr<PaymentGateway>> make_stripe_gateway(HttpClient& client, StripeOptions options) {
  Error error = fail(Code::invalid_fields, "Stripe is not set up.");
  if (!fits_header(options.secret_key))
    payment_checks::add_fault(error, "/secretKey", "invalid_format", "Stripe's secret key is visible ASCII characters: sk_live_…");
  if (options.secret_key.starts_with("pk_"))
    payment_checks::add_fault(error, "/secretKey", "invalid_format", "That is the publishable key; the secret one begins with sk_.");
  while (options.base_url.ends_with('/')) options.base_url.pop_back();
  if (!options.base_url.starts_with("https://") && !options.base_url.starts_with("http://"))
    payment_checks::add_fault(error, "/baseUrl", "url_invalid", "Stripe's URL begins with https://.");
  if (!error.faults.empty()) return error;
  return std::unique_ptr<PaymentGateway>(std::make_unique<StripeGateway>(client, std::move(options)));
}

} // namespace orkestr::inline v1
