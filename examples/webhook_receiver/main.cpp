// Receives webhooks: verifies each as it came in, prints what is new, and says so of what came before.
//   ORKESTR_WEBHOOK_SECRET="whsec_…[ whsec_…]" example_webhook_receiver [PORT]
#include "orkestr/engine/webhook_signature.hpp"
#include "orkestr/ports/clock.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http.hpp>

#include <cstdlib>
#include <iostream>
#include <mutex>
#include <set>
#include <sstream>
#include <thread>

namespace http = boost::beast::http;
using boost::asio::ip::tcp;
using namespace orkestr;

namespace {

class Receiver {
 public:
  explicit Receiver(std::vector<WebhookSigner> secrets) : secrets_(std::move(secrets)) {}

  http::response<http::string_body> answer(const http::request<http::string_body>& request) {
    const auto with = [&](http::status status, std::string text) {
      http::response<http::string_body> response(status, request.version());
      response.keep_alive(request.keep_alive());
      response.body() = std::move(text) + "\n";
      response.prepare_payload();
      return response;
    };
    if (request.method() != http::verb::post) return with(http::status::method_not_allowed, "Webhooks are POSTed.");
    std::vector<WebhookHeaderView> headers;
    for (const auto& field : request) headers.push_back({field.name_string(), field.value()});
    const auto webhook = verify_webhook(request.body(), headers, secrets_, SystemClock{}.now());
    if (!webhook) return with(http::status::bad_request, webhook.error().detail);
    take(*webhook);
    return with(http::status::ok, "Thank you."); // also for what came before, or it would come again
  }

 private:
  /// A business does its work here, and remembers the id in the same transaction.
  void take(const VerifiedWebhook& webhook) {
    const std::lock_guard lock(mutex_);
    const bool first = seen_.insert(webhook.delivery_id).second;
    std::cout << webhook.event << " " << webhook.delivery_id << (first ? "" : " again") << std::endl;
  }

  const std::vector<WebhookSigner> secrets_;
  std::mutex mutex_;
  std::set<std::string> seen_;
};

void serve(tcp::socket socket, Receiver& receiver) {
  boost::beast::flat_buffer buffer;
  boost::system::error_code error;
  for (bool open = true; open;) {
    http::request_parser<http::string_body> parser;
    parser.body_limit(1024 * 1024);
    http::read(socket, buffer, parser, error);
    if (error) return;
    const auto response = receiver.answer(parser.get());
    http::write(socket, response, error);
    open = !error && response.keep_alive();
  }
}

} // namespace

int main(int argc, char** argv) {
  const char* text = std::getenv("ORKESTR_WEBHOOK_SECRET"); // not an argument, which every user of the machine could read
  std::istringstream words(text == nullptr ? "" : text);
  std::vector<WebhookSigner> secrets;
  for (std::string word; words >> word;) {
    const auto secret = WebhookSigner::make(word);
    if (!secret) return std::cerr << "ORKESTR_WEBHOOK_SECRET holds what is no secret.\n", 2;
    secrets.push_back(*secret);
  }
  if (secrets.empty()) return std::cerr << "Set ORKESTR_WEBHOOK_SECRET to the secret of the subscription.\n", 2;

  Receiver receiver(std::move(secrets));
  boost::asio::io_context context;
  const auto port = static_cast<std::uint16_t>(argc > 1 ? std::atoi(argv[1]) : 0);
  tcp::acceptor acceptor(context, {boost::asio::ip::address_v4::loopback(), port});
  std::cout << "http://127.0.0.1:" << acceptor.local_endpoint().port() << "/" << std::endl;
  for (;;) std::thread(serve, acceptor.accept(), std::ref(receiver)).detach();
}
