#include <orkestr/adapters/http_client.hpp>
#include <orkestr/platform/platform.hpp>
#include <orkestr/platform/webhook_worker.hpp>
void around(orkestr::storage::Store& store, const orkestr::Clock& clock, orkestr::Random& random, std::string keys) {
SNIPPET
}
