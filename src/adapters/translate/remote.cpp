#include "orkestr/adapters/translators.hpp"

#include "base/text.hpp"

#include "orkestr/base/json.hpp"
#include "orkestr/engine/offering.hpp"

#include <boost/json.hpp>

#include <charconv>
#include <map>
#include <mutex>
#include <set>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

using Done = std::function<void(TranslationAnswer)>;

constexpr std::size_t most_answer = std::size_t{4} << 20;
/// DeepL takes no more at a time.
constexpr std::size_t most_texts = 50;
constexpr std::int64_t day_ms = 86'400'000;

std::string language_of(std::string_view tag) { return std::string{tag.substr(0, tag.find('-'))}; }

std::string upper(std::string text) {
  for (char& c : text)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c & ~0x20);
  return text;
}

/// `Retry-After` in seconds; a date is left to our own patience.
std::optional<milliseconds> retry_after(const HttpResponse& response) {
  for (const auto& [key, value] : response.headers) {
    if (ascii_lower(key) != "retry-after") continue;
    std::uint32_t seconds = 0;
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), seconds);
    if (error == std::errc{} && end == value.data() + value.size()) return std::chrono::seconds{std::min(seconds, 86'400u)};
  }
  return std::nullopt;
}

/// What a service may be asked for in a day. Counted by this process alone.
class Budget {
 public:
  Budget(const Clock& clock, std::uint64_t most) : clock_(clock), most_(most) {}
  /// @returns how long to wait, where it is used up
  std::optional<milliseconds> take(std::uint64_t bytes) {
    if (most_ == 0) return std::nullopt;
    const auto now = clock_.now().ms;
    const std::lock_guard guard(mutex_);
    if (now / day_ms != day_) {
      day_ = now / day_ms;
      used_ = 0;
    }
    if (used_ + bytes > most_) return milliseconds{(day_ + 1) * day_ms - now};
    used_ += bytes;
    return std::nullopt;
  }

 private:
  const Clock& clock_;
  const std::uint64_t most_;
  std::mutex mutex_;
  std::int64_t day_ = 0;
  std::uint64_t used_ = 0;
};

/// What two services have in common. Shared by the callbacks of its requests.
class Remote : public std::enable_shared_from_this<Remote> {
 public:
  Remote(std::string name, HttpClient& client, const Clock& clock, RemoteTranslatorOptions options)
      : name_(std::move(name)), client_(client), options_(std::move(options)), budget_(clock, options_.daily_characters) {}
  virtual ~Remote() = default;

  [[nodiscard]] virtual bool can(const std::string& from, const std::string& to) const = 0;
  [[nodiscard]] const std::string& name() const { return name_; }

  void translate(TranslationRequest request, Done done) {
    std::uint64_t bytes = 0;
    for (const auto& text : request.texts) bytes += text.size();
    if (const auto wait = budget_.take(bytes)) return done(failed(TranslationFailure::budget, "the budget of this day is used up", wait));
    go_on(std::make_shared<TranslationRequest>(std::move(request)), {}, std::move(done));
  }

 protected:
  [[nodiscard]] virtual HttpRequest request_for(const TranslationRequest& request, std::size_t first, std::size_t count) const = 0;
  /// The texts of an answer of 200; nullopt where it is none.
  [[nodiscard]] virtual std::optional<std::vector<std::string>> texts_of(const json::Value& answer) const = 0;
  /// What an answer that is not of 200 says.
  [[nodiscard]] virtual TranslationFailure failure_of(int status, std::string_view body) const = 0;

  [[nodiscard]] HttpRequest json_request(std::string path, const json::Object& body) const {
    HttpRequest request;
    request.url = options_.url + std::move(path);
    request.headers = {{"Content-Type", "application/json"}, {"Accept", "application/json"}};
    request.body = boost::json::serialize(body);
    request.timeout = options_.timeout;
    request.max_body = most_answer;
    return request;
  }
  [[nodiscard]] const RemoteTranslatorOptions& options() const { return options_; }
  [[nodiscard]] HttpClient& client() { return client_; }

 private:
  TranslationAnswer failed(TranslationFailure failure, const std::string& detail, std::optional<milliseconds> wait = {}) const {
    return {failure, {}, name_, name_ + ": " + detail + ".", wait};
  }

