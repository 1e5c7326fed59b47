// Apertium: texts in its stream, its mode files, and pipelines of programs that behave, crash, hang or say nothing.
#include "adapters/translate/apertium_text.hpp"
#include "adapters/translate/pipeline.hpp"

#include "orkestr/adapters/translators.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <csignal>
#include <fstream>
#include <future>
#include <random>

#include <unistd.h>

using namespace orkestr;
using namespace orkestr::translate;
using namespace std::chrono_literals;

namespace {

using Steady = std::chrono::steady_clock;

/// A folder of mode files, in which GNU sed is the translator: it takes `-z` for texts that end in NUL, and does as it is told.
class Modes {
 public:
  Modes() : folder_(std::filesystem::temp_directory_path() / ("orkestr-modes-" + std::to_string(::getpid()))) {
    std::filesystem::remove_all(folder_);
    std::filesystem::create_directories(folder_);
  }
  ~Modes() { std::filesystem::remove_all(folder_); }
  Modes& with(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / (name + ".mode")) << text << "\n";
    return *this;
  }
  [[nodiscard]] std::unique_ptr<Translator> translator(std::chrono::milliseconds timeout = 5s, std::chrono::milliseconds idle = 60s) const {
    ApertiumOptions options;
    options.modes = folder_;
    options.timeout = timeout;
    options.idle = idle;
    return make_apertium(options).value();
  }

 private:
  std::filesystem::path folder_;
};

std::future<TranslationAnswer> ask(Translator& translator, std::string to, std::vector<std::string> texts) {
  auto answer = std::make_shared<std::promise<TranslationAnswer>>();
  translator.translate({"en", std::move(to), std::move(texts)}, [answer](TranslationAnswer given) { answer->set_value(std::move(given)); });
  return answer->get_future();
}

TranslationAnswer answer_to(Translator& translator, std::string to, std::vector<std::string> texts) {
  return ask(translator, std::move(to), std::move(texts)).get();
}

constexpr const char* spanish = "sed -u 's/Loft/Buhardilla/g' | sed -u 's/Quiet/Tranquilo/g'";

} // namespace

TEST_CASE("nothing in a text is a command of Apertium's stream") {
  CHECK(to_stream("Loft") == "Loft.[]");
  CHECK(to_stream("Quiet.") == "Quiet.[]");
  CHECK(to_stream("[x] ^a/b$ {c} <d> \\ @") == "\\[x\\] \\^a\\/b\\$ \\{c\\} \\<d\\> \\\\ \\@.[]");
  CHECK(to_stream("Ask us@x.example or see https://x.example/a?b today") ==
        "Ask [us\\@x.example] or see [https:\\/\\/x.example\\/a?b] today.[]");
  CHECK(from_stream("Loft.[]", "Loft") == "Loft");
  CHECK(from_stream("Loft[]", "Loft") == "Loft");
  CHECK(from_stream(" Cuesta.", "It costs.") == "Cuesta.");
  CHECK(from_stream("a[\\[kept\\]]b.", ".") == "a[kept]b.");
  // There and back, whatever it is.
  std::mt19937 random(5);
  const std::string_view letters = "ab \\[]{}^$/@<>.!?*~+#&\"'";
  for (int run = 0; run < 5000; ++run) {
    std::string text = "x";
    for (auto n = random() % 20; n > 0; --n) text += letters[random() % letters.size()];
    text += 'y';
    CHECK(from_stream(to_stream(text), text) == text);
  }
}

TEST_CASE("mode files are programs in a row, or they are not used") {
  const auto programs = read_mode("lt-proc '/usr/share/a b.bin' | tagger -g $2 'x' | lt-proc $1 'y'\n");
  REQUIRE(programs);
  CHECK(*programs == std::vector<std::vector<std::string>>{
                         {"lt-proc", "-z", "/usr/share/a b.bin"}, {"tagger", "-z", "-g", "x"}, {"lt-proc", "-z", "-n", "y"}});
  for (const char* text :
       {"", "a | | b", "a; rm x", "a > b", "a $(b)", "a `b`", "a $3", "a 'b", "/bin/sh -c x", "a & b", "a \"b\"", "a\\ b", "a *"})
    CHECK_FALSE_MESSAGE(read_mode(text), text);
  CHECK(language_of_mode("eng") == "en");
  CHECK(language_of_mode("es") == "es");
  CHECK(language_of_mode("cat_valencia") == "");
  CHECK(language_of_mode("qqq") == "");
}

