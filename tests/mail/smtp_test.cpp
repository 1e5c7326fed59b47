#include "mail/smtp_peer.hpp"
#include "support/results.hpp"

#include "adapters/smtp/message.hpp"

#include "orkestr/adapters/smtp_mailer.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <sstream>

using namespace orkestr;
using orkestr::test::SmtpPeer;

namespace {

const Mail sample{"amelia@example.com", "Your booking is confirmed", "Hello.\n\nSee https://atlas.example.com/b?token=bmt_x\n.\n"};

struct Post {
  SmtpPeer peer;
  ManualClock clock{*Instant::parse("2026-05-12T15:04:05Z")};
  SeededRandom random{1};

  std::unique_ptr<Mailer> mailer(const std::string& user = {}, milliseconds timeout = std::chrono::seconds{5}) {
    SmtpOptions options;
    options.url = peer.url(user);
    options.from = "Atlas Studios <no-reply@atlas.example>";
    options.timeout = timeout;
    return make_smtp_mailer(options, clock, random).value();
  }
};

Code refusal(const Result<void>& sent) {
  REQUIRE_FALSE(sent);
  return sent.error().code;
}

/// Every line of a text that ends lines in CRLF, and nothing else ends one.
std::vector<std::string> lines(const std::string& text) {
  std::vector<std::string> all;
  std::stringstream in(text);
  for (std::string line; std::getline(in, line);) {
    REQUIRE(line.ends_with('\r'));
    line.pop_back();
    CHECK(line.find('\r') == std::string::npos);
    all.push_back(line);
  }
  return all;
}

std::string unquote(const std::string& text) {
  std::string all;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '=') {
      all += text[i];
    } else {
      if (text[i + 1] != '\r') all += static_cast<char>(std::stoi(text.substr(i + 1, 2), nullptr, 16));
      i += 2;
    }
  }
  std::string plain;
  for (char c : all)
    if (c != '\r') plain += c;
  return plain;
}

} // namespace

TEST_CASE("a mail arrives as it was meant") {
  Post post;
  const auto mailer = post.mailer();
  REQUIRE(mailer->send(sample));
  REQUIRE(mailer->send({"b@example.org", "Zażółć gęślą jaźń – rezerwacja w Studiu Światła nad Rzeką", "Ż\n"}));
  CHECK(post.peer.connections() == 1); // which is kept
  const auto received = post.peer.received();
  REQUIRE(received.size() == 2);
  CHECK(received[0].from.starts_with("MAIL FROM:<no-reply@atlas.example>"));
  CHECK(received[0].to == "RCPT TO:<amelia@example.com>");
  CHECK(post.peer.commands().front() == "EHLO atlas.example");
  const auto head = received[0].text.substr(0, received[0].text.find("\r\n\r\n"));
  CHECK(head.find("Date: Tue, 12 May 2026 15:04:05 +0000\r\nFrom: Atlas Studios <no-reply@atlas.example>\r\nTo: <amelia@example.com>\r\n"
                  "Subject: Your booking is confirmed\r\nMessage-ID: <") != std::string::npos);
  auto body = received[0].text.substr(received[0].text.find("\r\n\r\n") + 4);
  body.resize(body.size() - 3);                        // the full stop that ends it
  CHECK(body.find("\r\n..\r\n") != std::string::npos); // a line of one is doubled on the wire
  CHECK(unquote(body) == "Hello.\n\nSee https://atlas.example.com/b?token=bmt_x\n..\n");
  for (const auto& line : lines(received[1].text)) CHECK(line.size() <= 78);
  CHECK(received[1].text.find("Subject: =?UTF-8?B?") != std::string::npos);
  CHECK(received[1].text.find("=C5=BB\r\n") != std::string::npos);
}

TEST_CASE("what is refused for now is tried again, and what is refused for good is not") {
  const std::pair<std::string, std::string> later[] = {
      {"", "421 not now"},     {"", "554 not you"},   {"EHLO", "502 no"}, {"MAIL", "451 later"},         {"RCPT", "450 mailbox busy"},
      {"RCPT", "421 closing"}, {"DATA", "451 later"}, {".", "452 full"},  {"MAIL", "530 sign in first"}, {"MAIL", "550 not from you"}};
  for (const auto& [command, line] : later) {
    CAPTURE(command + " " + line);
    Post post;
    post.peer.answer(command, line);
    if (command == "EHLO") post.peer.answer("HELO", line);
    CHECK(refusal(post.mailer()->send(sample)) == Code::mail_unavailable);
    CHECK(post.peer.received().empty());
  }
  const std::pair<std::string, std::string> never[] = {
      {"RCPT", "550 no such user"}, {"RCPT", "553 what?"}, {"DATA", "554 no"}, {".", "550 spam"}};
  for (const auto& [command, line] : never) {
    CAPTURE(command + " " + line);
    Post post;
    const auto mailer = post.mailer();
    post.peer.answer(command, line);
    CHECK(refusal(mailer->send(sample)) == Code::invalid_parameter);
    post.peer.answer(command, command == "DATA" ? "354 go on" : "250 ok");
    CHECK(mailer->send(sample)); // the next one is not spoilt by it
  }
}

