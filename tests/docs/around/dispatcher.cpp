#include <orkestr/adapters/http_client.hpp>
#include <orkestr/platform/platform.hpp>
#include <orkestr/platform/webhook_dispatcher.hpp>
void wake_the_loop();
void around(orkestr::Platform& platform, const std::unique_ptr<orkestr::HttpClient>& client) {
SNIPPET
}
