// Prints signed deliveries, one JSON object a line, for other implementations to verify: `secrets`, of which the first signs and
// all are in the list, `headers` and `body`. Signed about now, since those who verify look at their clock.
//   webhook_cases COUNT SEED
#include "orkestr/base/json.hpp"
#include "orkestr/engine/event.hpp"
#include "orkestr/engine/webhook_signature.hpp"
#include "orkestr/ports/clock.hpp"
#include "orkestr/ports/random.hpp"

#include <cstdio>
#include <cstdlib>

using namespace orkestr;

namespace {

SeededRandom* dice = nullptr;
std::size_t below(std::size_t count) { return dice->next() % count; }

std::string text() {
  static constexpr std::string_view pieces[] = {"a", " ",    "7", "\"",     "\\",           "/",         "\n", "\x01",
                                                "é", "日本", "🎉", "\u2028", "\xef\xbb\xbf", "</script>", "."};
  std::string out;
  for (auto n = below(30); n > 0; --n) out += pieces[below(std::size(pieces))];
  return out;
}

/// As we make it, or of another length: a text longer than a block of the hash is a different case for HMAC.
std::string secret() {
  const std::string made = make_webhook_secret(*dice);
  if (below(2) == 0) return made;
  const std::string more = make_webhook_secret(*dice), again = make_webhook_secret(*dice);
  return "whsec_" + (made.substr(6, 40) + more.substr(6, 40) + again.substr(6, 8)).substr(0, 32 + 4 * below(14));
}

void print_case(Instant now) {
  static constexpr auto types = json::EnumNames<EventType>::names;
  const auto type = below(types.size());
  std::string data, out;
  json::Writer data_writer(data), writer(out);
  data_writer.begin_object();
  for (auto n = below(6); n > 0; --n) {
    data_writer.key("field" + std::to_string(n));
    data_writer.string(text());
  }
  data_writer.end_object();
  const Instant sent = now + milliseconds{below(240'000)} - milliseconds{120'000};
  const auto body = event_body(EventId::from_body("01jv0c2m5r8k3w9q4t7x6y1z0a"), static_cast<EventType>(type), sent,
                               TenantId::from_body("01jv0c2m5r8k3w9q4t7x6y1z0b"), data);

  std::vector<std::string> secrets;
  std::vector<WebhookSigner> signers;
  for (auto n = 1 + below(3); n > 0; --n) {
    secrets.push_back(secret());
    signers.push_back(WebhookSigner::make(secrets.back()).value());
  }
  const std::string id = "dlv_" + random_alphanumeric(*dice, 26);
  const WebhookDelivery delivery{
      .delivery_id = id, .event = types[type], .attempt = static_cast<int>(1 + below(6)), .now = sent, .body = body};

  writer.begin_object();
  writer.key("secrets");
  writer.begin_array();
  for (const auto& each : secrets) writer.string(each);
  writer.end_array();
  writer.key("headers");
  writer.begin_object();
  for (const auto& [name, value] : webhook_headers(delivery, signers.front(), std::span(signers).subspan(1))) {
    writer.key(name);
    writer.string(value);
  }
  writer.end_object();
  writer.key("body");
  writer.string(body);
  writer.end_object();
  std::puts(out.c_str());
}

} // namespace

int main(int, char** argv) {
  SeededRandom random(std::strtoull(argv[2], nullptr, 10));
  dice = &random;
  const Instant now = SystemClock{}.now();
  for (int count = std::atoi(argv[1]); count > 0; --count) print_case(now);
}
