#include "translators.hpp"

#include "orkestr/adapters/http_client.hpp"

namespace orkestr::server {
namespace {

/// `en-fr=libretranslate:http://127.0.0.1:5000` taken apart.
struct Rule {
  std::string from, to; ///< empty: any
  std::string kind, url;
};

Error wrong(std::string_view text) {
  return fail(Code::invalid_parameter,
              "--translator " + std::string{text} +
                  ": use none, apertium, deepl or libretranslate:URL, for one pair as in en-fr=libretranslate:URL");
}

Result<Rule> read_rule(std::string_view text) {
  Rule rule;
  auto left = text;
  const auto equals = left.find('=');
  if (equals != std::string_view::npos && equals < left.find(':')) {
    const auto pair = left.substr(0, equals);
    const auto dash = pair.find('-'); // what comes first is a language without more
    if (dash == std::string_view::npos) return wrong(text);
    const auto side = [](std::string_view tag) { return tag == "*" ? std::string{} : canonical_locale(tag); };
    for (const auto tag : {pair.substr(0, dash), pair.substr(dash + 1)})
      if (tag != "*" && !is_locale(tag)) return wrong(text);
    rule.from = side(pair.substr(0, dash));
    rule.to = side(pair.substr(dash + 1));
    left.remove_prefix(equals + 1);
  }
  const auto colon = std::min(left.find(':'), left.size());
  rule.kind = left.substr(0, colon);
  if (colon < left.size()) rule.url = left.substr(colon + 1);
  if (rule.kind != "apertium" && rule.kind != "deepl" && (rule.kind != "libretranslate" || rule.url.empty())) return wrong(text);
  return rule;
}

} // namespace

Result<std::unique_ptr<Translators>> Translators::make(const Config& config, const Clock& clock) {
  std::unique_ptr<Translators> made(new Translators);
  made->table_ = std::make_unique<TranslatorTable>(clock);
  auto wanted = config.translators;
  std::erase_if(wanted, [](const std::string& text) { return text.empty(); });
  if (wanted.empty()) { // what is installed here is used; nobody is sent anything
    if (auto apertium = make_apertium()) made->table_->add("", "", std::move(*apertium));
    return made;
  }
  if (wanted == std::vector<std::string>{"none"}) return made;
  std::shared_ptr<Translator> apertium;
  for (const auto& text : wanted) {
    ORKESTR_TRY(auto rule, read_rule(text));
    if (rule.kind == "apertium") {
      if (!apertium) {
        ORKESTR_TRY(apertium, make_apertium());
      }
      made->table_->add(std::move(rule.from), std::move(rule.to), apertium);
      continue;
    }
    if (!made->client_) {
      HttpClientOptions http;
      http.policy.allow_loopback = true; // the operator says where, and no tenant does
      http.ca_file = config.ca_file;
      http.dns.servers = config.dns_servers;
      http.user_agent = "Orkestr/" ORKESTR_VERSION;
      ORKESTR_TRY(made->client_, make_http_client(std::move(http)));
    }
    RemoteTranslatorOptions options;
    options.daily_characters = config.translator_budget;
    std::unique_ptr<Translator> remote;
    if (rule.kind == "deepl") {
      options.url = rule.url.empty() ? "https://api-free.deepl.com" : rule.url;
      options.key = config.deepl_key;
      ORKESTR_TRY(remote, make_deepl(*made->client_, clock, std::move(options)));
    } else {
      options.url = rule.url;
      options.key = config.libretranslate_key;
      ORKESTR_TRY(remote, make_libretranslate(*made->client_, clock, std::move(options)));
    }
    made->table_->add(std::move(rule.from), std::move(rule.to), std::move(remote));
  }
  return made;
}

void Translators::start(Platform& platform, std::function<void(std::string_view)> on_trouble) {
  worker_ = std::make_unique<TranslationWorker>(
      platform, *table_, [&platform, on_trouble = std::move(on_trouble), said = Instant{}](const Error& error) mutable {
        const Instant now = platform.now();
        if (now - said < std::chrono::seconds{1}) return;
        said = now;
        on_trouble(error.detail);
      });
}

void Translators::stop() { worker_.reset(); }

std::string Translators::metrics() const {
  if (!worker_) return {};
  const auto stats = worker_->stats();
  std::string text = "# HELP orkestr_translations_total Translations asked of translators, by what became of them.\n"
                     "# TYPE orkestr_translations_total counter\n";
  for (const auto& [outcome, n] : {std::pair{"translated", stats.rows}, {"failed", stats.failed}, {"outdated", stats.outdated}})
    text.append("orkestr_translations_total{outcome=\"").append(outcome).append("\"} ").append(std::to_string(n)).append("\n");
  text += "# HELP orkestr_translated_bytes_total Bytes of source texts that were translated.\n"
          "# TYPE orkestr_translated_bytes_total counter\norkestr_translated_bytes_total " +
          std::to_string(stats.characters) + "\n";
  return text;
}

} // namespace orkestr::server
