#include "campaign/webhooks/endpoints.hpp"

#include <poll.h>

#include <cstdlib>

namespace orkestr::campaign {
namespace {

using namespace std::chrono_literals;

constexpr std::string_view ok = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr std::string_view refusals[] = {"HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops",
                                         "HTTP/1.1 503 Busy\r\nRetry-After: 20\r\nContent-Length: 0\r\n\r\n",
                                         "HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n"};

/// The value of a member of a body whose shape is known.
std::string member(std::string_view body, std::string_view name) {
  const std::string mark = "\"" + std::string{name} + "\":";
  auto at = body.find(mark);
  if (at == std::string_view::npos) return {};
  body.remove_prefix(at + mark.size());
  if (body.starts_with('"')) return std::string{body.substr(1, body.find('"', 1) - 1)};
  return std::string{body.substr(0, body.find_first_of(",}"))};
}

} // namespace

const std::vector<EndpointKind>& endpoint_kinds() {
  static const std::vector<EndpointKind> kinds = {
      {"steady", Manner::steady, {"*"}},
      {"slow", Manner::slow, {"offering.published"}},
      {"flaky", Manner::flaky, {"hold.expired", "review.created"}},
      {"hangs", Manner::hangs, {"dispute.opened"}},
      {"resets", Manner::resets, {"hold.expired"}},
      {"crashes, had noted", Manner::crashes, {"dispute.*", "review.created"}},
      {"crashes, had not noted", Manner::forgetful, {"offering.published"}},
      {"comes and goes", Manner::comes_and_goes, {"booking.*", "dispute.opened"}},
      {"broken", Manner::broken, {"tenant.kyb_verified"}},
  };
  return kinds;
}

struct Endpoints::Listener {
  std::atomic<int> fd{-1};
  std::uint16_t port = 0;
  std::atomic<bool> up{true};
  std::mutex mutex;
  std::vector<int> open; ///< connections
  std::thread thread;

