// What is under way, and the connections it is under way on. Included by http_client.cpp only.
#pragma once

#include "orkestr/adapters/http_client.hpp"

#include "adapters/http_client/connection.hpp"
#include "adapters/http_client/dial.hpp"
#include "adapters/http_client/request_text.hpp"
#include "adapters/http_client/resolver.hpp"

#include <deque>
#include <unordered_map>
#include <unordered_set>

namespace orkestr::inline v1::http_client {

struct Host;

/// One request from send() to `done`.
struct Attempt {
  HttpRequest request;
  std::function<void(HttpResult)> done;
  Clock::time_point start, deadline;
  Clock::time_point connect_deadline = Clock::time_point::max(); ///< while a connection is being made
  HttpResult result = {};
  Target target = {};
  std::string text = {};
  Host* host = nullptr;
  const char* doing = "waiting for a free connection";
  bool waiting = false; ///< in its host's queue
  bool holding = false; ///< counted among the host's connections
  std::shared_ptr<Dial> dial = {};
  std::shared_ptr<Connection> connection = {};
};

/// A scheme, name and port: its connections and who waits for one. Stays where it is until a tick finds it unused.
struct Host {
  struct Idle {
    std::shared_ptr<Connection> connection;
    std::string address;
    Clock::time_point opened, since;
  };
  std::string key;
  std::size_t open = 0;                              ///< connections, being made, in use or idle
  std::vector<Idle> idle = {};                       ///< the one used last is at the end
  std::deque<std::shared_ptr<Attempt>> waiting = {}; ///< those that ended meanwhile are dropped when their turn comes
  bool starved = false;                              ///< in the client's queue for connections beyond `max_connections`
};

/// @thread_safety its context's thread only
class Client final : public Connection::Owner {
 public:
  Client(asio::io_context& context, HttpClientOptions options, TlsContext tls)
      : context_(context), options_(std::move(options)), tls_(std::move(tls)), resolver_(context, options_.dns), timer_(context) {}

  [[nodiscard]] Result<void> open() { return resolver_.open(); }

  void begin(HttpRequest request, std::function<void(HttpResult)> done, Clock::time_point start) {
    const auto attempt = std::make_shared<Attempt>(Attempt{std::move(request), std::move(done), start, {}});
    attempt->deadline = start + attempt->request.timeout;
    attempts_.insert(attempt);
    if (stopping_) return finish(attempt, HttpFailure::stopped, "the client is stopped");
    auto target = check_target(attempt->request.url, options_.policy);
    if (!target)
      return finish(attempt, target.error().code == Code::address_not_public ? HttpFailure::refused_address : HttpFailure::bad_url,
                    std::move(target.error().detail));
    auto text = compose(attempt->request, *target, options_.user_agent);
    if (!text) return finish(attempt, HttpFailure::bad_request, std::move(text.error().detail));
    attempt->target = std::move(*target);
    attempt->text = std::move(*text);
    if (waiting_ >= options_.max_waiting) return finish(attempt, HttpFailure::busy, "too many requests wait already");
    start_ticking(tick_busy);
    Host& host = host_of(attempt->target);
    attempt->host = &host;
    attempt->waiting = true;
    host.waiting.push_back(attempt);
    ++waiting_;
    serve(host);
  }

  void stop() {
    if (std::exchange(stopping_, true)) return;
    resolver_.shut();
    timer_.cancel();
    const std::vector<std::shared_ptr<Attempt>> all(attempts_.begin(), attempts_.end());
    for (const auto& attempt : all) finish(attempt, HttpFailure::stopped, "the client is stopped");
    for (auto& [key, host] : hosts_) {
      for (auto& idle : host->idle) idle.connection->close();
      open_ -= host->idle.size();
    }
    hosts_.clear();
    starved_.clear();
  }

