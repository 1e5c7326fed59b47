// Webhooks from a program of one's own, with no server: a PMS that keeps its bookings in Orkestr's tables, writes its own rows in the
// same transaction as the event, and has Orkestr's dispatcher send it.
//
//   example_embedded_webhooks URL   posts two events to URL and waits until they are delivered; see ../verified_badge
#include <orkestr/adapters/http_client.hpp>
#include <orkestr/adapters/sqlite_store.hpp>
#include <orkestr/platform/webhook_worker.hpp>

#include <cstdio>
#include <filesystem>
#include <thread>

using namespace orkestr;

int main(int argc, char** argv) {
  if (argc != 2) return std::fprintf(stderr, "example_embedded_webhooks URL\n"), 2;
  char folder[] = "/tmp/orkestr-example-XXXXXX";
  if (::mkdtemp(folder) == nullptr) return 1;
  {
    storage::SqliteOptions file;
    file.file = std::filesystem::path(folder) / "pms.db";
    const auto store = storage::SqliteStore::open(file);
    const SystemClock clock;
    SystemRandom random;
    // The key of secrets comes from wherever the product keeps such things; loopback is for this example only.
    const auto key = SecretBox::make_key(random);
    Platform platform(**store, clock, random, {SecretBox::parse(key).value(), {.allow_loopback = true}});
    HttpClientOptions http;
    http.policy.allow_loopback = true;
    const auto client = make_http_client(http).value();
    WebhookWorker worker(platform, *client, {.sole = true});

    Tenant draft;
    draft.name = draft.subdomain = "atlas";
    const auto tenant = platform.create_tenant(draft).value().id;
    const auto subscribed = platform.write(tenant, [&](WriteContext& cx) {
      Webhook webhook;
      webhook.url = argv[1];
      webhook.events = {"dispute.*", "tenant.kyb_verified"};
      json::Reader reader;
      return create_webhook(cx, webhook, platform.webhook_rules(), reader);
    });
    if (!subscribed) return std::fprintf(stderr, "%s\n", subscribed.error().detail.c_str()), 1;
    std::printf("secret %s\ntenant %s\n", subscribed->secret.c_str(), tenant.str().c_str());
    std::fflush(stdout);
    (void)std::getchar(); // until the receiver knows it

    // One transaction: whatever else the product writes with `cx.tx`, and what is told of it. Both are kept, or neither.
    (void)platform.write(tenant, [&](WriteContext& cx) -> Result<int> {
      cx.emit(EventType::dispute_opened, "dsp_1", R"({"disputeId":"dsp_1","bookingId":"bkg_1","reason":"The room was locked"})");
      cx.emit(EventType::tenant_kyb_verified, tenant.view(), R"({"tenantId":")" + tenant.str() + R"(","kybStatus":"VERIFIED"})");
      return 0;
    });
    for (int i = 0; i < 1000 && worker.stats().succeeded < 2; ++i) std::this_thread::sleep_for(std::chrono::milliseconds{10});
    std::printf("%llu delivered\n", static_cast<unsigned long long>(worker.stats().succeeded));
  }
  std::filesystem::remove_all(folder);
}