  void cut() {
    const std::lock_guard lock(mutex);
    for (const int each : open) ::shutdown(each, SHUT_RDWR);
  }
};

Endpoints::Endpoints(std::uint64_t seed) : signers_(endpoint_kinds().size()), random_(seed * 2 + 1) {
  for (std::size_t i = 0; i < endpoint_kinds().size(); ++i) {
    auto& listener = *listeners_.emplace_back(std::make_unique<Listener>());
    listener.fd = test::listen_on("127.0.0.1", 0);
    listener.port = test::port_of(listener.fd);
    listener.thread = std::thread([this, i, &listener] {
      while (!ending_) {
        if (!listener.up) {
          if (listener.fd >= 0) ::close(listener.fd.exchange(-1)), listener.cut();
          std::this_thread::sleep_for(2ms);
          continue;
        }
        if (listener.fd < 0) {
          try { // its port may be lent to a connection that goes out, for a moment
            listener.fd = test::listen_on("127.0.0.1", listener.port);
          } catch (const std::runtime_error&) {
            std::this_thread::sleep_for(2ms);
            continue;
          }
        }
        pollfd waiting{listener.fd, POLLIN, 0};
        if (::poll(&waiting, 1, 20) <= 0) continue;
        const int fd = ::accept4(listener.fd, nullptr, nullptr, SOCK_CLOEXEC);
        if (fd < 0) continue;
        {
          const std::lock_guard lock(listener.mutex);
          listener.open.push_back(fd);
        }
        ++serving_;
        std::thread([this, i, fd] { serve(i, fd); }).detach();
      }
    });
  }
}

Endpoints::~Endpoints() {
  ending_ = true;
  for (auto& listener : listeners_) {
    listener->thread.join();
    if (listener->fd >= 0) ::close(listener->fd);
    listener->cut();
  }
  while (serving_ > 0) std::this_thread::sleep_for(1ms);
}

std::string Endpoints::url(std::size_t endpoint) const { return "http://127.0.0.1:" + std::to_string(listeners_[endpoint]->port) + "/"; }

void Endpoints::go(bool up) {
  for (std::size_t i = 0; i < listeners_.size(); ++i)
    if (endpoint_kinds()[i].manner == Manner::comes_and_goes) listeners_[i]->up = up;
}

std::vector<Receipt> Endpoints::receipts() const {
  const std::lock_guard lock(mutex_);
  return receipts_;
}

int Endpoints::dice(int sides) {
  const std::lock_guard lock(mutex_);
  random_ = random_ * 6364136223846793005U + 1442695040888963407U;
  return static_cast<int>((random_ >> 33) % static_cast<unsigned>(sides));
}

void Endpoints::serve(std::size_t endpoint, int fd) {
  {
    test::Peer peer(fd, 0, nullptr);
    while (!ending_ && answer(endpoint, peer)) {
    }
  }
  auto& listener = *listeners_[endpoint];
  {
    const std::lock_guard lock(listener.mutex);
    std::erase(listener.open, fd);
    ::close(fd);
  }
  --serving_;
}

Receipt Endpoints::read(std::size_t endpoint, const std::string& request) const {
  Receipt receipt;
  receipt.endpoint = static_cast<int>(endpoint);
  std::vector<WebhookHeaderView> headers;
  const std::string_view text = request;
  const auto end = text.find("\r\n\r\n");
  for (auto at = text.find("\r\n") + 2; at < end;) {
    const auto stop = text.find("\r\n", at);
    const auto line = text.substr(at, stop - at);
    const auto colon = line.find(": ");
    headers.push_back({line.substr(0, colon), line.substr(colon + 2)});
    at = stop + 2;
  }
  const auto header = [&](std::string_view name) {
    for (const auto& each : headers)
      if (each.name == name) return std::string{each.value};
    return std::string{};
  };
  const auto body = text.substr(end + 4);
  receipt.delivery = header("webhook-id");
  receipt.attempt = std::atoi(header("X-Orkestr-Attempt").c_str());
  receipt.send = header("X-Campaign-Send");
  receipt.event = member(body, "id");
  receipt.subject = member(body, "subject");
  receipt.sequence = std::atol(member(body, "sequence").c_str());
  receipt.of_failed = member(body, "failed") == "true";
  // The time of the campaign runs away from a request that waits to be read while a child is killed; it is signed all the same.
  const auto sent = Instant::from_seconds(std::atoll(header("webhook-timestamp").c_str()));
  const auto known = [&] {
    const std::lock_guard guard(mutex_);
    return *signers_[endpoint];
  }();
  const std::span<const WebhookSigner> signer{&known, 1};
  const auto verified = verify_webhook(body, headers, signer, sent);
  receipt.good_signature = verified && verify_webhook_body(body, headers, signer) && verified->delivery_id == receipt.delivery &&
                           header("X-Orkestr-Delivery-Id") == receipt.delivery && header("X-Orkestr-Event") == verified->event;
  return receipt;
}

/// Takes one request. @returns whether the connection stays
bool Endpoints::answer(std::size_t endpoint, test::Peer& peer) {
  const auto manner = endpoint_kinds()[endpoint].manner;
  const int roll = dice(100);
  if (manner == Manner::resets && roll < 5) {
    peer.reset();
    return false;
  }
  const auto request = peer.read_request();
  if (!request) return false;
  auto receipt = read(endpoint, *request);
  const bool refuses = manner == Manner::broken || (manner == Manner::flaky && roll < 25) || !receipt.good_signature;
  const bool hangs = manner == Manner::hangs && roll < 5, resets = manner == Manner::resets && roll < 15;
  const bool crashes = (manner == Manner::crashes || manner == Manner::forgetful) && roll < 15;
  receipt.accepted = !refuses && !hangs && !resets;
  receipt.noted = receipt.accepted && !(crashes && manner == Manner::forgetful);
  {
    const std::lock_guard lock(mutex_);
    receipts_.push_back(std::move(receipt));
  }
  if (manner == Manner::slow) std::this_thread::sleep_for(std::chrono::milliseconds{1 + roll * roll / 80});
  if (hangs) {
    peer.linger();
    return false;
  }
  if (resets) {
    peer.reset();
    return false;
  }
  if (refuses) return peer.write(refusals[static_cast<std::size_t>(manner == Manner::flaky ? roll % 3 : 0)]);
  if (!peer.write(ok)) return false;
  if (crashes) peer.reset();
  return !crashes;
}

} // namespace orkestr::campaign
