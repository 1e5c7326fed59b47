#include "orkestr/engine/network_guard.hpp"

#include "engine/fixtures.hpp"
#include "engine/python_oracle.hpp"

#include <arpa/inet.h>

#include <algorithm>
#include <fstream>
#include <vector>

using namespace fixtures;

namespace {

IpAddress ip(std::string_view text) {
  const auto address = IpAddress::parse(text);
  REQUIRE_MESSAGE(address, text);
  return *address;
}

constexpr NetworkPolicy strict{}, dev{.allow_loopback = true};

std::string verdict(std::string_view url, NetworkPolicy policy = strict) { return outcome(check_target(url, policy)); }

} // namespace

TEST_CASE("addresses: parsed strictly, written as RFC 5952 has them") {
  struct Row {
    std::string_view text, written;
  };
  static constexpr Row good[] = {
      {"0.0.0.0", "0.0.0.0"},
      {"255.255.255.255", "255.255.255.255"},
      {"::", "::"},
      {"2001:DB8:0:0:0:0:0:1", "2001:db8::1"},
      {"::ffff:127.0.0.1", "::ffff:127.0.0.1"},
      {"::ffff:7f00:1", "::ffff:127.0.0.1"},
      {"64:ff9b::10.0.0.1", "64:ff9b::a00:1"},
  };
  for (const auto& row : good) CHECK(ip(row.text).to_string() == row.written);
  for (const auto bad :
       {"",           "1.2.3",    "1.2.3.4.5",     "01.2.3.4",          "1.2.3.04", "256.1.1.1",    "0x7f.0.0.1",        "127.1",
        "2130706433", " 1.2.3.4", "1.2.3.4 ",      "1.2.3.4\n",         "[::1]",    "fe80::1%eth0", "fe80::1%1",         "::1%",
        ":::",        "1::2::3",  "1:2:3:4:5:6:7", "1:2:3:4:5:6:7:8:9", "::12345",  "::ffff:127.1", "::ffff:127.0.0.01", "1.2.3.4/8",
        "::/0",       "+1.2.3.4", "1.2.3.-4",      "localhost"})
    CHECK_MESSAGE(!IpAddress::parse(bad), bad);
  CHECK_FALSE(IpAddress::parse(std::string_view("1.2.3.4\0", 8)));
  CHECK_FALSE(IpAddress::parse(std::string(1'000'000, '1')));
  CHECK(ip("1.2.3.4") != ip("102:304::"));
  CHECK(ip("127.255.0.1").is_loopback());
  CHECK(ip("::1").is_loopback());
  for (const auto other : {"128.0.0.1", "::", "::2", "1::1", "::ffff:127.0.0.1"}) CHECK_FALSE_MESSAGE(ip(other).is_loopback(), other);
}

