// Lockstep; see campaign.hpp.
#include "campaign/simulation/campaign.hpp"

#include "campaign/simulation/generator.hpp"

#include <cstdlib>
#include <stdexcept>

namespace orkestr::campaign {
namespace {

std::filesystem::path make_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "orkestr-campaign-XXXXXX").string();
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("can't make a directory for the campaign");
  return name;
}

std::string first_difference(const Rows& a, const Rows& b) {
  const auto names = changed_rows(a, b);
  if (names.empty()) return {};
  const auto text = [&](const Rows& rows) {
    const auto found = rows.texts.find(names[0]);
    return found == rows.texts.end() ? std::string{"nothing"} : found->second;
  };
  return names[0] + "\n    " + text(a) + "\n    " + text(b);
}

} // namespace

void Totals::add(const Totals& other) {
  runs += other.runs, steps += other.steps, done += other.done, refused += other.refused;
  checks += other.checks, faults += other.faults, crashes += other.crashes;
  simulated += other.simulated;
  for (const auto& [kind, answers_of_it] : other.answers)
    for (const auto& [answer, count] : answers_of_it) answers[kind][answer] += count;
  trace.add(std::to_string(other.trace.value()));
}

Run::Run(const Config& config) : directory_(make_directory()), known_(config.known) {
  for (const auto backing : config.backings) worlds_.push_back(std::make_unique<World>(backing, config.seed, config.mutant, directory_));
  rows_ = load_rows(worlds_[0]->store.raw(), worlds_[0]->shop, ledger_.answer_keys);
  for (const auto& world : worlds_)
    if (const auto other = first_difference(rows_, load_rows(world->store.raw(), world->shop, ledger_.answer_keys)); !other.empty())
      throw std::runtime_error("the worlds begin apart: " + other);
  totals_.runs = 1;
}

