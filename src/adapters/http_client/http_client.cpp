// The one translation unit that instantiates Asio: the client and the resolver, each on a thread of its own.
#include "orkestr/adapters/http_client.hpp"

#include "adapters/http_client/client.hpp"

#include <csignal>
#include <thread>

namespace orkestr::inline v1 {
namespace http_client {
namespace {

/// A context and its thread.
class Thread {
 public:
  asio::io_context context{BOOST_ASIO_CONCURRENCY_HINT_UNSAFE_IO};

  void start() {
    // Signals are for threads of the host program; and c-ares may write to a connection that is gone.
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    thread_ = std::thread([this] { context.run(); });
    pthread_sigmask(SIG_SETMASK, &before, nullptr);
  }
  /// Runs what has been posted and all that follows from it.
  void join() {
    asio::post(context, [this] { work_.reset(); });
    thread_.join();
  }

 private:
  asio::executor_work_guard<Executor> work_ = asio::make_work_guard(context);
  std::thread thread_;
};

class ThreadedClient final : public HttpClient {
 public:
  ThreadedClient(HttpClientOptions options, TlsContext tls) : client_(thread_.context, std::move(options), std::move(tls)) {}
  ~ThreadedClient() override {
    if (!started_) return;
    stop();
    thread_.join();
  }

  [[nodiscard]] Result<void> start() {
    ORKESTR_CHECK(client_.open());
    thread_.start();
    started_ = true;
    return {};
  }

  void send(HttpRequest request, std::function<void(HttpResult)> done) override {
    asio::post(thread_.context, [this, start = Clock::now(), request = std::move(request), done = std::move(done)]() mutable {
      client_.begin(std::move(request), std::move(done), start);
    });
  }
  void stop() override {
    asio::post(thread_.context, [this] { client_.stop(); });
  }

 private:
  Thread thread_;
  Client client_;
  bool started_ = false;
};

class ThreadedResolver final : public DnsResolver {
 public:
  explicit ThreadedResolver(DnsOptions options) : resolver_(thread_.context, std::move(options)) {}
  ~ThreadedResolver() override {
    if (!started_) return;
    asio::post(thread_.context, [this] { resolver_.shut(); });
    thread_.join();
  }

  [[nodiscard]] Result<void> start() {
    ORKESTR_CHECK(resolver_.open());
    thread_.start();
    started_ = true;
    return {};
  }

  void resolve(std::string host, std::function<void(DnsAddresses)> done) override {
    asio::post(thread_.context,
               [this, host = std::move(host), done = std::move(done)]() mutable { resolver_.resolve(host, std::move(done)); });
  }
  void cname(std::string host, std::function<void(DnsAlias)> done) override {
    asio::post(thread_.context,
               [this, host = std::move(host), done = std::move(done)]() mutable { resolver_.cname(host, std::move(done)); });
  }

 private:
  Thread thread_;
  Resolver resolver_;
  bool started_ = false;
};

} // namespace
} // namespace http_client

Result<std::unique_ptr<HttpClient>> make_http_client(HttpClientOptions options) {
  ORKESTR_TRY(auto tls, http_client::TlsContext::make(options.ca_file));
  auto client = std::make_unique<http_client::ThreadedClient>(std::move(options), std::move(tls));
  ORKESTR_CHECK(client->start());
  return client;
}

Result<std::unique_ptr<DnsResolver>> make_dns_resolver(DnsOptions options) {
  auto resolver = std::make_unique<http_client::ThreadedResolver>(std::move(options));
  ORKESTR_CHECK(resolver->start());
  return resolver;
}

} // namespace orkestr::inline v1