 private:
  static constexpr std::chrono::milliseconds tick_busy{50}, tick_idle{1'000};

  Host& host_of(const Target& target) {
    std::string key = (target.tls ? "s" : "p") + target.host + ":" + std::to_string(target.port);
    auto& host = hosts_[key];
    if (!host) host = std::make_unique<Host>(Host{key});
    return *host;
  }

  // Turns ---------------------------------------------------------------------------------------------------------------

  /// Gives a host's waiting attempts what connections there are. What fails at once comes here again, so it is a queue.
  void serve(Host& host) {
    to_serve_.push_back(&host);
    if (std::exchange(serving_, true)) return;
    while (!to_serve_.empty()) {
      Host& next = *to_serve_.front();
      to_serve_.pop_front();
      while (!starved_.empty() && make_room()) serve_starved();
      while (serve_one(next)) {
      }
    }
    serving_ = false;
  }

  /// @returns whether an attempt was given a connection
  bool serve_one(Host& host) {
    const auto attempt = next_of(host);
    const std::size_t in_use = host.open - host.idle.size();
    if (!attempt || in_use >= options_.max_connections_per_host) return false;
    if (attempt->request.repeatable && !host.idle.empty()) {
      take_turn(host);
      reuse(attempt);
      return true;
    }
    if (host.open >= options_.max_connections_per_host) drop_idle(host, 0);
    if (!make_room()) {
      if (!std::exchange(host.starved, true)) starved_.push_back(&host);
      return false;
    }
    take_turn(host);
    connect(attempt);
    return true;
  }

  /// One connection for the host that waits longest for one, which then waits again.
  void serve_starved() {
    Host& host = *starved_.front();
    starved_.pop_front();
    host.starved = false;
    if (serve_one(host) && next_of(host) && host.open - host.idle.size() < options_.max_connections_per_host &&
        !std::exchange(host.starved, true))
      starved_.push_back(&host);
  }

  /// The attempt whose turn it is; those that did not wait for it are let go.
  std::shared_ptr<Attempt> next_of(Host& host) {
    while (!host.waiting.empty() && !host.waiting.front()->waiting) host.waiting.pop_front();
    return host.waiting.empty() ? nullptr : host.waiting.front();
  }
  void take_turn(Host& host) {
    host.waiting.front()->waiting = false;
    host.waiting.pop_front();
    --waiting_;
  }

  /// Room for one more connection, if need be in place of an idle one.
  bool make_room() {
    if (open_ < options_.max_connections) return true;
    for (auto& [key, host] : hosts_)
      if (!host->idle.empty()) {
        drop_idle(*host, 0);
        return true;
      }
    return false;
  }
  void drop_idle(Host& host, std::size_t index) {
    host.idle[index].connection->close();
    host.idle.erase(host.idle.begin() + static_cast<std::ptrdiff_t>(index));
    --host.open;
    --open_;
  }

  // One attempt ---------------------------------------------------------------------------------------------------------

  void reuse(const std::shared_ptr<Attempt>& attempt) {
    Host& host = *attempt->host;
    auto idle = std::move(host.idle.back());
    host.idle.pop_back();
    attempt->holding = true;
    attempt->connection = idle.connection;
    attempt->result.address = std::move(idle.address);
    attempt->result.reused = true;
    by_connection_[idle.connection.get()] = {attempt, idle.opened};
    ask(attempt);
  }

  void connect(const std::shared_ptr<Attempt>& attempt) {
    attempt->holding = true;
    ++attempt->host->open;
    ++open_;
    attempt->connect_deadline = Clock::now() + attempt->request.connect_timeout;
    attempt->result.reused = false;
    if (attempt->target.address) return dial(attempt, {*attempt->target.address});
    if (attempt->target.host == "localhost" || attempt->target.host.ends_with(".localhost")) // no name of DNS (RFC 6761)
      return dial(attempt, {*IpAddress::parse("127.0.0.1"), *IpAddress::parse("::1")});
    attempt->doing = "looking the name up";
    resolver_.resolve(attempt->target.host, [this, weak = std::weak_ptr(attempt)](DnsAddresses answer) {
      const auto waiting = weak.lock();
      if (!waiting || !waiting->done) return;
      waiting->result.resolved = since_start(*waiting);
      switch (answer.failure) {
      case DnsFailure::none: return dial(waiting, std::move(answer.addresses));
      case DnsFailure::not_found: return finish(waiting, HttpFailure::unresolved, "the name has no address");
      case DnsFailure::failed: return finish(waiting, HttpFailure::unresolved, "the name could not be looked up");
      case DnsFailure::timeout: return finish(waiting, HttpFailure::unresolved, "no name server answered");
      case DnsFailure::stopped: return finish(waiting, HttpFailure::stopped, "the client is stopped");
      }
    });
  }

  /// From here on there are addresses only, and each of them has been judged.
  void dial(const std::shared_ptr<Attempt>& attempt, std::vector<IpAddress> addresses) {
    if (auto good = check_answers(addresses, options_.policy); !good)
      return finish(attempt, HttpFailure::refused_address, std::move(good.error().detail));
    attempt->doing = "connecting";
    attempt->dial = std::make_shared<Dial>(context_, std::move(addresses), attempt->target.port,
                                           [this, weak = std::weak_ptr(attempt)](error_code ec, Socket socket, const IpAddress& address) {
                                             const auto waiting = weak.lock();
                                             if (!waiting || !waiting->done) return;
                                             waiting->dial.reset();
                                             if (ec) return finish(waiting, HttpFailure::connect, ec.message());
                                             connected(waiting, std::move(socket), address);
                                           });
    const auto dial = attempt->dial; // a failure at once lets it go
    dial->start();
  }

  void connected(const std::shared_ptr<Attempt>& attempt, Socket socket, const IpAddress& address) {
    attempt->result.connected = since_start(*attempt);
    attempt->result.address = address.to_string();
    attempt->connection = std::make_shared<Connection>(*this, std::move(socket));
    by_connection_[attempt->connection.get()] = {attempt, Clock::now()};
    if (!attempt->target.tls) return ask(attempt);
    attempt->doing = "securing the connection";
    attempt->connection->secure(std::make_unique<TlsSession>(tls_, attempt->target));
  }

  void on_secured(Connection& connection) override {
    const auto attempt = by_connection_.at(&connection).attempt;
    attempt->result.secured = since_start(*attempt);
    ask(attempt);
  }

  void ask(const std::shared_ptr<Attempt>& attempt) {
    attempt->doing = "waiting for the answer";
    attempt->connect_deadline = Clock::time_point::max();
    // Kept where it may have to be sent a second time.
    std::string text = attempt->result.reused ? attempt->text : std::move(attempt->text);
    const auto connection = attempt->connection;
    connection->ask(std::move(text), attempt->request.max_body, attempt->request.method == "HEAD",
                    attempt->request.on_body ? &attempt->request.on_body : nullptr);
  }

  void on_answer(Connection& connection, HttpResponse response, bool reusable) override {
    const auto found = by_connection_.find(&connection);
    const auto [attempt, opened] = found->second;
    by_connection_.erase(found);
    attempt->result.response = std::move(response);
    attempt->result.answered = since_start(*attempt);
    const auto now = Clock::now();
    const auto kept = std::move(attempt->connection);
    Host& host = *attempt->host;
    if (reusable && now - opened < options_.keep_alive_age && !stopping_) {
      attempt->holding = false; // the connection counts on its own
      host.idle.push_back({kept, attempt->result.address, opened, now});
      kept->idle();
    } else {
      kept->close();
    }
    finish(attempt, HttpFailure::none, {});
  }

  void on_lost(Connection& connection, HttpFailure failure, std::string detail, HttpResponse response) override {
    const auto found = by_connection_.find(&connection);
    if (found == by_connection_.end()) return lost_idle(connection);
    const auto attempt = found->second.attempt;
    by_connection_.erase(found);
    attempt->connection.reset();
    if (attempt->result.reused && connection.heard_nothing() && failure == HttpFailure::reset) {
      // The server had closed it, or was about to. Others of its age are no better.
      Host& host = *attempt->host;
      while (!host.idle.empty()) drop_idle(host, 0);
      --host.open;
      --open_;
      attempt->result.address.clear();
      return connect(attempt);
    }
    attempt->result.response = std::move(response);
    finish(attempt, failure, std::move(detail));
  }

  void lost_idle(Connection& connection) {
    for (auto& [key, host] : hosts_)
      for (std::size_t i = 0; i < host->idle.size(); ++i)
        if (host->idle[i].connection.get() == &connection) {
          drop_idle(*host, i);
          return serve(*host);
        }
  }

  /// The end of every attempt. `done` may start others, which come in later.
  void finish(const std::shared_ptr<Attempt>& attempt, HttpFailure failure, std::string detail) {
    if (!attempt->done) return;
    if (attempt->dial) attempt->dial->cancel();
    if (attempt->connection) {
      by_connection_.erase(attempt->connection.get());
      attempt->connection->close();
    }
    if (attempt->waiting) --waiting_;
    attempt->waiting = false;
    if (attempt->holding) {
      --attempt->host->open;
      --open_;
    }
    attempts_.erase(attempt);
    attempt->result.failure = failure;
    attempt->result.detail = std::move(detail);
    const auto done = std::exchange(attempt->done, nullptr);
    if (attempt->host != nullptr && !stopping_) serve(*attempt->host);
    done(std::move(attempt->result));
  }

  static std::chrono::microseconds since_start(const Attempt& attempt) {
    return std::chrono::duration_cast<std::chrono::microseconds>(Clock::now() - attempt.start);
  }

  // Deadlines -----------------------------------------------------------------------------------------------------------

  void start_ticking(std::chrono::milliseconds interval) {
    if (ticking_ != std::chrono::milliseconds{0} && ticking_ <= interval) return;
    ticking_ = interval;
    timer_.expires_after(interval);
    timer_.async_wait([this](error_code ec) {
      if (ec) return;
      ticking_ = std::chrono::milliseconds{0};
      tick(Clock::now());
    });
  }

  /// Whether the server has said nothing for longer than it may.
  static bool idles(const Attempt& attempt, Clock::time_point now) {
    const auto limit = attempt.request.idle_timeout;
    return limit.count() > 0 && attempt.connection && attempt.connect_deadline == Clock::time_point::max() &&
           now - attempt.connection->heard_at() >= limit;
  }

  void time_out(const std::shared_ptr<Attempt>& attempt) {
    if (attempt->connection) attempt->result.response = attempt->connection->take_partial();
    finish(attempt, HttpFailure::timeout, std::string{"it took too long: "} + attempt->doing);
  }

  void tick(Clock::time_point now) {
    const std::vector<std::shared_ptr<Attempt>> all(attempts_.begin(), attempts_.end());
    for (const auto& attempt : all) {
      if (!attempt->done) continue;
      if (now >= attempt->deadline && attempt->waiting)
        finish(attempt, HttpFailure::busy, "no connection to the host came free");
      else if (now >= attempt->deadline || now >= attempt->connect_deadline || idles(*attempt, now))
        time_out(attempt);
      else if (const auto dial = attempt->dial)
        dial->look(now);
    }
    for (auto next = hosts_.begin(); next != hosts_.end();) {
      Host& host = *next++->second;
      for (std::size_t i = host.idle.size(); i-- > 0;)
        if (now - host.idle[i].since >= options_.keep_alive_idle || now - host.idle[i].opened >= options_.keep_alive_age)
          drop_idle(host, i);
      if (host.open == 0 && !next_of(host) && !host.starved) hosts_.erase(std::string{host.key});
    }
    if (!attempts_.empty())
      start_ticking(tick_busy);
    else if (!hosts_.empty())
      start_ticking(std::min(tick_idle, std::max(tick_busy, options_.keep_alive_idle / 4)));
  }

  struct InUse {
    std::shared_ptr<Attempt> attempt;
    Clock::time_point opened;
  };

  asio::io_context& context_;
  const HttpClientOptions options_;
  const TlsContext tls_;
  Resolver resolver_;
  Timer timer_;
  std::unordered_set<std::shared_ptr<Attempt>> attempts_;
  std::unordered_map<std::string, std::unique_ptr<Host>> hosts_;
  std::unordered_map<Connection*, InUse> by_connection_;
  std::deque<Host*> starved_, to_serve_;
  std::size_t open_ = 0, waiting_ = 0;
  std::chrono::milliseconds ticking_{0};
  bool serving_ = false, stopping_ = false;
};

} // namespace orkestr::inline v1::http_client