TEST_CASE("who does not answer is waited for no longer than was said") {
  Post post;
  const auto silent = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::bind(silent, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0);
  REQUIRE(::listen(silent, 1) == 0);
  socklen_t size = sizeof address;
  ::getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size);
  const auto url = "smtp://127.0.0.1:" + std::to_string(ntohs(address.sin_port));
  const auto mailer = make_smtp_mailer({url, "a@example.com", {}, milliseconds{300}, milliseconds{300}}, post.clock, post.random).value();
  const auto start = std::chrono::steady_clock::now();
  CHECK(refusal(mailer->send(sample)) == Code::mail_unavailable);
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds{5});
  ::close(silent);
  CHECK(refusal(mailer->send(sample)) == Code::mail_unavailable); // nobody is there
}

TEST_CASE("who is to sign in does") {
  Post post;
  REQUIRE(post.mailer("ada%40example.com:s%3Acret@")->send(sample));
  const auto commands = post.peer.commands();
  // AUTH PLAIN of "\0ada@example.com\0s:cret", at once or after a question.
  CHECK(std::ranges::any_of(commands, [](const auto& line) { return line.find("AGFkYUBleGFtcGxlLmNvbQBzOmNyZXQ=") != std::string::npos; }));
  Post refused;
  refused.peer.answer("AUTH", "535 no");
  CHECK(refusal(refused.mailer("ada:wrong@")->send(sample)) == Code::mail_unavailable); // it is ours to set right, and no fault of the mail
}

TEST_CASE("without TLS mail goes to this machine alone") {
  ManualClock clock{Instant{}};
  SeededRandom random{1};
  SmtpPeer peer; // it offers no STARTTLS
  SmtpOptions options;
  // A name that is no loopback's by its text, though it leads there.
  options.url = "smtp://0.0.0.0:" + std::to_string(peer.port());
  options.from = "no-reply@atlas.example";
  const auto mailer = make_smtp_mailer(options, clock, random).value();
  CHECK(refusal(mailer->send(sample)) == Code::mail_unavailable);
  CHECK(peer.received().empty());
  for (const auto& line : peer.commands()) CHECK_FALSE(line.starts_with("MAIL"));
}

TEST_CASE("what could end a header is refused before anything is sent") {
  Post post;
  const auto mailer = post.mailer();
  for (const auto& to :
       std::vector<std::string>{"a@example.com\r\nRCPT TO:<b@example.com>", "a@example.com\n", "a@example.com>", "<a@example.com>",
                                "a b@example.com", "a@example.com, b@example.com", "\"a\"@example.com", "a@b@example.com", "",
                                "@example.com", "a@", "a@example.com;x", "\xc3\xa4@example.com", std::string("a\0@example.com", 14)})
    CHECK_MESSAGE(refusal(mailer->send({to, "s", "t"})) == Code::invalid_parameter, to);
  for (const auto& subject :
       std::vector<std::string>{"a\r\nBcc: b@example.com", "a\nb", "a\rb", std::string("a\0b", 3), "a\x7f", "\xff\xfe"})
    CHECK_MESSAGE(refusal(mailer->send({"a@example.com", subject, "t"})) == Code::invalid_parameter, subject);
  CHECK(post.peer.commands().empty());
  // A text can hold anything: it ends nothing.
  REQUIRE(mailer->send({"a@example.com", "s", "\r\n.\r\nMAIL FROM:<x@example.com>\r\n\n.\nRSET\n"}));
  CHECK(post.peer.received().size() == 1);
  CHECK(std::ranges::count_if(post.peer.commands(), [](const auto& line) { return line.starts_with("MAIL"); }) == 1);
}

TEST_CASE("what a mailer is made of") {
  ManualClock clock{Instant{}};
  SeededRandom random{1};
  const auto made = [&](std::string url, std::string from) {
    SmtpOptions options;
    options.url = std::move(url);
    options.from = std::move(from);
    return make_smtp_mailer(options, clock, random).has_value();
  };
  for (const auto* url : {"smtp://mail.example.com", "smtps://u:p@mail.example.com:465", "smtp://[::1]:25"})
    CHECK(made(url, "a@example.com"));
  for (const auto* url :
       {"", "mail.example.com", "http://mail.example.com", "file:///etc/passwd", "smtp://", "smtp://mail.example.com/x", "smtp://a b"})
    CHECK_FALSE(made(url, "a@example.com"));
  for (const auto* from : {"", "a", "Atlas <a>", "Atlas a@example.com", "Atlas <a@example.com> x", "At\nlas <a@example.com>",
                           "<a@example.com>, <b@example.com>"})
    CHECK_FALSE(made("smtp://localhost", from));
}

TEST_CASE("texts on the wire") {
  using namespace smtp;
  CHECK(header_text("Plain and short") == "Plain and short");
  CHECK(header_text("=?UTF-8?Q?x?=").starts_with("=?UTF-8?B?"));
  const std::string name = "Ża";
  std::string many;
  for (int i = 0; i < 60; ++i) many += name;
  for (const auto& line : lines("Subject: " + header_text(many) + "\r\n")) CHECK(line.size() <= 78);
  CHECK(quoted_printable("a = b \n\tc\t\n") == "a =3D b=20\r\n=09c=09\r\n");
  CHECK(quoted_printable("x") == "x\r\n");
  CHECK(quoted_printable("") == "");
  for (std::size_t size = 70; size < 160; ++size)
    for (const auto* unit : {"a", "=", "ż", " "}) {
      std::string text;
      while (text.size() < size) text += unit;
      text += "\n";
      const auto quoted = quoted_printable(text);
      for (const auto& line : lines(quoted)) {
        CHECK(line.size() <= 76);
        CHECK_FALSE(line.ends_with(' '));
      }
      CHECK(unquote(quoted) == text);
    }
}
