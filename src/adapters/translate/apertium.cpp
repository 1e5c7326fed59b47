#include "orkestr/adapters/translators.hpp"

#include "adapters/translate/apertium_text.hpp"
#include "adapters/translate/pipeline.hpp"

#include <condition_variable>
#include <deque>
#include <fstream>
#include <map>
#include <mutex>
#include <sstream>
#include <thread>

namespace orkestr::inline v1 {
namespace {

using namespace translate;
using namespace std::chrono_literals;

using Programs = std::vector<std::vector<std::string>>;
using Done = std::function<void(TranslationAnswer)>;

constexpr std::string_view name = "apertium";
/// Of what hangs or dies, before a request is given up.
constexpr int most_starts = 2;

TranslationAnswer failed(TranslationFailure failure, std::string detail) { return {failure, {}, std::string{name}, std::move(detail), {}}; }

std::string_view language_of(std::string_view tag) { return tag.substr(0, tag.find('-')); }

/// One pair: its processes, and the thread that talks to them.
class Pair {
 public:
  Pair(Programs programs, const ApertiumOptions& options) : programs_(std::move(programs)), options_(options) {}
  ~Pair() {
    stopping_ = true;
    {
      const std::lock_guard guard(mutex_);
      wake_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    for (auto& [request, done] : waiting_) done(failed(TranslationFailure::later, "Apertium is being stopped."));
  }
  Pair(const Pair&) = delete;
  Pair& operator=(const Pair&) = delete;

  void ask(TranslationRequest request, Done done) {
    const std::lock_guard guard(mutex_);
    waiting_.emplace_back(std::move(request), std::move(done));
    if (!thread_.joinable()) thread_ = std::thread([this] { run(); });
    wake_.notify_one();
  }

 private:
  void run() {
    std::unique_lock guard(mutex_);
    while (!stopping_) {
      if (waiting_.empty()) {
        const bool woken = wake_.wait_for(guard, options_.idle, [&] { return stopping_ || !waiting_.empty(); });
        if (!woken) pipeline_.reset();
        continue;
      }
      auto [request, done] = std::move(waiting_.front());
      waiting_.pop_front();
      guard.unlock();
      done(translate(request));
      guard.lock();
    }
    pipeline_.reset();
  }

  TranslationAnswer translate(const TranslationRequest& request) {
    TranslationAnswer answer;
    answer.translator = name;
    const auto deadline = std::chrono::steady_clock::now() + options_.timeout;
    for (const auto& text : request.texts) {
      std::string whole;
      for (std::string_view left = text;;) {
        const auto end = std::min(left.find('\n'), left.size());
        auto line = line_of(left.substr(0, end), deadline);
        if (!line) return failed(why_, "Apertium: " + detail_);
        whole += *line;
        if (end == left.size()) break;
        whole += '\n';
        left.remove_prefix(end + 1);
      }
      answer.texts.push_back(std::move(whole));
    }
    return answer;
  }

  /// White space at both ends stays as it is. nullopt, with why_ and detail_, when it can't be had.
  std::optional<std::string> line_of(std::string_view line, std::chrono::steady_clock::time_point deadline) {
    constexpr std::string_view space = " \t\r";
    const auto first = line.find_first_not_of(space);
    if (first == std::string_view::npos) return std::string{line};
    const auto last = line.find_last_not_of(space) + 1;
    const auto core = line.substr(first, last - first);
    const auto question = to_stream(core);
    std::string answer;
    for (int starts = 0;;) {
      if (!pipeline_) {
        auto started = Pipeline::start(programs_, {options_.memory_bytes, options_.cpu_seconds});
        if (!started) return refuse(TranslationFailure::later, started.error().detail);
        pipeline_ = std::move(*started);
        ++starts;
      }
      const auto failure = pipeline_->ask(question, answer, deadline, stopping_);
      if (failure == PipelineFailure::none) break;
      pipeline_.reset(); // killed, whatever they were at
      if (failure == PipelineFailure::stopped) return refuse(TranslationFailure::later, "it is being stopped.");
      if (failure == PipelineFailure::timeout) return refuse(TranslationFailure::later, "it did not answer in time and was killed.");
      if (failure == PipelineFailure::too_long) return refuse(TranslationFailure::broken, "its answer has no end.");
      if (starts == most_starts) return refuse(TranslationFailure::broken, "it ends without an answer.");
    }
    auto translated = from_stream(answer, core);
    if (translated.empty()) translated = core; // it knows no word of it
    return std::string{line.substr(0, first)} + translated + std::string{line.substr(last)};
  }

  std::nullopt_t refuse(TranslationFailure why, std::string detail) {
    why_ = why;
    detail_ = std::move(detail);
    return std::nullopt;
  }

  const Programs programs_;
  const ApertiumOptions options_;
  std::unique_ptr<Pipeline> pipeline_; ///< the thread's
  TranslationFailure why_ = TranslationFailure::later;
  std::string detail_;
  std::atomic<bool> stopping_{false};
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::pair<TranslationRequest, Done>> waiting_;
  std::thread thread_;
};

class Apertium final : public Translator {
 public:
  explicit Apertium(std::map<std::string, std::unique_ptr<Pair>> pairs) : pairs_(std::move(pairs)) {}

  std::string serves(std::string_view from, std::string_view to) const override {
    return pairs_.contains(pair(from, to)) ? std::string{name} : std::string{};
  }
  void translate(TranslationRequest request, Done done) override {
    const auto found = pairs_.find(pair(request.from, request.to));
    if (found == pairs_.end()) return done(failed(TranslationFailure::unsupported, "Apertium has no such pair of languages."));
    found->second->ask(std::move(request), std::move(done));
  }

 private:
  static std::string pair(std::string_view from, std::string_view to) {
    return std::string{language_of(from)} + "-" + std::string{language_of(to)};
  }

  const std::map<std::string, std::unique_ptr<Pair>> pairs_;
};

} // namespace

Result<std::unique_ptr<Translator>> make_apertium(const ApertiumOptions& options) {
  std::map<std::string, std::unique_ptr<Pair>> pairs;
  std::error_code error;
  for (std::filesystem::directory_iterator at(options.modes, error), end; !error && at != end; at.increment(error)) {
    const auto& path = at->path();
    if (path.extension() != ".mode") continue;
    const auto stem = path.stem().string();
    const auto dash = stem.find('-');
    if (dash == std::string::npos) continue;
    const auto from = language_of_mode(std::string_view{stem}.substr(0, dash)),
               to = language_of_mode(std::string_view{stem}.substr(dash + 1));
    if (from.empty() || to.empty()) continue;
    std::ifstream file(path);
    std::stringstream text;
    text << file.rdbuf();
    auto programs = read_mode(text.str());
    if (!programs) continue;
    auto pair = from;
    pair.append("-").append(to);
    pairs.emplace(std::move(pair), std::make_unique<Pair>(std::move(*programs), options));
  }
  if (pairs.empty()) return fail(Code::not_found, "Apertium has no pair of languages in " + options.modes.string() + ".");
  return std::make_unique<Apertium>(std::move(pairs));
}

} // namespace orkestr::inline v1