Run::~Run() {
  worlds_.clear();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

Step Run::draw_next(Dice& dice, int number, const Config& config) const {
  const bool rush = config.seed % 5 == 0 && number > 40 && number <= 66;
  return draw(dice, number, rush, ledger_, rows_, worlds_[0]->shop, worlds_[0]->clock.now());
}

std::optional<std::string> Run::play(const Step& step, bool last) {
  try {
    return play_unguarded(step, last);
  } catch (const storage::StoreFailure& failure) {
    return "a failure of the store got out: " + failure.error.detail;
  } catch (const std::exception& exception) {
    return std::string{"it threw: "} + exception.what();
  }
}

std::optional<std::string> Run::play_unguarded(const Step& step, bool last) {
  const auto& shop = worlds_[0]->shop;
  const Instant now = worlds_[0]->clock.now();
  const auto expected = expect(step, ledger_, rows_, shop, now);
  std::vector<Outcome> outcomes;
  for (const auto& world : worlds_) {
    if (step.kind != Kind::crash) world->keep_files();
    world->store.control().arm(step.fault);
    outcomes.push_back(act(*world, step, ledger_, rows_));
    world->store.control().arm({});
    if (outcomes[0].request && !outcomes[0].request->key.empty()) ledger_.answer_keys.insert(outcomes[0].request->kept_as());
  }
  const auto& outcome = outcomes[0];
  auto after = load_rows(worlds_[0]->store.raw(), shop, ledger_.answer_keys);
  const auto changed = changed_rows(rows_, after);
  totals_.trace.add(describe(step));
  totals_.trace.add(outcome.text());
  for (const auto& name : changed) totals_.trace.add(name);

  Findings findings;
  for (std::size_t i = 1; i < worlds_.size(); ++i) {
    findings.check(outcomes[i].text() == outcome.text(), [&] {
      return "two stores answer otherwise:\n    " + std::string{worlds_[0]->name()} + ": " + outcome.text() + "\n    " +
             std::string{worlds_[i]->name()} + ": " + outcomes[i].text();
    });
    const auto other = first_difference(after, load_rows(worlds_[i]->store.raw(), shop, ledger_.answer_keys));
    findings.check(other.empty(), [&] { return "two stores hold other rows: " + other; });
  }
  check_order(step, after, findings);
  check_step({step, ledger_, expected, outcome, rows_, after, changed, shop, now}, findings);
  note(step, outcome, rows_);
  rows_ = std::move(after);
  const Instant later = worlds_[0]->clock.now();
  for (const auto& hold : rows_.holds)
    if (hold.expires_at <= later) ledger_.lapsed.insert(hold.id.str());
  check_rows(rows_, shop, ledger_, later, findings);
  if (step.kind == Kind::crash || last)
    for (const auto& world : worlds_) world->check_tables(rows_, findings);

  totals_.steps += 1;
  totals_.done += !outcome.refusal && !outcome.skipped;
  totals_.refused += outcome.refusal.has_value();
  if (!outcome.skipped)
    ++totals_.answers[std::string{name_of(step.kind)}][outcome.refusal    ? std::string{info(*outcome.refusal).name}
                                                       : outcome.replayed ? "replayed"
                                                                          : "done"];
  totals_.crashes += step.kind == Kind::crash;
  totals_.checks += findings.checks();
  totals_.faults = 0;
  for (const auto& world : worlds_) totals_.faults += world->store.control().injected;
  if (later > now) totals_.simulated += later - now;
  std::string text;
  for (const auto& wrong : findings.wrong())
    if (known_.empty() || wrong.find(known_) == std::string::npos) text += (text.empty() ? "" : "\n  ") + wrong;
  return text.empty() ? std::nullopt : std::optional{text};
}

/// A subscriber reads the outbox behind the last event it has seen, so none may come before it. Only a process that has just
/// begun, in the same millisecond as the last one or with its clock behind, can't know how far ids had come.
void Run::check_order(const Step& step, const Rows& after, Findings& findings) {
  if (step.kind == Kind::crash) begun_anew_ = true;
  const auto last = rows_.events.empty() ? std::string{} : rows_.events.rbegin()->first;
  for (const auto& [id, event] : after.events) {
    if (rows_.events.contains(id)) continue;
    findings.check(id > last || begun_anew_, "an event comes before those that were there");
    if (id > last) begun_anew_ = false;
  }
}

/// Clients write down what they were told.
void Run::note(const Step& step, const Outcome& outcome, const Rows& before) {
  if (outcome.skipped) return;
  const bool repeats = step.kind == Kind::again || step.kind == Kind::other_body;
  if (outcome.request && !outcome.request->key.empty()) {
    if (!repeats) {
      auto asked = step;
      asked.fault = {};
      if (const auto* booking = ledger_.booking(step, before)) asked.amount = amount_of(step, *booking);
      asked.total = expected_total(step, ledger_, before, worlds_[0]->shop, worlds_[0]->clock.now());
      ledger_.asked[step.number] = asked;
      ledger_.requests[step.number] = *outcome.request;
    }
    if (!outcome.replayed && outcome.refusal != Code::store_unavailable && outcome.refusal != Code::invalid_fields &&
        outcome.refusal != Code::idempotency_mismatch)
      ledger_.answers[outcome.request->kept_as()] = {*outcome.request, outcome.status, outcome.body};
  }
  if (outcome.refusal || outcome.replayed) return;
  if (outcome.booking_id) ledger_.bookings[step.number] = *outcome.booking_id;
  if (outcome.hold_id) ledger_.holds[step.number] = *outcome.hold_id;
  if (outcome.token) ledger_.tokens[step.number] = *outcome.token;
}

std::optional<Failure> run(const Config& config, Totals& totals) {
  Run run(config);
  Dice dice(config.seed ^ 0x5eed);
  std::vector<Step> history;
  std::optional<Failure> failure;
  while (static_cast<int>(history.size()) < config.steps && run.elapsed() < config.hours && !failure) {
    history.push_back(run.draw_next(dice, static_cast<int>(history.size()) + 1, config));
    if (auto wrong = run.play(history.back(), static_cast<int>(history.size()) == config.steps))
      failure = Failure{std::move(*wrong), history};
  }
  totals.add(run.totals());
  return failure;
}

std::optional<Failure> replay(const Config& config, const std::vector<Step>& steps) {
  Run run(config);
  for (std::size_t i = 0; i < steps.size(); ++i)
    if (auto wrong = run.play(steps[i], i + 1 == steps.size()))
      return Failure{std::move(*wrong), {steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(i) + 1}};
  return {};
}

} // namespace orkestr::campaign
