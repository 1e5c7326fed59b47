#include <orkestr/adapters/http_client.hpp>
#include <orkestr/adapters/stripe_gateway.hpp>
using namespace orkestr;
void around(const std::unique_ptr<HttpClient>& client) {
SNIPPET
}
