#include "orkestr/adapters/smtp_mailer.hpp"

#include "adapters/smtp/message.hpp"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <optional>
#include <string_view>

namespace orkestr::inline v1 {
namespace {

template <class T, void (*release)(T*)> struct Release {
  void operator()(T* it) const { release(it); }
};
using Url = std::unique_ptr<CURLU, Release<CURLU, curl_url_cleanup>>;
using Easy = std::unique_ptr<CURL, Release<CURL, curl_easy_cleanup>>;
using List = std::unique_ptr<curl_slist, Release<curl_slist, curl_slist_free_all>>;

std::optional<std::string> part(CURLU* url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, 0) != CURLUE_OK || text == nullptr) return std::nullopt;
  std::string copy{text};
  curl_free(text);
  return copy;
}

bool is_loopback(std::string_view host) {
  return host == "localhost" || host.ends_with(".localhost") || host.starts_with("127.") || host == "[::1]";
}

/// What a mail is read from, and how far the conversation has come.
struct Conversation {
  std::string text;
  std::size_t sent = 0;
  bool mail_begun = false; ///< it is this mail that the server answers to, and not who sends it
};

std::size_t read_on(char* to, std::size_t size, std::size_t count, void* user) {
  auto& talk = *static_cast<Conversation*>(user);
  const auto n = std::min(size * count, talk.text.size() - talk.sent);
  std::copy_n(talk.text.data() + talk.sent, n, to);
  talk.sent += n;
  return n;
}

int listen(CURL*, curl_infotype type, char* data, std::size_t size, void* user) {
  if (type == CURLINFO_HEADER_OUT && std::string_view{data, size}.starts_with("RCPT TO:"))
    static_cast<Conversation*>(user)->mail_begun = true;
  return 0;
}

class SmtpMailer final : public Mailer {
 public:
  SmtpMailer(SmtpOptions options, smtp::Mailbox from, std::string url, bool plain, const Clock& clock, Random& random)
      : options_(std::move(options)), from_(std::move(from)), url_(std::move(url)), plain_(plain), clock_(clock), random_(random) {}

  Result<void> send(const Mail& mail) override {
    Conversation talk;
    ORKESTR_TRY(talk.text, smtp::message(mail, from_, clock_.now(), random_alphanumeric(random_, 32)));
    const List to{curl_slist_append(nullptr, ("<" + mail.to + ">").c_str())};
    const std::lock_guard guard(mutex_);
    if (!easy_) easy_.reset(curl_easy_init());
    auto* easy = easy_.get();
    if (easy == nullptr || to == nullptr) return fail(Code::mail_unavailable, "No connection could be made.");
    curl_easy_reset(easy); // keeps the connection
    const auto set = [&](CURLoption option, auto value) { (void)curl_easy_setopt(easy, option, value); };
    set(CURLOPT_URL, url_.c_str());
    set(CURLOPT_PROTOCOLS_STR, "smtp,smtps");
    set(CURLOPT_USE_SSL, static_cast<long>(plain_ ? CURLUSESSL_NONE : CURLUSESSL_ALL));
    if (!options_.ca_file.empty()) set(CURLOPT_CAINFO, options_.ca_file.c_str());
    const std::string sender = "<" + from_.address + ">";
    set(CURLOPT_MAIL_FROM, sender.c_str());
    set(CURLOPT_MAIL_RCPT, to.get());
    set(CURLOPT_UPLOAD, 1L);
    set(CURLOPT_READFUNCTION, &read_on);
    set(CURLOPT_READDATA, &talk);
    set(CURLOPT_VERBOSE, 1L);
    set(CURLOPT_DEBUGFUNCTION, &listen);
    set(CURLOPT_DEBUGDATA, &talk);
    set(CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(options_.connect_timeout.count()));
    set(CURLOPT_TIMEOUT_MS, static_cast<long>(options_.timeout.count()));
    set(CURLOPT_NOSIGNAL, 1L);
    const auto outcome = curl_easy_perform(easy);
    if (outcome == CURLE_OK) return {};
    long code = 0;
    (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &code);
    const std::string answer = code >= 400 && code < 600 ? "The mail server answered " + std::to_string(code) : curl_easy_strerror(outcome);
    const bool refused = talk.mail_begun && code >= 500 && code < 600 && code != 530; // 530: it wants us to sign in first
    return fail(refused ? Code::invalid_parameter : Code::mail_unavailable, answer + ".");
  }

 private:
  const SmtpOptions options_;
  const smtp::Mailbox from_;
  const std::string url_;
  const bool plain_; ///< to this machine, without TLS
  const Clock& clock_;
  Random& random_;
  std::mutex mutex_;
  Easy easy_;
};

} // namespace

Result<std::unique_ptr<Mailer>> make_smtp_mailer(SmtpOptions options, const Clock& clock, Random& random) {
  static const bool ready = curl_global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK; // for good, as other users of libcurl in the process need it
  if (!ready) return fail(Code::internal, "libcurl can't be used.");
  const auto wrong = [](std::string detail) { return fail(Code::invalid_parameter, std::move(detail)); };
  auto from = smtp::parse_mailbox(options.from);
  if (!from) return wrong("The sender of mails must be an address such as no-reply@example.com, or Name <no-reply@example.com>.");
  const Url url{curl_url()};
  constexpr std::string_view hint = "The mail server is given as smtp://user:password@host:587 or smtps://….";
  if (url == nullptr || curl_url_set(url.get(), CURLUPART_URL, options.url.c_str(), 0) != CURLUE_OK) return wrong(std::string{hint});
  const auto scheme = part(url.get(), CURLUPART_SCHEME), host = part(url.get(), CURLUPART_HOST), path = part(url.get(), CURLUPART_PATH);
  if (!scheme || (*scheme != "smtp" && *scheme != "smtps") || !host || host->empty() || (path && *path != "/"))
    return wrong(std::string{hint});
  // libcurl says hello with the path's name; that of this machine may be one that servers don't believe.
  const auto domain = "/" + from->address.substr(from->address.find('@') + 1);
  if (curl_url_set(url.get(), CURLUPART_PATH, domain.c_str(), 0) != CURLUE_OK) return wrong(std::string{hint});
  auto text = part(url.get(), CURLUPART_URL);
  if (!text) return wrong(std::string{hint});
  const bool plain = *scheme == "smtp" && is_loopback(*host);
  return std::make_unique<SmtpMailer>(std::move(options), std::move(*from), std::move(*text), plain, clock, random);
}

} // namespace orkestr::inline v1
