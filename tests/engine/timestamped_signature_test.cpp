#include "orkestr/engine/timestamped_signature.hpp"

#include "support/results.hpp"

using namespace orkestr;

namespace {

const std::string body = R"({"id":"evt_1","object":"event"})";
const std::vector<std::string> secrets{"whsec_test_secret"};
const Instant signed_at = Instant::from_seconds(1'700'000'000);
// printf '1700000000.{"id":"evt_1","object":"event"}' | openssl dgst -sha256 -hmac whsec_test_secret
const std::string digest = "0c8670ed117751cc551a20e35839447075c42800ea3cf3e8a2fbda99cd1e6edd";
const std::string good = "t=1700000000,v1=" + digest;

Result<Instant> verify(const std::string& header, std::string_view text = body, Instant now = signed_at,
                       const std::vector<std::string>& known = secrets) {
  const WebhookHeaderView headers[] = {{"Content-Type", "application/json"}, {"stripe-signature", header}};
  return verify_timestamped("Stripe-Signature", text, headers, known, now);
}

std::string fault(const Result<Instant>& result) {
  return result ? "" : std::string{info(result.error().code).name} + " " + std::string{result.error().faults.at(0).code};
}

} // namespace

TEST_CASE("timestamped signatures are as OpenSSL makes them") {
  CHECK(timestamped_signature(body, secrets, signed_at + milliseconds{999}) == good);
  CHECK(verify(good).value() == signed_at);
}

TEST_CASE("timestamped signatures hold for these bytes, this secret and this time") {
  CHECK(fault(verify(good, body + "\n")) == "unauthenticated wrong_signature");
  for (std::size_t i = 0; i < body.size(); ++i) {
    auto changed = body;
    changed[i] = static_cast<char>(changed[i] ^ 1);
    CHECK(fault(verify(good, changed)) == "unauthenticated wrong_signature");
  }
  for (std::size_t i = 0; i < digest.size(); ++i) {
    auto changed = digest;
    changed[i] = changed[i] == 'a' ? 'b' : 'a';
    CHECK(fault(verify("t=1700000000,v1=" + changed)) == "unauthenticated wrong_signature");
  }
  CHECK(fault(verify("t=1700000001,v1=" + digest)) == "unauthenticated wrong_signature");
  CHECK(fault(verify(good, body, signed_at, {"whsec_other"})) == "unauthenticated wrong_signature");
  CHECK(fault(verify(good, body, signed_at, {})) == "unauthenticated wrong_signature");
}

TEST_CASE("timestamped signatures grow stale after five minutes, and may not come from the future") {
  CHECK(verify(good, body, signed_at + std::chrono::minutes{5}));
  CHECK(fault(verify(good, body, signed_at + std::chrono::minutes{5} + milliseconds{1})) == "unauthenticated too_old");
  CHECK(verify(good, body, signed_at - std::chrono::minutes{5}));
  CHECK(fault(verify(good, body, signed_at - std::chrono::minutes{5} - milliseconds{1})) == "unauthenticated too_new");
}

TEST_CASE("timestamped signatures: several of them, and schemes that are not ours") {
  const std::string wrong(64, '0');
  CHECK(verify("t=1700000000,v1=" + wrong + ",v1=" + digest));
  CHECK(verify("v1=" + digest + ",t=1700000000,v1=" + wrong));
  CHECK(verify("t=1700000000, v1=" + digest + ", v0=" + wrong));
  CHECK(verify(good, body, signed_at, {"whsec_new", secrets[0]}));
  CHECK(fault(verify("t=1700000000,v0=" + digest)) == "unauthenticated wrong_signature");
  CHECK(fault(verify("t=1700000000,v2=" + digest)) == "unauthenticated wrong_signature");
  CHECK(fault(verify("t=1700000000")) == "unauthenticated wrong_signature");

  const std::vector<std::string> both{"whsec_a", "whsec_b"};
  const auto rotated = timestamped_signature(body, both, signed_at);
  CHECK(verify(rotated, body, signed_at, {"whsec_a"}));
  CHECK(verify(rotated, body, signed_at, {"whsec_b"}));
}

TEST_CASE("a secret that was never set signs nothing") {
  const std::vector<std::string> empty{""};
  CHECK(fault(verify(timestamped_signature(body, empty, signed_at), body, signed_at, empty)) == "unauthenticated wrong_signature");
}

TEST_CASE("timestamped signatures: headers that are none") {
  for (const char* header :
       {"", ",", "t", "t=", "t=,v1=00", "t=abc,v1=00", "t=-1,v1=00", "t=+1,v1=00", "t=01,v1=00", "t=1700000000 ,v1=00", "v1=00",
        "t=1700000000,t=1700000000,v1=00", "t=9999999999999,v1=00", "t=1700000000,,v1=00", "t=1700000000,=00"})
    CHECK_MESSAGE(fault(verify(header)) == "invalid_header malformed", header);
  std::string many = "t=1700000000";
  for (int i = 0; i < 40; ++i) many += ",v1=00";
  CHECK(fault(verify(many)) == "invalid_header malformed");
  CHECK(fault(verify_timestamped("Stripe-Signature", body, {}, secrets, signed_at)) == "invalid_header missing");
  const WebhookHeaderView twice[] = {{"Stripe-Signature", good}, {"STRIPE-SIGNATURE", good}};
  CHECK(fault(verify_timestamped("Stripe-Signature", body, twice, secrets, signed_at)) == "invalid_header repeated");
}