  /// Part by part, one after the other.
  void go_on(const std::shared_ptr<TranslationRequest>& request, std::vector<std::string> texts, Done done) {
    const auto first = texts.size();
    if (first == request->texts.size()) return done({TranslationFailure::none, std::move(texts), name_, {}, {}});
    const auto count = std::min(most_texts, request->texts.size() - first);
    client_.send(request_for(*request, first, count), [self = shared_from_this(), request, texts = std::move(texts), count,
                                                       done = std::move(done)](const HttpResult& result) mutable {
      if (result.failure != HttpFailure::none)
        return done(self->failed(TranslationFailure::later, "it could not be asked: " + std::string{to_string(result.failure)}));
      const auto status = result.response.status;
      if (status != 200) {
        const auto failure = self->failure_of(status, result.response.body);
        // A key that is refused, and what is gone for the month, are looked at again after an hour.
        auto wait = retry_after(result.response);
        if (!wait && failure == TranslationFailure::budget) wait = 1h;
        return done(self->failed(failure, "it answered " + std::to_string(status), wait));
      }
      const auto answer = json::parse(result.response.body, {.max_depth = 32, .max_keys = 16'384});
      auto part = answer && !result.response.truncated ? self->texts_of(*answer) : std::nullopt;
      if (!part || part->size() != count) return done(self->failed(TranslationFailure::broken, "its answer can't be read"));
      for (auto& text : *part) texts.push_back(std::move(text));
      self->go_on(request, std::move(texts), std::move(done));
    });
  }

  const std::string name_;
  HttpClient& client_;
  const RemoteTranslatorOptions options_;
  Budget budget_;
};

class LibreTranslate final : public Remote {
 public:
  LibreTranslate(HttpClient& client, const Clock& clock, RemoteTranslatorOptions options)
      : Remote("libretranslate", client, clock, std::move(options)) {}

  void ask_languages() {
    HttpRequest request;
    request.method = "GET";
    request.url = options().url + "/languages";
    request.timeout = options().timeout;
    request.max_body = most_answer;
    client().send(std::move(request), [self = weak_from_this()](const HttpResult& result) {
      if (const auto remote = std::static_pointer_cast<LibreTranslate>(self.lock())) remote->take_languages(result);
    });
  }

  bool can(const std::string& from, const std::string& to) const override {
    const std::lock_guard guard(mutex_);
    if (!pairs_) return true;
    const auto found = pairs_->find(language_of(from));
    return found != pairs_->end() && (found->second.contains(to) || found->second.contains(language_of(to)));
  }

 protected:
  HttpRequest request_for(const TranslationRequest& request, std::size_t first, std::size_t count) const override {
    json::Object body;
    body["q"] = boost::json::value_from(std::vector(request.texts.begin() + static_cast<std::ptrdiff_t>(first),
                                                    request.texts.begin() + static_cast<std::ptrdiff_t>(first + count)));
    body["source"] = language_of(request.from);
    body["target"] = target(request);
    body["format"] = "text";
    if (!options().key.empty()) body["api_key"] = options().key;
    return json_request("/translate", body);
  }
  std::optional<std::vector<std::string>> texts_of(const json::Value& answer) const override {
    const auto* object = answer.if_object();
    const auto* list = object != nullptr ? object->if_contains("translatedText") : nullptr;
    if (list == nullptr || !list->is_array()) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& text : list->get_array()) {
      if (!text.is_string()) return std::nullopt;
      texts.emplace_back(text.get_string());
    }
    return texts;
  }
  TranslationFailure failure_of(int status, std::string_view body) const override {
    if (status == 400 && body.find("not supported") != std::string_view::npos) return TranslationFailure::unsupported;
    if (status == 403) return TranslationFailure::budget; // the key is refused, or the client is barred
    return status == 429 || status == 408 || status >= 500 ? TranslationFailure::later : TranslationFailure::broken;
  }

 private:
  /// Some of them have `pt-BR` besides `pt`.
  std::string target(const TranslationRequest& request) const {
    const std::lock_guard guard(mutex_);
    if (pairs_)
      if (const auto found = pairs_->find(language_of(request.from)); found != pairs_->end() && found->second.contains(request.to))
        return request.to;
    return language_of(request.to);
  }

  void take_languages(const HttpResult& result) {
    const auto answer = result.failure == HttpFailure::none && result.response.status == 200
                            ? json::parse(result.response.body, {.max_depth = 8, .max_keys = 65'536})
                            : Result<json::Value>{fail(Code::internal, "no answer")};
    if (!answer || !answer->is_array()) {
      if (options().on_trouble) options().on_trouble("libretranslate: its languages can't be had; every pair will be tried.");
      return;
    }
    std::map<std::string, std::set<std::string>> pairs;
    for (const auto& row : answer->get_array()) {
      const auto* object = row.if_object();
      const auto* code = object != nullptr ? object->if_contains("code") : nullptr;
      const auto* targets = object != nullptr ? object->if_contains("targets") : nullptr;
      if (code == nullptr || !code->is_string() || targets == nullptr || !targets->is_array()) continue;
      auto& set = pairs[std::string{code->get_string()}];
      for (const auto& target : targets->get_array())
        if (target.is_string() && target.get_string() != code->get_string()) set.emplace(target.get_string());
    }
    const std::lock_guard guard(mutex_);
    pairs_ = std::move(pairs);
  }

  mutable std::mutex mutex_;
  std::optional<std::map<std::string, std::set<std::string>>> pairs_;
};

class DeepL final : public Remote {
 public:
  DeepL(HttpClient& client, const Clock& clock, RemoteTranslatorOptions options) : Remote("deepl", client, clock, std::move(options)) {}

  bool can(const std::string& from, const std::string& to) const override { return language_of(from) != language_of(to); }

 protected:
  HttpRequest request_for(const TranslationRequest& request, std::size_t first, std::size_t count) const override {
    json::Object body;
    body["text"] = boost::json::value_from(std::vector(request.texts.begin() + static_cast<std::ptrdiff_t>(first),
                                                       request.texts.begin() + static_cast<std::ptrdiff_t>(first + count)));
    body["source_lang"] = upper(language_of(request.from));
    body["target_lang"] = target(request.to);
    body["preserve_formatting"] = true;
    auto made = json_request("/v2/translate", body);
    made.headers.emplace_back("Authorization", "DeepL-Auth-Key " + options().key);
    return made;
  }
  std::optional<std::vector<std::string>> texts_of(const json::Value& answer) const override {
    const auto* object = answer.if_object();
    const auto* list = object != nullptr ? object->if_contains("translations") : nullptr;
    if (list == nullptr || !list->is_array()) return std::nullopt;
    std::vector<std::string> texts;
    for (const auto& row : list->get_array()) {
      const auto* translation = row.if_object();
      const auto* text = translation != nullptr ? translation->if_contains("text") : nullptr;
      if (text == nullptr || !text->is_string()) return std::nullopt;
      texts.emplace_back(text->get_string());
    }
    return texts;
  }
  TranslationFailure failure_of(int status, std::string_view body) const override {
    if (status == 456 || status == 403) return TranslationFailure::budget; // the quota is used up; the key is refused
    if (status == 400 && body.find("_lang") != std::string_view::npos) return TranslationFailure::unsupported;
    return status == 429 || status == 408 || status >= 500 ? TranslationFailure::later : TranslationFailure::broken;
  }

 private:
  /// Of a few languages it wants to know which.
  static std::string target(std::string_view tag) {
    const auto code = upper(std::string{tag});
    for (const std::string_view variant : {"EN-GB", "EN-US", "PT-BR", "PT-PT", "ZH-HANS", "ZH-HANT"})
      if (code.starts_with(variant)) return std::string{variant};
    const auto language = upper(language_of(tag));
    return language == "EN" ? "EN-US" : language == "PT" ? "PT-PT" : language;
  }
};

class RemoteTranslator final : public Translator {
 public:
  explicit RemoteTranslator(std::shared_ptr<Remote> remote) : remote_(std::move(remote)) {}
  std::string serves(std::string_view from, std::string_view to) const override {
    return remote_->can(std::string{from}, std::string{to}) ? remote_->name() : std::string{};
  }
  void translate(TranslationRequest request, Done done) override { remote_->translate(std::move(request), std::move(done)); }

 private:
  const std::shared_ptr<Remote> remote_;
};

Result<void> check(RemoteTranslatorOptions& options) {
  while (options.url.ends_with('/')) options.url.pop_back();
  if (!json::is_http_url(options.url))
    return fail(Code::invalid_parameter, "A translator's URL is one such as https://translate.example.com");
  for (const char c : options.key)
    if (c <= ' ' || c > '~') return fail(Code::invalid_parameter, "A translator's key is of visible ASCII characters.");
  return {};
}

} // namespace

Result<std::unique_ptr<Translator>> make_libretranslate(HttpClient& client, const Clock& clock, RemoteTranslatorOptions options) {
  ORKESTR_CHECK(check(options));
  const auto remote = std::make_shared<LibreTranslate>(client, clock, std::move(options));
  remote->ask_languages();
  return std::make_unique<RemoteTranslator>(remote);
}

Result<std::unique_ptr<Translator>> make_deepl(HttpClient& client, const Clock& clock, RemoteTranslatorOptions options) {
  ORKESTR_CHECK(check(options));
  if (options.key.empty()) return fail(Code::invalid_parameter, "DeepL wants a key.");
  return std::make_unique<RemoteTranslator>(std::make_shared<DeepL>(client, clock, std::move(options)));
}

} // namespace orkestr::inline v1
