// Translators: Apertium on this machine, services that speak as LibreTranslate or DeepL do, and a table that chooses (docs/translation.md).
#pragma once

#include "orkestr/base/result.hpp"
#include "orkestr/ports/clock.hpp"
#include "orkestr/ports/http_client.hpp"
#include "orkestr/ports/translator.hpp"

#include <filesystem>
#include <memory>

namespace orkestr::inline v1 {

struct ApertiumOptions {
  std::filesystem::path modes = "/usr/share/apertium/modes"; ///< one file for each pair that is installed
  std::chrono::milliseconds timeout{20'000};                 ///< for each request, once it is its turn
  std::chrono::milliseconds idle{60'000};                    ///< then a pair's processes end, until they are needed again
  std::uint64_t memory_bytes = std::uint64_t{2} << 30;       ///< of address space, for each process
  std::uint64_t cpu_seconds = 600;                           ///< for each process; who has used them up is started anew
};

/// Apertium's own programs, as it says in its mode files: a pipeline of processes for each pair, which lives on from text to text. Each pair
/// has a thread, so that none waits for another. Texts go line by line, with everything escaped that means something to these programs.
///
/// What hangs is killed, and what has died is started anew and asked once more. Processes get neither our environment nor our descriptors,
/// and can write no file. The destructor ends them, and answers what is under way.
/// @errors `not_found`, when there is no pair
/// @thread_safety safe
[[nodiscard]] Result<std::unique_ptr<Translator>> make_apertium(const ApertiumOptions& options = {});

struct RemoteTranslatorOptions {
  std::string url;                             ///< `http://127.0.0.1:5000`, without a path
  std::string key;                             ///< where the service asks for one; it is told to nobody else
  std::chrono::milliseconds timeout{20'000};   ///< for each request
  std::uint64_t daily_characters = 0;          ///< bytes of source texts a day (UTC), counted by this process; 0: any
  std::function<void(std::string)> on_trouble; ///< hears when the list of languages can't be had; may be empty
};

/// A service that speaks as LibreTranslate does: `POST /translate`, and `GET /languages`, which is asked once, in the background, for the pairs;
/// until it is answered every pair is tried.
/// @param client  must outlive the translator's last request; its end answers what is under way
/// @errors `invalid_parameter`, for a URL
[[nodiscard]] Result<std::unique_ptr<Translator>> make_libretranslate(HttpClient& client, const Clock& clock,
                                                                      RemoteTranslatorOptions options);
/// A service that speaks as DeepL's API does: `POST /v2/translate`.
/// @errors `invalid_parameter`, for a URL, or without a key
[[nodiscard]] Result<std::unique_ptr<Translator>> make_deepl(HttpClient& client, const Clock& clock, RemoteTranslatorOptions options);

/// Chooses for each pair of languages: the first in order that can. What fails is tried with the next one. Who fails three times running for
/// a pair is left alone with that pair for 30 s, then for twice as long each time, up to 10 min.
///
/// It must outlive what is under way, which its translators end when they go.
/// @thread_safety translate() and serves() from any thread, once all is added
class TranslatorTable final : public Translator {
 public:
  explicit TranslatorTable(const Clock& clock);
  ~TranslatorTable() override;

  /// @param from,to  languages (`en`), tags (`pt-BR`), or empty for any
  void add(std::string from, std::string to, std::shared_ptr<Translator> translator);

  [[nodiscard]] std::string serves(std::string_view from, std::string_view to) const override;
  void translate(TranslationRequest request, std::function<void(TranslationAnswer)> done) override;

 private:
  struct State;
  struct Attempt;
  std::shared_ptr<State> state_;
};

} // namespace orkestr::inline v1
