// The conversation with a model: what it is shown, the tools that it may use, what it costs. Nothing here writes but the cost.
#include "platform/assistant.hpp"

#include <algorithm>
#include <atomic>
#include <future>
#include <map>
#include <mutex>

namespace orkestr::inline v1::assistant {
namespace {

using namespace std::chrono_literals;
using SteadyClock = std::chrono::steady_clock;

constexpr std::size_t shown_at_first = 6, shown_by_search = 5, most_times = 40;

/// A place among those who ask at once.
class Turn {
 public:
  explicit Turn(int most) : admitted_(++asking() <= most) {}
  ~Turn() { --asking(); }
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  [[nodiscard]] bool admitted() const { return admitted_; }

 private:
  static std::atomic<int>& asking() {
    static std::atomic<int> count{0};
    return count;
  }
  const bool admitted_;
};

/// Models that have asked to be left alone for a while.
class Pauses {
 public:
  [[nodiscard]] bool pauses(const LanguageModel& model) {
    const std::lock_guard guard(mutex_);
    const auto found = until_.find(&model);
    return found != until_.end() && SteadyClock::now() < found->second;
  }
  void pause(const LanguageModel& model, std::chrono::seconds time) {
    const std::lock_guard guard(mutex_);
    until_[&model] = SteadyClock::now() + std::min<std::chrono::seconds>(time, 5min);
  }
  static Pauses& here() {
    static Pauses pauses;
    return pauses;
  }

 private:
  std::mutex mutex_;
  std::map<const LanguageModel*, SteadyClock::time_point> until_;
};

std::int64_t size_of(const ModelRequest& request) {
  std::size_t bytes = 0;
  for (const auto& message : request.messages) {
    bytes += message.text.size() + 16;
    for (const auto& call : message.tool_calls) bytes += call.name.size() + call.arguments.size() + 32;
  }
  for (const auto& tool : request.tools) bytes += tool.name.size() + tool.description.size() + tool.parameters.size() + 32;
  return static_cast<std::int64_t>(bytes);
}

/// Tokens that are set aside before a request and settled after it. Whatever happens in between, the day's bound holds: there is no token
/// without a byte.
class Budget {
 public:
  Budget(Platform& platform, TenantId tenant) : platform_(platform), tenant_(tenant) {}

  /// @errors `rate_limited` when that might pass the day's bound
  [[nodiscard]] Result<void> set_aside(const ModelRequest& request) {
    held_ = {{static_cast<std::int32_t>(platform_.now().ms / 86'400'000)}, 1, size_of(request), request.max_tokens};
    return platform_.store().write([&](storage::WriteTransaction& tx) -> Result<void> {
      const auto most = platform_.model_limits().daily_tokens;
      if (most > 0 && tx.assistant().spent(tenant_, held_.day).tokens() + held_.tokens() > most)
        return fail(Code::rate_limited, "the tokens of the day are spent");
      tx.assistant().add(tenant_, held_);
      return {};
    });
  }

  /// Gives back what was not used.
  [[nodiscard]] Result<void> settle(const ModelResult& result) {
    auto used = ModelUsage{std::min(held_.prompt_tokens, held_.prompt_tokens / 3 + 1), held_.completion_tokens}; // nobody has counted
    const auto failure = result.failure;
    if (result.answer.usage)
      used = *result.answer.usage;
    else if (failure == ModelFailure::none)
      used.completion_tokens = static_cast<std::int64_t>(result.answer.text.size()) / 3 + 1;
    else if (failure != ModelFailure::timeout && failure != ModelFailure::malformed)
      used = {}; // it was not let in
    const storage::ModelSpend back{held_.day, 0, std::clamp<std::int64_t>(used.prompt_tokens, 0, held_.prompt_tokens) - held_.prompt_tokens,
                                   std::clamp<std::int64_t>(used.completion_tokens, 0, held_.completion_tokens) - held_.completion_tokens};
    return platform_.store().write([&](storage::WriteTransaction& tx) -> Result<void> {
      tx.assistant().add(tenant_, back);
      return {};
    });
  }

