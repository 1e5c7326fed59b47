#include "orkestr/platform/webhook_dispatcher.hpp"

#include "orkestr/engine/webhook_signature.hpp"

#include "base/text.hpp"
#include "platform/webhooks.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <span>

namespace orkestr::inline v1 {
namespace {

using Key = std::pair<TenantId, WebhookId>;

/// What is fetched ahead for an endpoint that works, and for how long it may wait to be sent.
constexpr std::size_t least_ahead = 16, most_ahead = 512;
/// Endpoints that one read fetches for, so that it does not get long.
constexpr std::size_t at_once = 16;
constexpr milliseconds stale_after{2'000}, pause_when_busy{500}, pause_when_unsealed{30'000};

struct Outcome {
  TenantId tenant;
  Delivery delivery; ///< as it was when it was sent
  Instant at;
  HttpResult result;
  double spread = 0.5;
};

/// One endpoint that this dispatcher has. Guarded by the dispatcher's mutex, like all of it.
struct Endpoint {
  Instant owned_until;
  Instant send_until; ///< the same with a margin, for the time that sending takes
  int failures = 0;
  std::string url;
  std::string sealed; ///< the secrets that the signers were made of
  std::vector<WebhookSigner> signers;
  std::deque<storage::DeliveryRepository::Ready> ready; ///< fetched, and first of their subject
  Instant fetched;
  std::set<DeliveryId> taken; ///< ready, under way, or not written down yet
  std::size_t in_flight = 0, cap = 0;
  std::size_t ahead = least_ahead; ///< what is fetched at a time: more for who takes it before the next can be fetched
  bool more = false;               ///< there was more than could be fetched
  Instant paused_until;
};

bool succeeded(const HttpResult& result) {
  return result.failure == HttpFailure::none && result.response.status >= 200 && result.response.status < 300;
}
bool is_attempt(const HttpResult& result) { return result.failure != HttpFailure::busy && result.failure != HttpFailure::stopped; }

std::string error_of(const HttpResult& result) {
  if (result.failure == HttpFailure::none) return "HTTP " + std::to_string(result.response.status);
  return std::string{to_string(result.failure)} + (result.detail.empty() ? "" : ": " + result.detail);
}

std::optional<milliseconds> asked_to_wait(const HttpResult& result, Instant now) {
  for (const auto& [name, value] : result.response.headers)
    if (ascii_lower(name) == "retry-after") return parse_retry_after(value, now);
  return std::nullopt;
}

DeliveryAttempt attempt_of(const Outcome& outcome) {
  const auto& r = outcome.result;
  DeliveryAttempt attempt;
  attempt.delivery_id = outcome.delivery.id;
  attempt.number = outcome.delivery.attempts + 1;
  attempt.at = outcome.at;
  if (r.response.status != 0) attempt.status = r.response.status;
  if (r.failure != HttpFailure::none) attempt.failure = std::string{to_string(r.failure)};
  attempt.detail = clean_utf8(r.detail);
  attempt.address = r.address;
  attempt.body = clean_utf8(r.response.body);
  attempt.truncated = r.response.truncated;
  const auto us = [](std::chrono::microseconds time) { return static_cast<int>(time.count()); };
  attempt.resolve_us = us(r.resolved);
  attempt.connect_us = us(r.connected);
  attempt.secure_us = us(r.secured);
  attempt.total_us = us(r.answered);
  return attempt;
}

/// The delivery after an attempt.
Delivery after(const Outcome& outcome, Instant now) {
  Delivery d = outcome.delivery;
  ++d.attempts;
  d.last_status = outcome.result.response.status != 0 ? std::optional{outcome.result.response.status} : std::nullopt;
  if (succeeded(outcome.result)) {
    d.status = DeliveryStatus::succeeded;
    d.last_error.reset();
    d.next_attempt_at.reset();
    d.finished_at = now;
    return d;
  }
  d.last_error = clean_utf8(error_of(outcome.result));
  d.next_attempt_at = next_attempt(d.attempts - d.attempts_before, now, outcome.spread, asked_to_wait(outcome.result, now));
  if (!d.next_attempt_at) {
    d.status = DeliveryStatus::dead;
    d.finished_at = now;
  }
  return d;
}

} // namespace

struct WebhookDispatcher::Impl : std::enable_shared_from_this<Impl> {
  Impl(Platform& p, HttpClient& c, DispatcherOptions o, std::function<void()> w)
      : platform(p), client(c), options(std::move(o)), wake(std::move(w)) {
    if (options.owner.empty()) options.owner = "dsp_" + random_alphanumeric(platform.random(), 20);
  }

