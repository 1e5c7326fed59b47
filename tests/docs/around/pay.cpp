#include <orkestr/adapters/sqlite_store.hpp>
#include <orkestr/adapters/test_gateway.hpp>
#include <orkestr/platform/payment_desk.hpp>
#include <orkestr/platform/platform.hpp>
using namespace orkestr;
void around(storage::Store& store, const Clock& clock, Random& random, SecretBox secrets, TenantId tenant, const Booking& booking,
            std::string_view body, std::span<const WebhookHeaderView> headers) {
SNIPPET
}
