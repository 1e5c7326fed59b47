// The HTTP layer alone: a constant answer, for as long as standard input stays open. Prints its port.
#include "http/server.hpp"

#include <cstdio>

using namespace orkestr;

namespace {

class Hello final : public server::Application {
 public:
  std::optional<api::Response> handle_now(const api::Request& request) override { return handle(request); }
  api::Response handle(const api::Request&) override {
    api::Response response;
    response.set("Content-Type", "application/json");
    response.body = R"({"hello":"world"})";
    return response;
  }
  api::Response refuse(int status, std::string_view code, std::string_view) override {
    api::Response response;
    response.status = status;
    response.body = code;
    return response;
  }
};

} // namespace

int main() {
  Hello hello;
  server::HttpOptions options;
  options.io_threads = 1;
  server::HttpServer server(hello, options);
  server.start();
  std::printf("%d\n", server.port());
  std::fflush(stdout);
  while (std::getchar() != EOF) {
  }
  server.stop(std::chrono::seconds{1});
}