  Platform& platform;
  HttpClient& client;
  DispatcherOptions options;
  const std::function<void()> wake;

  mutable std::mutex mutex;
  bool quiet = false; ///< nothing is sent any more
  bool ended = false; ///< and outcomes are not waited for
  std::map<Key, Endpoint> endpoints;
  std::vector<Outcome> came;
  std::size_t in_flight = 0;
  Stats counts;

  // Of the thread that steps.
  std::vector<Outcome> settling;
  std::vector<Key> wanted; ///< to be taken
  bool first = true;

  // ---- sending ---------------------------------------------------------------------------------------------------

  double spread() {
    std::uint8_t bytes[4];
    platform.random().fill(bytes);
    std::uint32_t number = 0;
    for (auto byte : bytes) number = number << 8 | byte;
    return number / 4294967296.0;
  }

  HttpRequest request_for(const Endpoint& endpoint, const Delivery& delivery, std::string body, Instant now) const {
    HttpRequest request;
    request.url = endpoint.url;
    request.body = std::move(body);
    request.connect_timeout = options.connect_timeout;
    request.timeout = options.timeout;
    request.headers.reserve(8);
    request.headers.emplace_back("Content-Type", "application/json");
    const std::span<const WebhookSigner> signers(endpoint.signers);
    const WebhookDelivery signed_part{delivery.id.view(), json::name_of(delivery.event), delivery.attempts + 1, now, request.body};
    for (auto& header : webhook_headers(signed_part, signers[0], signers.subspan(1)))
      request.headers.emplace_back(header.name, std::move(header.value));
    return request;
  }

  /// Sends what an endpoint has room for. With the mutex held, which send() never takes.
  void pump(const Key& key, Endpoint& endpoint) {
    const Instant now = platform.now();
    if (quiet || now > endpoint.send_until || now > endpoint.fetched + stale_after || now < endpoint.paused_until)
      return drop_ready(endpoint);
    while (!endpoint.ready.empty() && endpoint.in_flight < endpoint.cap && in_flight < options.in_all) {
      auto next = std::move(endpoint.ready.front());
      endpoint.ready.pop_front();
      const Instant at = platform.now();
      ++endpoint.in_flight;
      ++in_flight;
      auto request = request_for(endpoint, next.delivery, std::move(next.body), at);
      client.send(std::move(request), [self = shared_from_this(), key, delivery = std::move(next.delivery), at](HttpResult result) mutable {
        self->outcome(key, {key.first, std::move(delivery), at, std::move(result)});
      });
    }
  }

  static void drop_ready(Endpoint& endpoint) {
    for (const auto& row : endpoint.ready) endpoint.taken.erase(row.delivery.id);
    if (endpoint.ready.empty()) return;
    endpoint.more = true;
    endpoint.ahead = least_ahead;
    endpoint.ready.clear();
  }

  /// On a thread of the client's.
  void outcome(const Key& key, Outcome outcome) {
    {
      const std::lock_guard guard(mutex);
      --in_flight;
      if (ended) return;
      const bool good = succeeded(outcome.result);
      if (!good) outcome.spread = spread();
      came.push_back(std::move(outcome));
      if (const auto found = endpoints.find(key); found != endpoints.end()) {
        auto& endpoint = found->second;
        --endpoint.in_flight;
        // Whoever fails is looked at again before more is sent.
        if (good)
          pump(key, endpoint);
        else
          drop_ready(endpoint);
      }
    }
    wake();
  }

  // ---- one step --------------------------------------------------------------------------------------------------

  Result<bool> step(Instant now, bool look_around) {
    if (first && options.sole) {
      ORKESTR_CHECK(platform.store().write([](storage::WriteTransaction& tx) -> Result<void> {
        tx.webhooks().release({});
        return {};
      }));
    }
    first = false;
    ORKESTR_CHECK(write_down(now));
    return fetch(now, look_around);
  }

  /// Endpoints that are in use, and whose lease has half run out.
  std::vector<Key> to_renew(Instant now) {
    const std::lock_guard guard(mutex);
    std::vector<Key> keys;
    for (const auto& [key, endpoint] : endpoints)
      if (!endpoint.taken.empty() && endpoint.owned_until - now < options.lease / 2) keys.push_back(key);
    return keys;
  }