 private:
  Platform& platform_;
  const TenantId tenant_;
  storage::ModelSpend held_{};
};

/// Waits for an answer, which may come after nobody waits for it any more.
ModelResult answer_of(LanguageModel& model, const ModelRequest& request, SteadyClock::time_point until) {
  const auto promise = std::make_shared<std::promise<ModelResult>>();
  auto answer = promise->get_future();
  model.ask(request, [promise](ModelResult result) { promise->set_value(std::move(result)); });
  if (answer.wait_until(until + 500ms) == std::future_status::ready) return answer.get();
  ModelResult late;
  late.failure = ModelFailure::timeout;
  late.detail = "the model has not answered in time";
  return late;
}

class Conversation {
 public:
  Conversation(Platform& platform, TenantId tenant, AssistantAudience audience)
      : platform_(platform), tenant_(tenant), audience_(audience) {}

  void show(const CatalogueEntry& entry) {
    if (find(entry.offering.id) == nullptr) shown_.push_back(shown_offering(entry, shipped_product_types()));
  }
  [[nodiscard]] std::span<const ShownOffering> shown() const { return shown_; }

  /// What a tool returns, as JSON. What was not found, or is not understood, is said to the model and no trouble to anybody.
  [[nodiscard]] std::string run(const ToolCall& call) {
    const auto use = read_tool_call(call);
    if (!use) return said(use.error());
    const auto done = platform_.store().read([&](const storage::ReadTransaction& tx) -> Result<std::string> {
      switch (use->kind) {
      case ToolUse::Kind::search_catalogue: return search(tx, use->query);
      case ToolUse::Kind::offering_details: return details(tx, use->offering_id);
      case ToolUse::Kind::free_times: return free_times(tx, *use);
      }
      return fail(Code::not_found);
    });
    return done ? *done : said(done.error());
  }

 private:
  static std::string said(const Error& error) {
    std::string text;
    json::Writer w(text);
    w.begin_object();
    w.key("error");
    w.string(error.detail);
    w.end_object();
    return text;
  }

  ShownOffering* find(OfferingId id) {
    const auto found = std::ranges::find(shown_, id, &ShownOffering::id);
    return found == shown_.end() ? nullptr : &*found;
  }

  /// An offering of this tenant that the audience may see. @errors `not_found`
  [[nodiscard]] Result<ShownOffering*> look_up(const storage::ReadTransaction& tx, OfferingId id) {
    auto offering = tx.offerings().find(tenant_, id);
    if (!offering || !visible_to(*offering, audience_)) return fail(Code::not_found, "There is no offering of that id.");
    if (auto* known = find(id)) return known;
    show(load_entry(tx, tenant_, std::move(*offering), 5, platform_.now()));
    return &shown_.back();
  }

  [[nodiscard]] Result<std::string> search(const storage::ReadTransaction& tx, const std::string& query) {
    const auto found = candidates(tx, tenant_, query, {}, audience_, platform_.now());
    std::vector<ShownOffering> result;
    for (const auto place : rank_entries(query, found.entries, shipped_product_types())) {
      if (result.size() == shown_by_search) break;
      show(found.entries[place]);
      result.push_back(*find(found.entries[place].offering.id));
    }
    return shown_json(result);
  }

  [[nodiscard]] Result<std::string> details(const storage::ReadTransaction& tx, OfferingId id) {
    ORKESTR_TRY(const auto* offering, look_up(tx, id));
    return shown_json({offering, 1});
  }