TEST_CASE("is_public at the borders of every range") {
  struct Row {
    std::string_view before; ///< the address below the range
    bool before_is_public;
    std::string_view first, last, after;
    bool after_is_public;
  };
  // Neighbours that are refused belong to the range next door.
  static constexpr Row table[] = {
      {"255.255.255.255", false, "0.0.0.0", "0.255.255.255", "1.0.0.0", true},
      {"9.255.255.255", true, "10.0.0.0", "10.255.255.255", "11.0.0.0", true},
      {"100.63.255.255", true, "100.64.0.0", "100.127.255.255", "100.128.0.0", true},
      {"126.255.255.255", true, "127.0.0.0", "127.255.255.255", "128.0.0.0", true},
      {"168.63.129.15", true, "168.63.129.16", "168.63.129.16", "168.63.129.17", true},
      {"169.253.255.255", true, "169.254.0.0", "169.254.255.255", "169.255.0.0", true},
      {"172.15.255.255", true, "172.16.0.0", "172.31.255.255", "172.32.0.0", true},
      {"191.255.255.255", true, "192.0.0.0", "192.0.0.255", "192.0.1.0", true},
      {"192.0.1.255", true, "192.0.2.0", "192.0.2.255", "192.0.3.0", true},
      {"192.88.98.255", true, "192.88.99.0", "192.88.99.255", "192.88.100.0", true},
      {"192.167.255.255", true, "192.168.0.0", "192.168.255.255", "192.169.0.0", true},
      {"198.17.255.255", true, "198.18.0.0", "198.19.255.255", "198.20.0.0", true},
      {"198.51.99.255", true, "198.51.100.0", "198.51.100.255", "198.51.101.0", true},
      {"203.0.112.255", true, "203.0.113.0", "203.0.113.255", "203.0.114.0", true},
      {"223.255.255.255", true, "224.0.0.0", "239.255.255.255", "240.0.0.0", false},
      {"239.255.255.255", false, "240.0.0.0", "255.255.255.255", "0.0.0.0", false},
      {"1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", false, "::", "1fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2000::", true},
      {"2000:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true, "2001::", "2001:1ff:ffff:ffff:ffff:ffff:ffff:ffff", "2001:200::", true},
      {"2001:db7:ffff:ffff:ffff:ffff:ffff:ffff", true, "2001:db8::", "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff", "2001:db9::", true},
      {"2001:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true, "2002::", "2002:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "2003::", true},
      {"3ffe:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true, "3fff::", "3fff:fff:ffff:ffff:ffff:ffff:ffff:ffff", "3fff:1000::", true},
      {"3fff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", true, "4000::", "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff", "::", false},
  };
  for (const auto& row : table) {
    CAPTURE(row.first);
    CHECK(is_public(ip(row.before)) == row.before_is_public);
    CHECK_FALSE(is_public(ip(row.first)));
    CHECK_FALSE(is_public(ip(row.last)));
    CHECK(is_public(ip(row.after)) == row.after_is_public);
  }
}

TEST_CASE("is_public refuses every way to be somewhere else than on the Internet") {
  for (const auto address : {"127.0.0.1",
                             "10.1.2.3",
                             "172.20.0.1",
                             "192.168.1.1",
                             "169.254.169.254",
                             "100.100.100.200",
                             "192.0.0.192",
                             "224.0.0.1",
                             "255.255.255.255",
                             "0.0.0.0",
                             "::",
                             "::1",
                             "::127.0.0.1",
                             "::8.8.8.8",
                             "::ffff:127.0.0.1",
                             "::ffff:8.8.8.8",
                             "::ffff:0:7f00:1",
                             "64:ff9b::7f00:1",
                             "64:ff9b::808:808",
                             "64:ff9b:1::7f00:1",
                             "2002:7f00:1::",
                             "2002:808:808::1",
                             "2001:0:4136:e378:8000:63bf:3fff:fdd2",
                             "2001:10::1",
                             "2001:20::1",
                             "2001:2::1",
                             "2001:db8::1",
                             "3fff::1",
                             "fc00::1",
                             "fd00:ec2::254",
                             "fdff::1",
                             "fe80::1",
                             "febf::1",
                             "fec0::1",
                             "feff::1",
                             "ff02::1",
                             "ff0e::1",
                             "100::1",
                             "100:0:0:1::1",
                             "5f00::1",
                             "4000::1"})
    CHECK_FALSE_MESSAGE(is_public(ip(address)), address);
  for (const auto address : {"8.8.8.8", "1.1.1.1", "93.184.215.14", "192.31.196.1", "192.52.193.1", "192.175.48.1", "2606:4700:4700::1111",
                             "2a00:1450:4001:82b::200e", "2620:4f:8000::1", "2400:cb00::1", "3000::1"})
    CHECK_MESSAGE(is_public(ip(address)), address);
}

TEST_CASE("is_public agrees with Python's ipaddress, but for differences that are written down") {
  Dice dice(seed() + 15);
  std::vector<IpAddress> asked;
  // Heads from which addresses are drawn, so that ranges of 2^-32 of the space are met too.
  static constexpr std::string_view heads[] = {
      "0.0.0.0",   "10.0.0.0",     "100.64.0.0",  "127.0.0.0",   "168.63.129.16", "169.254.0.0",  "172.16.0.0",  "192.0.0.0",
      "192.0.2.0", "192.31.196.0", "192.88.99.0", "192.168.0.0", "198.18.0.0",    "198.51.100.0", "203.0.113.0", "224.0.0.0",
      "240.0.0.0", "::",           "::ffff:0:0",  "64:ff9b::",   "64:ff9b:1::",   "100::",        "2001::",      "2001:1::",
      "2001:3::",  "2001:4:112::", "2001:20::",   "2001:30::",   "2001:db8::",    "2002::",       "2600::",      "2620:4f:8000::",
      "3fff::",    "5f00::",       "fc00::",      "fe80::",      "fec0::",        "ff00::"};
  for (std::uint64_t i = 0, count = rounds(40'000); i < count; ++i) {
    IpAddress address = ip(dice.pick(heads));
    const int size = address.family == IpAddress::Family::v4 ? 4 : 16;
    // Changes everything behind some bit; all of it now and then.
    const int kept = dice.roll(0, size * 8);
    for (int bit = kept; bit < size * 8; ++bit)
      if (dice.chance(50)) address.bytes[static_cast<std::size_t>(bit / 8)] ^= static_cast<std::uint8_t>(0x80 >> bit % 8);
    asked.push_back(address);
  }
  const TempFile questions("addresses.txt"), answers("public.txt");
  {
    std::ofstream file(questions.path);
    for (const auto& address : asked) file << address.to_string() << '\n';
    REQUIRE(file.flush());
  }
  ask_python("ipaddress_oracle.py", "", questions.path, answers.path);
  std::ifstream answered(answers.path);
  std::size_t both[2] = {0, 0};
  for (const auto& address : asked) {
    int expected = -1;
    answered >> expected;
    REQUIRE(answered);
    const bool found = is_public(address);
    ++both[found ? 1 : 0];
    if (found != (expected == 1)) FAIL_CHECK(address.to_string(), ": ", found, ", Python ", expected);
  }
  CHECK(std::min(both[0], both[1]) > asked.size() / 10);
}

TEST_CASE("check_target takes a URL apart") {
  const auto plain = check_target("HTTPS://Hooks.Example.COM?a=%41&b=/?");
  REQUIRE(plain);
  CHECK(plain->host == "hooks.example.com");
  CHECK(plain->port == 443);
  CHECK(plain->path_and_query == "/?a=%41&b=/?");
  CHECK(plain->tls);
  CHECK_FALSE(plain->address);
  CHECK(plain->authority() == "hooks.example.com");

  const auto rooted = check_target("https://example.com.:8443/a/../b;c@d:e");
  REQUIRE(rooted);
  CHECK(rooted->authority() == "example.com:8443");
  CHECK(rooted->path_and_query == "/a/../b;c@d:e");

  const auto six = check_target("https://[2606:4700:0::1111]:444/");
  REQUIRE(six);
  CHECK(six->host == "2606:4700::1111");
  CHECK(six->authority() == "[2606:4700::1111]:444");
  CHECK(six->address == ip("2606:4700::1111"));

  const auto local = check_target("http://localhost:8080/hook", dev);
  REQUIRE(local);
  CHECK_FALSE(local->tls);
  CHECK(local->port == 8080);
  CHECK(check_target("http://127.0.0.1", dev).value().port == 80);
  CHECK(check_target("http://127.0.0.1:443", dev).value().authority() == "127.0.0.1:443");
}

TEST_CASE("check_target: every trick to get inside, and what is no URL of ours") {
  const std::string longest_label(63, 'a'), long_label(64, 'a'), path(max_url_size, 'p');
  const std::string longest_url = std::string{"https://example.com/" + path}.substr(0, max_url_size);
  struct Row {
    std::string url;
    std::string_view strict, dev;
  };
  static constexpr std::string_view ok = "ok", bad = "url_invalid", inside = "address_not_public";
  const Row table[] = {
      {"https://example.com", ok, ok},
      {"https://example.com/", ok, ok},
      {"https://xn--bcher-kva.example/", ok, ok},
      {"https://my_host.example.com/", ok, ok},
      {"https://8.8.8.8/", ok, ok},
      {"https://1.1.1.1.example.com/", ok, ok},
      {"https://0x7f.example.com/", ok, ok},
      {"https://" + longest_label + ".com/", ok, ok},
      {longest_url, ok, ok},
      // IPv4 in every spelling
      {"https://127.0.0.1/", inside, ok},
      {"https://2130706433/", bad, bad},
      {"https://017700000001/", bad, bad},
      {"https://0x7f000001/", bad, bad},
      {"https://0X7F000001/", bad, bad},
      {"https://0177.0.0.1/", bad, bad},
      {"https://0x7f.0.0.1/", bad, bad},
      {"https://0x7f.1/", bad, bad},
      {"https://127.1/", bad, bad},
      {"https://127.0.1/", bad, bad},
      {"https://127.0.0.01/", bad, bad},
      {"https://127.0.0.0x1/", bad, bad},
      {"https://127.0.0.1./", bad, bad},
      {"https://127.0.0.1../", bad, bad},
      {"https://0/", bad, bad},
      {"https://0x/", bad, bad},
      {"https://08.8.8.8/", bad, bad},
      {"https://256.256.256.256/", bad, bad},
      {"https://1.2.3.4.5/", bad, bad},
      {"https://example.0x4/", bad, bad},
      {"https://4294967296/", bad, bad},
      {"https://%31%32%37.0.0.1/", bad, bad},
      {"https://127%2e0.0.1/", bad, bad},
      {"https://\xef\xbc\x91\xef\xbc\x92\xef\xbc\x97.0.0.1/", bad, bad}, // full-width digits
      {"https://127\xe3\x80\x82"
       "0\xe3\x80\x82"
       "0\xe3\x80\x82"
       "1/",
       bad, bad},                                                                   // ideographic full stops
      {"https://\xe2\x93\x9b\xe2\x93\x9e\xe2\x93\x92\xe2\x93\x90lhost/", bad, bad}, // letters in circles
      {"https://0.0.0.0/", inside, inside},
      {"https://10.0.0.1/", inside, inside},
      {"https://169.254.169.254/latest/meta-data/", inside, inside},
      {"https://100.64.0.1/", inside, inside},
      {"https://255.255.255.255/", inside, inside},
      // IPv6
      {"https://[::1]/", inside, ok},
      {"https://[0:0:0:0:0:0:0:1]/", inside, ok},
      {"https://[::]/", inside, inside},
      {"https://[::ffff:127.0.0.1]/", inside, inside},
      {"https://[::ffff:7f00:1]/", inside, inside},
      {"https://[::127.0.0.1]/", inside, inside},
      {"https://[64:ff9b::7f00:1]/", inside, inside},
      {"https://[64:ff9b:1::7f00:1]/", inside, inside},
      {"https://[2002:7f00:1::]/", inside, inside},
      {"https://[2001:0:4136:e378:8000:63bf:3fff:fdd2]/", inside, inside},
      {"https://[fd00:ec2::254]/", inside, inside},
      {"https://[fe80::1]/", inside, inside},
      {"https://[fe80::1%25eth0]/", bad, bad},
      {"https://[fe80::1%eth0]/", bad, bad},
      {"https://[::1", bad, bad},
      {"https://::1/", bad, bad},
      {"https://[]/", bad, bad},
      {"https://[127.0.0.1]/", bad, bad},
      {"https://[v1.a]/", bad, bad},
      {"https://[::1]x/", bad, bad},
      {"https://[::1].example.com/", bad, bad},
      {"https://[[::1]]/", bad, bad},
      // names of the server itself, or of its neighbours
      {"https://localhost/", inside, ok},
      {"https://LOCALHOST/", inside, ok},
      {"https://localhost./", inside, ok},
      {"https://a.localhost/", inside, ok},
      {"https://localhost../", bad, bad},
      {"https://intranet/", bad, bad},
      {"https://metadata/", bad, bad},
      {"https://com./", bad, bad},
      // schemes
      {"http://example.com/", bad, bad},
      {"http://8.8.8.8/", bad, bad},
      {"http://127.0.0.1/", bad, ok},
      {"http://[::1]:8080/", bad, ok},
      {"http://localhost/", bad, ok},
      {"http://10.0.0.1/", bad, inside},
      {"ftp://example.com/", bad, bad},
      {"file:///etc/passwd", bad, bad},
      {"gopher://127.0.0.1:6379/_", bad, bad},
      {"//example.com/", bad, bad},
      {"example.com", bad, bad},
      {"https:example.com", bad, bad},
      {"https:/example.com", bad, bad},
      {"https:\\\\example.com", bad, bad},
      {"https:///example.com", bad, bad},
      {" https://example.com/", bad, bad},
      {"javascript:https://example.com/", bad, bad},
      {"", bad, bad},
      {"https://", bad, bad},
      // users, fragments, characters
      {"https://user@example.com/", bad, bad},
      {"https://user:secret@example.com/", bad, bad},
      {"https://@example.com/", bad, bad},
      {"https://example.com@127.0.0.1/", bad, bad},
      {"https://example.com\\@127.0.0.1/", bad, bad},
      {"https://127.0.0.1\\.example.com/", bad, bad},
      {"https://example.com#@127.0.0.1/", bad, bad},
      {"https://example.com/#fragment", bad, bad},
      {"https://example.com#", bad, bad},
      {"https://example.com/\r\nHost: inside", bad, bad},
      {"https://example.com/a b", bad, bad},
      {"https://example.com/a\tb", bad, bad},
      {std::string("https://example.com/\0", 21), bad, bad},
      {std::string("https://127.0.0.1\0.example.com/", 31), bad, bad},
      {"https://example.com/caf\xc3\xa9", bad, bad},
      {"https://example.com/%", bad, bad},
      {"https://example.com/%2", bad, bad},
      {"https://example.com/%zz", bad, bad},
      {"https://example.com/%0d%0a", ok, ok}, // stays encoded
      {"https://example.com/a[0]", bad, bad},
      {"https://example.com/<>", bad, bad},
      // hosts and ports
      {"https://.example.com/", bad, bad},
      {"https://example..com/", bad, bad},
      {"https://-a.example.com/", bad, bad},
      {"https://a-.example.com/", bad, bad},
      {"https://*.example.com/", bad, bad},
      {"https://" + long_label + ".com/", bad, bad},
      {"https://:443/", bad, bad},
      {"https://example.com:1/", ok, ok},
      {"https://example.com:65535/", ok, ok},
      {"https://example.com:65536/", bad, bad},
      {"https://example.com:0/", bad, bad},
      {"https://example.com:/", bad, bad},
      {"https://example.com:0443/", bad, bad},
      {"https://example.com:-1/", bad, bad},
      {"https://example.com:+443/", bad, bad},
      {"https://example.com:443:444/", bad, bad},
      {"https://example.com:443a/", bad, bad},
      {"https://example.com:99999999999999999999/", bad, bad},
      {longest_url + "p", bad, bad},
  };
  for (const auto& row : table) {
    CAPTURE(row.url);
    CHECK(verdict(row.url) == row.strict);
    CHECK(verdict(row.url, dev) == row.dev);
  }
  std::string host;
  for (int i = 0; i < 64; ++i) host += "abc.";
  CHECK(verdict("https://" + host.substr(0, 253) + "/") == "ok");
  CHECK(verdict("https://" + host.substr(0, 253) + "a/") == "url_invalid");
}

TEST_CASE("check_target takes no spelling of an IPv4 address that inet_aton takes, but the plain one") {
  Dice dice(seed() + 16);
  std::size_t taken_by_libc = 0, taken = 0;
  for (std::uint64_t i = 0, count = rounds(100'000); i < count; ++i) {
    std::string host;
    for (int part = 0, parts = dice.roll(1, 5); part < parts; ++part) {
      if (part > 0) host += '.';
      const int kind = dice.roll(0, 4);
      char text[24];
      const auto number = static_cast<unsigned long long>(dice.chance(60) ? dice.roll(0, 255) : dice.between(0, 0x1'0000'0000));
      std::snprintf(text, sizeof text, kind == 0 ? "0%llo" : kind == 1 ? "0x%llx" : kind == 2 ? "0X%llX" : "%llu", number);
      host += text;
    }
    in_addr address{};
    const bool libc = ::inet_aton(host.c_str(), &address) != 0;
    const auto target = check_target("https://" + host + "/");
    taken_by_libc += libc ? 1 : 0;
    if (!target) continue;
    ++taken;
    const auto plain = IpAddress::parse(host);
    if (!plain || target->address != plain || !is_public(*plain)) FAIL_CHECK("taken: ", host);
  }
  CHECK(taken_by_libc > taken * 4);
  CHECK(taken > 20);
}

// Boost.URL 1.81 is no judge of this: it reads the host of `https://127.0.0.1a/` as 127.0.0.1.
TEST_CASE("what check_target takes, Python's urlsplit reads the same way") {
  Dice dice(seed() + 17);
  static constexpr std::string_view pieces[] = {
      "https://", "http://", "example.com", "127.0.0.1", "[::1]", "localhost", "8.8.8.8", ":",  "443", "/",   "?", "#",        "@",
      "\\",       ".",       "%2e",         "a",         "[",     "]",         "%",       "//", "..",  "x=1", "&", "[2600::1]"};
  const TempFile questions("urls.txt"), answers("parts.txt");
  std::vector<std::string> asked, read;
  {
    std::ofstream file(questions.path);
    for (std::uint64_t i = 0, count = rounds(200'000); i < count; ++i) {
      std::string url = dice.chance(80) ? "https://" : "";
      for (int n = dice.roll(1, 6); n > 0; --n) url += dice.pick(pieces);
      const auto target = check_target(url, dev);
      if (!target) continue;
      file << url << '\n';
      asked.push_back(url);
      read.push_back((target->tls ? "https " : "http ") + target->host + " " + std::to_string(target->port) + " " + target->path_and_query);
    }
    REQUIRE(file.flush());
  }
  ask_python("url_oracle.py", "", questions.path, answers.path);
  std::ifstream answered(answers.path);
  std::string line;
  for (std::size_t i = 0; i < asked.size(); ++i) {
    REQUIRE(std::getline(answered, line));
    if (line != read[i]) FAIL_CHECK(asked[i], ": ", read[i], ", Python ", line);
  }
  CHECK(asked.size() > 1'000);
}

TEST_CASE("check_answers: one address that will not do spoils all") {
  const auto check = [](std::initializer_list<std::string_view> texts, NetworkPolicy policy) {
    std::vector<IpAddress> answers;
    for (const auto text : texts) answers.push_back(ip(text));
    return outcome(check_answers(answers, policy));
  };
  CHECK(check({}, strict) == "address_not_public");
  CHECK(check({}, dev) == "address_not_public");
  CHECK(check({"8.8.8.8"}, strict) == "ok");
  CHECK(check({"8.8.8.8", "2606:4700::1"}, strict) == "ok");
  CHECK(check({"8.8.8.8", "127.0.0.1"}, strict) == "address_not_public");
  CHECK(check({"127.0.0.1", "8.8.8.8"}, strict) == "address_not_public");
  CHECK(check({"8.8.8.8", "::ffff:8.8.8.8"}, strict) == "address_not_public");
  CHECK(check({"8.8.8.8", "fe80::1"}, strict) == "address_not_public");
  CHECK(check({"127.0.0.1", "::1"}, dev) == "ok");
  CHECK(check({"127.0.0.1", "10.0.0.1"}, dev) == "address_not_public");
  CHECK(check({"::ffff:127.0.0.1"}, dev) == "address_not_public");
}