  /// Settles what came, renews and takes endpoints: one transaction.
  Result<void> write_down(Instant now) {
    {
      const std::lock_guard guard(mutex);
      settling.insert(settling.end(), std::make_move_iterator(came.begin()), std::make_move_iterator(came.end()));
      came.clear();
    }
    std::vector<Key> takes = to_renew(now);
    takes.insert(takes.end(), wanted.begin(), wanted.end());
    if (settling.empty() && takes.empty()) return {};

    struct Written {
      std::map<Key, std::optional<WebhookEndpoint>> taken;
      std::map<Key, WebhookEndpoint> settled;
      std::uint64_t succeeded = 0, retried = 0, dead = 0, disabled = 0, not_sent = 0;
    };
    const Instant until = now + options.lease;
    ORKESTR_TRY(const auto written, platform.store().write([&](storage::WriteTransaction& tx) -> Result<Written> {
      Written w;
      for (const auto& key : takes) w.taken[key] = tx.webhooks().take(key.first, key.second, options.owner, now, until);
      std::set<Key> changed;
      for (const auto& outcome : settling) {
        const Key key{outcome.tenant, outcome.delivery.webhook_id};
        if (!is_attempt(outcome.result)) {
          ++w.not_sent;
          continue;
        }
        const Delivery settled = after(outcome, now);
        tx.deliveries().settle(key.first, settled, outcome.delivery.attempts);
        tx.deliveries().insert_attempt(key.first, attempt_of(outcome));
        ++(settled.status == DeliveryStatus::succeeded ? w.succeeded : settled.status == DeliveryStatus::dead ? w.dead : w.retried);
        if (!w.settled.contains(key)) {
          auto endpoint = tx.webhooks().endpoint(key.first, key.second);
          if (!endpoint || endpoint->owner != options.owner) continue; // another's by now, or deleted
          w.settled.emplace(key, std::move(*endpoint));
        }
        auto& endpoint = w.settled.at(key);
        const bool good = succeeded(outcome.result);
        if (good && endpoint.failures == 0) continue;
        changed.insert(key);
        good ? note_success(endpoint) : note_failure(endpoint, now, outcome.spread);
        const bool gone = outcome.result.response.status == 410 && outcome.result.failure == HttpFailure::none;
        const bool hopeless = endpoint.failing_since && now - *endpoint.failing_since >= disable_after;
        if (!gone && !hopeless) continue;
        WriteContext cx(tx, key.first, now, platform.ids(), {ActorKind::worker, {}, {}});
        w.disabled += disable_webhook(cx, key.second, gone ? WebhookDisabledReason::gone : WebhookDisabledReason::failing) ? 1 : 0;
      }
      for (const auto& key : changed) tx.webhooks().put_endpoint(key.first, w.settled.at(key));
      return w;
    }));

    const std::lock_guard guard(mutex);
    for (const auto& [key, taken] : written.taken) {
      if (!taken) { // another has it: what is under way ends as it may
        if (const auto found = endpoints.find(key); found != endpoints.end()) drop_ready(found->second), found->second.send_until = {};
        continue;
      }
      auto& endpoint = endpoints[key];
      endpoint.owned_until = taken->owned_until;
      endpoint.send_until = now + options.lease * 8 / 10;
      endpoint.failures = taken->failures;
      endpoint.more = true;
    }
    for (const auto& [key, settled] : written.settled)
      if (const auto found = endpoints.find(key); found != endpoints.end()) found->second.failures = settled.failures;
    for (const auto& outcome : settling) {
      const auto found = endpoints.find({outcome.tenant, outcome.delivery.webhook_id});
      if (found == endpoints.end()) continue;
      found->second.taken.erase(outcome.delivery.id);
      found->second.more = true; // what waited behind it
      if (!is_attempt(outcome.result)) found->second.paused_until = now + pause_when_busy;
    }
    counts.succeeded += written.succeeded;
    counts.retried += written.retried;
    counts.dead += written.dead;
    counts.disabled += written.disabled;
    counts.not_sent += written.not_sent;
    settling.clear();
    wanted.clear();
    return {};
  }