  [[nodiscard]] Result<std::string> free_times(const storage::ReadTransaction& tx, const ToolUse& use) {
    ORKESTR_TRY(auto* offering, look_up(tx, use.offering_id));
    ORKESTR_TRY(auto view, load_availability(tx, tenant_, use.offering_id));
    ORKESTR_TRY(const Schedule schedule, view.schedule());
    ZoneClock clock(schedule.zone);
    const Interval range{clock.to_instant(LocalDateTime::of(use.from, {0})), clock.to_instant(LocalDateTime::of(use.until + 1, {0}))};
    ORKESTR_CHECK(fill_availability(tx, tenant_, view, range, true, Audience::customer, platform_.now()));
    std::string text;
    std::size_t count = 0;
    for (const auto& slot : view.slots) {
      if (slot.remaining < 1) continue;
      if (++count > most_times) break;
      const auto shown = to_string(clock.to_local(slot.interval.start));
      if (text.find(shown) == std::string::npos) text.append(text.empty() ? "Free from: " : ", ").append(shown);
    }
    if (text.empty()) text = "Nothing is free from " + to_string(use.from) + " to " + to_string(use.until);
    // Texts that the answer may quote.
    if (std::ranges::find(offering->texts, text) == offering->texts.end()) offering->texts.push_back(text);
    ShownOffering only{offering->id, offering->slug, offering->title, {text}};
    return shown_json({&only, 1});
  }

  Platform& platform_;
  const TenantId tenant_;
  const AssistantAudience audience_;
  std::vector<ShownOffering> shown_;
};

} // namespace

Result<AssistantAnswer> ask_model(Platform& platform, TenantId tenant, const AssistantQuestion& question, const Candidates& found,
                                  AssistantAudience audience) {
  auto& model = *platform.model();
  const auto& limits = platform.model_limits();
  const Turn turn(limits.at_once);
  if (!turn.admitted()) return fail(Code::busy, "too many ask the model at once");
  if (Pauses::here().pauses(model)) return fail(Code::rate_limited, "the model wants to be left alone for a while");
  const auto until = SteadyClock::now() + limits.patience;

  Conversation conversation(platform, tenant, audience);
  if (found.focus) conversation.show(found.entries[*found.focus]);
  for (const auto place : rank_entries(question.question, found.entries, shipped_product_types()))
    if (conversation.shown().size() < shown_at_first) conversation.show(found.entries[place]);
  // A question in words that no listing has may still be understood.
  for (std::size_t i = 0; i < found.entries.size() && conversation.shown().size() < shown_at_first; ++i)
    conversation.show(found.entries[i]);

  ModelRequest request;
  request.messages = opening(question.question, conversation.shown(), question.locale, question.offering_id);
  request.max_tokens = limits.max_tokens;
  std::size_t calls = 0;
  for (int round = 1;; ++round) {
    const bool last = round == most_model_rounds || calls >= most_tool_calls;
    request.tools = last ? std::vector<ToolSpec>{} : assistant_tools();
    const auto left = std::chrono::duration_cast<milliseconds>(until - SteadyClock::now());
    if (left < 50ms) return fail(Code::busy, "the model took too long");
    request.timeout = left;
    Budget budget(platform, tenant);
    ORKESTR_CHECK(budget.set_aside(request));
    auto result = answer_of(model, request, until);
    ORKESTR_CHECK(budget.settle(result));
    if (result.failure == ModelFailure::rate_limited && result.retry_after) Pauses::here().pause(model, *result.retry_after);
    if (result.failure != ModelFailure::none)
      return fail(Code::busy, result.detail.empty() ? std::string{to_string(result.failure)} : result.detail);
    auto& answer = result.answer;
    if (answer.tool_calls.empty() || last) {
      if (answer.finish == ModelFinish::filtered) return fail(Code::invalid_parameter, "the answer was held back");
      return check_answer(answer.text, question.question, conversation.shown(), model.name());
    }
    ModelMessage said{ModelRole::assistant, std::move(answer.text), {}, {}};
    std::vector<ModelMessage> results;
    for (auto& call : answer.tool_calls) {
      if (calls >= most_tool_calls) break;
      ++calls;
      if (call.id.empty()) call.id = "call_" + std::to_string(calls);
      results.push_back({ModelRole::tool, conversation.run(call), {}, call.id});
      said.tool_calls.push_back(std::move(call));
    }
    request.messages.push_back(std::move(said));
    for (auto& each : results) request.messages.push_back(std::move(each));
  }
}

} // namespace orkestr::inline v1::assistant