TEST_CASE("texts keep their lines and the white space around them") {
  Modes modes;
  modes.with("eng-spa", spanish).with("eng-spa_variant", "sed s/x/y/").with("en-xx!", "sed s/x/y/").with("en-gl", "sed; sed");
  const auto apertium = modes.translator();
  CHECK(apertium->serves("en", "es") == "apertium");
  CHECK(apertium->serves("en-GB", "es-MX") == "apertium");
  CHECK(apertium->serves("es", "en") == "");
  CHECK(apertium->serves("en", "gl") == ""); // a mode that can't be read
  const auto answer = answer_to(*apertium, "es", {"Loft", "  Quiet Loft  \n\n - Loft [x] <b>\t\nQuiet.", "", "\n"});
  CHECK(answer.failure == TranslationFailure::none);
  CHECK(answer.translator == "apertium");
  CHECK(answer.texts ==
        std::vector<std::string>{"Buhardilla", "  Tranquilo Buhardilla  \n\n - Buhardilla [x] <b>\t\nTranquilo.", "", "\n"});
  CHECK(answer_to(*apertium, "fr", {"Loft"}).failure == TranslationFailure::unsupported);
  CHECK(make_apertium({.modes = "/nonexistent"}).error().code == Code::not_found);
}

TEST_CASE("long texts go both ways at once") {
  Modes modes;
  modes.with("en-es", spanish);
  const auto apertium = modes.translator(60s); // sed reads byte by byte
  std::string line, lines;
  for (int i = 0; i < 8000; ++i) line += "Loft ";
  line += "x";
  for (int i = 0; i < 300; ++i) lines += "Quiet Loft number " + std::to_string(i) + "\n";
  const auto answer = answer_to(*apertium, "es", {line, lines});
  REQUIRE(answer.failure == TranslationFailure::none);
  CHECK(answer.texts[0].size() == 8000 * std::string_view{"Buhardilla "}.size() + 1);
  CHECK(std::ranges::count(answer.texts[1], '\n') == 300);
}

TEST_CASE("what dies is started anew and asked once more; what always dies is given up, and what comes next is not") {
  Modes modes;
  modes.with("en-es", "sed -u '/crash/Q7' | sed -u 's/Loft/Buhardilla/'");
  const auto apertium = modes.translator();
  CHECK(answer_to(*apertium, "es", {"Loft"}).texts == std::vector<std::string>{"Buhardilla"});
  const auto crashed = answer_to(*apertium, "es", {"Loft", "crash"});
  CHECK(crashed.failure == TranslationFailure::broken);
  CHECK(crashed.texts.empty());
  CHECK(answer_to(*apertium, "es", {"Loft"}).texts == std::vector<std::string>{"Buhardilla"});
}

TEST_CASE("what hangs, or says nothing, is killed in time; other pairs do not wait for it") {
  Modes modes;
  modes.with("en-es", "sed -u '/hang/e sleep 1000'").with("en-fr", "sed -u '/hush/d'").with("en-ca", "sed -u 's/Loft/Golfes/'");
  const auto apertium = modes.translator(700ms);
  const auto start = Steady::now();
  auto hanging = ask(*apertium, "es", {"hang"}), silent = ask(*apertium, "fr", {"hush"});
  CHECK(answer_to(*apertium, "ca", {"Loft"}).texts == std::vector<std::string>{"Golfes"});
  CHECK(Steady::now() - start < 600ms);
  for (auto* waiting : {&hanging, &silent}) {
    const auto answer = waiting->get();
    CHECK(answer.failure == TranslationFailure::later);
    CHECK(answer.detail.find("killed") != std::string::npos);
  }
  CHECK(Steady::now() - start < 5s);
  CHECK(answer_to(*apertium, "es", {"Loft"}).texts == std::vector<std::string>{"Loft"});
}

TEST_CASE("the end does not wait for what hangs, and answers everybody") {
  Modes modes;
  modes.with("en-es", "sed -u '/hang/e sleep 1000'");
  std::future<TranslationAnswer> first, second;
  const auto start = Steady::now();
  {
    const auto apertium = modes.translator(1min);
    first = ask(*apertium, "es", {"hang"});
    second = ask(*apertium, "es", {"Loft"});
    std::this_thread::sleep_for(100ms);
  }
  CHECK(Steady::now() - start < 10s);
  CHECK(first.get().failure == TranslationFailure::later);
  CHECK(second.get().failure == TranslationFailure::later);
}