  /// What is to be fetched for an endpoint, decided before the transaction.
  struct Room {
    Key key;
    std::size_t most = 0;  ///< rows
    std::size_t taken = 0; ///< rows that the answer may hold without being new
  };
  struct Fetched {
    std::optional<Webhook> webhook;
    std::optional<WebhookEndpoint> endpoint;
    std::vector<storage::DeliveryRepository::Ready> first, retries;
  };

  /// How many may be under way. From `breaker_failures` on there is only the probe of a breaker that is half open.
  std::size_t cap_of(int failures) const {
    return failures == 0 ? options.per_endpoint : failures < breaker_failures ? options.failing : 1;
  }

  std::optional<Room> room_of(const Key& key, const Endpoint& endpoint, Instant now) const {
    if (endpoint.ready.size() > endpoint.ahead / 2 || now >= endpoint.owned_until || now > endpoint.send_until ||
        now < endpoint.paused_until)
      return std::nullopt;
    const std::size_t cap = cap_of(endpoint.failures);
    if (endpoint.in_flight >= cap) return std::nullopt;
    return Room{key, endpoint.failures == 0 ? endpoint.ahead - endpoint.ready.size() : cap - endpoint.in_flight, endpoint.taken.size()};
  }

  /// Looks over the queues: what this dispatcher has is fetched for at once, what it has not is taken by the next step.
  Result<void> look(Instant now) {
    ORKESTR_TRY(const auto due,
                platform.store().read([&](const storage::ReadTransaction& tx) -> Result<std::vector<storage::Due<WebhookId>>> {
                  return tx.webhooks().due(options.owner, now, 10'000);
                }));
    const std::lock_guard guard(mutex);
    for (const auto& [tenant, id] : due) {
      const Key key{tenant, id};
      const auto found = endpoints.find(key);
      if (found != endpoints.end() && now < found->second.owned_until && now <= found->second.send_until)
        found->second.more = true;
      else if (std::ranges::find(wanted, key) == wanted.end())
        wanted.push_back(key);
    }
    return {};
  }

  Result<bool> fetch(Instant now, bool look_around) {
    const auto full = [&] {
      const std::lock_guard guard(mutex);
      return quiet || in_flight >= options.in_all;
    };
    if (full()) return false;
    if (look_around) ORKESTR_CHECK(look(now));
    std::vector<Room> rooms;
    {
      const std::lock_guard guard(mutex);
      for (auto& [key, endpoint] : endpoints) {
        if (!endpoint.ready.empty()) pump(key, endpoint); // there was no room for it among all
        if (!endpoint.more) continue;
        if (const auto room = room_of(key, endpoint, now)) rooms.push_back(*room);
      }
    }
    for (std::span<const Room> left(rooms); !left.empty();) {
      const auto some = left.first(std::min(left.size(), at_once));
      left = left.subspan(some.size());
      ORKESTR_TRY(auto fetched, platform.store().read([&](const storage::ReadTransaction& tx) -> Result<std::vector<Fetched>> {
        std::vector<Fetched> answer;
        for (const auto& room : some) answer.push_back(fetch_for(tx, room, now));
        return answer;
      }));
      const std::lock_guard guard(mutex);
      for (std::size_t i = 0; i < some.size(); ++i) take_in(some[i], fetched[i], now);
    }
    const std::lock_guard guard(mutex);
    forget_idle(now);
    return !wanted.empty();
  }

  Fetched fetch_for(const storage::ReadTransaction& tx, const Room& room, Instant now) const {
    const auto& [tenant, id] = room.key;
    Fetched f;
    f.webhook = tx.webhooks().find(tenant, id);
    f.endpoint = tx.webhooks().endpoint(tenant, id);
    if (!f.webhook || !f.endpoint || f.webhook->status != WebhookStatus::active || f.endpoint->owner != options.owner) return f;
    if (breaker_state(*f.endpoint, now) == BreakerState::open) return f;
    f.first = tx.deliveries().due(tenant, id, false, now, room.most + room.taken);
    f.retries = tx.deliveries().due(tenant, id, true, now, room.most + room.taken);
    return f;
  }

  /// With the mutex held: what was fetched for an endpoint, on its way.
  void take_in(const Room& room, Fetched& f, Instant now) {
    auto& endpoint = endpoints.at(room.key);
    endpoint.more = false;
    if (endpoint.ready.empty() && endpoint.fetched != Instant{}) endpoint.ahead = std::min(endpoint.ahead * 2, most_ahead);
    if (!f.webhook || !f.endpoint || f.webhook->status != WebhookStatus::active) return;
    endpoint.failures = f.endpoint->failures;
    const auto state = breaker_state(*f.endpoint, now);
    endpoint.cap = cap_of(endpoint.failures);
    if (!make_signers(room.key, endpoint, *f.webhook, now)) return;
    endpoint.url = f.webhook->url;
    const auto fresh = [&](const auto& row) { return !endpoint.taken.contains(row.delivery.id); };
    const std::size_t most =
        endpoint.ready.size() + (state == BreakerState::half_open ? 1 - std::min<std::size_t>(1, endpoint.in_flight) : room.most);
    std::vector<storage::DeliveryRepository::Ready*> first, retries;
    for (auto& row : f.first)
      if (fresh(row)) first.push_back(&row);
    for (auto& row : f.retries)
      if (fresh(row)) retries.push_back(&row);
    // One retry among three first attempts, and whatever one lane leaves to the other.
    std::size_t a = 0, b = 0;
    const std::size_t turn = std::max<std::size_t>(1, options.per_endpoint / std::max<std::size_t>(1, options.retries));
    while (endpoint.ready.size() < most && (a < first.size() || b < retries.size())) {
      const bool retry = a == first.size() || (b < retries.size() && (a + b) % turn == turn - 1);
      auto* row = retry ? retries[b++] : first[a++];
      endpoint.taken.insert(row->delivery.id);
      endpoint.ready.push_back(std::move(*row));
    }
    endpoint.more = std::max(f.first.size(), f.retries.size()) == room.most + room.taken || a < first.size() || b < retries.size();
    endpoint.fetched = platform.now(); // however long the reading took: a slow store must not make all that it gives stale
    pump(room.key, endpoint);
  }

  bool make_signers(const Key& key, Endpoint& endpoint, const Webhook& webhook, Instant now) {
    const auto secrets = signing_secrets(webhook, now);
    std::string sealed{secrets.first};
    if (secrets.other) sealed.append("\n").append(*secrets.other);
    if (!endpoint.signers.empty() && endpoint.sealed == sealed) return true;
    std::vector<WebhookSigner> signers;
    for (const auto& text : {std::optional{secrets.first}, secrets.other}) {
      if (!text) continue;
      const auto plain = open_webhook_secret(platform.secrets(), key.first, key.second, *text);
      auto signer = plain ? WebhookSigner::make(*plain) : std::nullopt;
      if (!signer) {
        ++counts.unsealed;
        endpoint.paused_until = now + pause_when_unsealed;
        return false;
      }
      signers.push_back(std::move(*signer));
    }
    endpoint.signers = std::move(signers);
    endpoint.sealed = std::move(sealed);
    return true;
  }

  void forget_idle(Instant now) {
    std::erase_if(endpoints, [&](const auto& entry) {
      return entry.second.taken.empty() && entry.second.in_flight == 0 && now >= entry.second.owned_until;
    });
  }
};

WebhookDispatcher::WebhookDispatcher(Platform& platform, HttpClient& client, DispatcherOptions options, std::function<void()> wake)
    : impl_(std::make_shared<Impl>(platform, client, std::move(options), std::move(wake))) {}

WebhookDispatcher::~WebhookDispatcher() {
  const std::lock_guard guard(impl_->mutex);
  impl_->quiet = impl_->ended = true;
}

void WebhookDispatcher::quiesce() {
  const std::lock_guard guard(impl_->mutex);
  impl_->quiet = true;
}

Result<bool> WebhookDispatcher::step(Instant now, bool look_around) { return impl_->step(now, look_around); }

Result<void> WebhookDispatcher::finish(Instant now) {
  {
    const std::lock_guard guard(impl_->mutex);
    impl_->quiet = impl_->ended = true;
  }
  impl_->wanted.clear();
  ORKESTR_CHECK(impl_->write_down(now));
  return impl_->platform.store().write([&](storage::WriteTransaction& tx) -> Result<void> {
    tx.webhooks().release(impl_->options.owner);
    return {};
  });
}

WebhookDispatcher::Stats WebhookDispatcher::stats() const {
  const std::lock_guard guard(impl_->mutex);
  auto stats = impl_->counts;
  stats.in_flight = impl_->in_flight;
  stats.endpoints = impl_->endpoints.size();
  return stats;
}

} // namespace orkestr::inline v1
