// Deliveries a second through the client, beside a bare loop of Beast's own calls over as many connections, to one server
// that answers everything alike. Both have one thread; they take turns, and the medians are compared.
//   benchmark_http_client [seconds a turn, default 2] [turns, default 5] [in flight, default 64]
#include "orkestr/adapters/http_client.hpp"

#include "loopback_peer.hpp"

#include <condition_variable>
#include <cstdio>
#include <mutex>

namespace {

using namespace orkestr::benchmark;

const std::string body(1024, 'b');

class Deliveries {
 public:
  Deliveries(orkestr::HttpClient& client, std::uint16_t port) : client_(client) {
    request_.url = "http://127.0.0.1:" + std::to_string(port) + "/hook";
    request_.headers = {{"Content-Type", "application/json"}};
    request_.body = body;
  }
  double run(double seconds, int in_flight) {
    const auto start = Clock::now();
    until_ = start + std::chrono::duration_cast<Clock::duration>(std::chrono::duration<double>(seconds));
    count_ = 0;
    open_ = in_flight;
    for (int i = 0; i < in_flight; ++i) send();
    std::unique_lock lock(mutex_);
    ended_.wait(lock, [this] { return open_ == 0; });
    return rate(count_, start);
  }

 private:
  void send() {
    client_.send(request_, [this](const orkestr::HttpResult& result) {
      if (result.response.status != 200) {
        std::fprintf(stderr, "%s: %s\n", std::string{to_string(result.failure)}.c_str(), result.detail.c_str());
        std::abort();
      }
      ++count_;
      if (Clock::now() < until_) return send();
      const std::lock_guard lock(mutex_);
      if (--open_ == 0) ended_.notify_one();
    });
  }

  orkestr::HttpClient& client_;
  orkestr::HttpRequest request_;
  Clock::time_point until_;
  std::atomic<std::uint64_t> count_{0};
  std::mutex mutex_;
  std::condition_variable ended_;
  int open_ = 0;
};

} // namespace

int main(int argc, char** argv) {
  const double seconds = argc > 1 ? std::atof(argv[1]) : 2;
  const int turns = argc > 2 ? std::atoi(argv[2]) : 5, in_flight = argc > 3 ? std::atoi(argv[3]) : 64;
  const Server server;
  orkestr::HttpClientOptions options;
  options.policy.allow_loopback = true;
  options.max_connections_per_host = static_cast<std::size_t>(in_flight);
  auto client = orkestr::make_http_client(options);
  if (!client) return 1;
  Deliveries deliveries(**client, server.port());
  std::vector<double> ours, theirs;
  for (int i = 0; i < turns; ++i) {
    theirs.push_back(bare(server.port(), body, seconds, in_flight));
    ours.push_back(deliveries.run(seconds, in_flight));
  }
  std::printf("1 KiB POST on loopback, %d in flight, keep-alive, medians of %d turns of %g s\n", in_flight, turns, seconds);
  std::printf("bare Beast loop      %9.0f/s\norkestr::http_client %9.0f/s\nratio                %9.2f\n", median(theirs), median(ours),
              median(ours) / median(theirs));
}
