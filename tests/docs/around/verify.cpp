#include <orkestr/ports/clock.hpp>
#include <orkestr/engine/webhook_signature.hpp>
#include <string>
int bad_request(std::string);
bool remember(std::string_view);
void work(std::string_view, std::string_view);
int around(std::string_view secret, std::string_view body, std::span<const orkestr::WebhookHeaderView> headers) {
SNIPPET
  return 0;
}