TEST_CASE("a table may go while its translators are at work") {
  Modes modes;
  modes.with("en-es", "sed -u '/hang/e sleep 1000'");
  const SystemClock clock;
  std::future<TranslationAnswer> first, second;
  {
    TranslatorTable table(clock);
    const std::shared_ptr<Translator> apertium = modes.translator(1min);
    table.add("en", "es", apertium);
    table.add("", "", apertium);
    first = ask(table, "es", {"hang"});
    second = ask(table, "es", {"Loft"});
    std::this_thread::sleep_for(50ms);
  }
  CHECK(first.get().failure == TranslationFailure::later);
  CHECK(second.get().failure == TranslationFailure::later);
}

TEST_CASE("processes have nothing of ours, write no file, and are gone when nobody needs them") {
  ::setenv("ORKESTR_SECRET_KEYS", "a secret", 1);
  const auto folder = std::filesystem::temp_directory_path() / ("orkestr-pipeline-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  const std::atomic<bool> going{false};
  std::vector<pid_t> ids;
  {
    auto pipeline = Pipeline::start({{"sed", "-z", "-u", "s/.*/env/e"}}, {std::uint64_t{2} << 30, 60}).value();
    std::string answer;
    REQUIRE(pipeline->ask("x", answer, Steady::now() + 5s, going) == PipelineFailure::none);
    CHECK(answer.find("a secret") == std::string::npos);
    CHECK(answer.find("LC_ALL=C.UTF-8") != std::string::npos);
    ids = pipeline->processes();
    REQUIRE(ids.size() == 1);
    CHECK(::kill(ids[0], 0) == 0);
  }
  CHECK(::kill(ids[0], 0) != 0);
  {
    const auto file = folder / "written";
    auto pipeline = Pipeline::start({{"sed", "-z", "-u", "w " + file.string()}}, {std::uint64_t{2} << 30, 60}).value();
    std::string answer;
    CHECK(pipeline->ask("a text", answer, Steady::now() + 5s, going) == PipelineFailure::died);
    CHECK((!std::filesystem::exists(file) || std::filesystem::file_size(file) == 0));
  }
  {
    auto pipeline = Pipeline::start({{"sed", "-z", "-u", "s/x/y/"}}, {1 << 20, 60}).value(); // in one MiB nothing runs
    std::string answer;
    for (int i = 0; i < 3 && answer.empty(); ++i)
      if (pipeline->ask("x", answer, Steady::now() + 5s, going) != PipelineFailure::none) break;
    CHECK((answer.empty() || answer == "y")); // the limit comes a moment after the start
  }
  CHECK_FALSE(Pipeline::start({{"no-such-program-here", "-z"}}, {}).has_value());
  std::filesystem::remove_all(folder);
}

TEST_CASE("Apertium itself: from English into Spanish, Catalan and Galician, and back") {
  const auto made = make_apertium();
  REQUIRE_MESSAGE(made.has_value(), "install it with scripts/install-deps translate");
  auto& apertium = **made;
  for (const auto& [from, to] : {std::pair{"en", "es"}, {"en", "ca"}, {"en", "gl"}, {"es", "en"}, {"ca", "en"}, {"gl", "en"}})
    CHECK_MESSAGE(apertium.serves(from, to) == "apertium", from << " " << to);
  const std::vector<std::string> texts{"A quiet space for 4 people",
                                       "See https://x.example/a/quiet?b=c or www.x.example, ask me@x.example.",
                                       "Bring your dog!\n\nIt costs $45 [about] {x} ^a/b$ <b>y</b> @ \\n."};
  const auto into = [&](const char* to) {
    const auto answer = answer_to(apertium, to, texts);
    REQUIRE_MESSAGE(answer.failure == TranslationFailure::none, answer.detail);
    return answer.texts;
  };
  CHECK(into("es")[0] == "Un espacio tranquilo para 4 personas");
  CHECK(into("ca")[0] == "Un espai callat per 4 persones");
  CHECK(into("gl")[0] == "Un espazo tranquilo para 4 persoas");
  for (const char* to : {"es", "ca", "gl"}) {
    for (const char* part : {"https://x.example/a/quiet?b=c ", " www.x.example", " me@x.example"})
      CHECK_MESSAGE(into(to)[1].find(part) != std::string::npos, into(to)[1]);
    const auto text = into(to)[2];
    CHECK(std::ranges::count(text, '\n') == 2);
    for (const char* part : {"{x}", "<b>y</b>", "\\n"}) CHECK_MESSAGE(text.find(part) != std::string::npos, text);
    CHECK(text.find("\\<") == std::string::npos);
  }
}
