#include "orkestr/platform/translations.hpp"

#include "platform/spread.hpp"

#include <algorithm>
#include <deque>
#include <map>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

/// Longer than a translator takes, with all that waits before it.
constexpr milliseconds lease = 90s;
constexpr std::size_t most_taken = 64;
/// Of one tenant and pair, asked for together.
constexpr std::size_t most_rows = 16, most_bytes = 20'000;
/// Into one language: others have their turn meanwhile.
constexpr int most_under_way = 4;
constexpr std::size_t sweep_page = 100;

const Actor the_worker{ActorKind::worker, {}, {}};

/// Where a sweep is: `s` for the storefront, which comes first, `o`, `c` and `r` with the last id of a page.
struct SweepPlace {
  char stage = 's';
  std::string before;
};
SweepPlace read_place(const std::string& text) { return text.empty() ? SweepPlace{} : SweepPlace{text.front(), text.substr(1)}; }

/// Queues a page. @returns where it goes on; empty at the end
std::string sweep_one(storage::WriteTransaction& tx, TenantId tenant, const TenantLocale& locale, Instant now) {
  const auto place = read_place(locale.sweep_place);
  const storage::Page page{sweep_page, place.before};
  const auto queue = [&](TranslationKind kind, std::string_view subject) {
    tx.translations().queue_missing(tenant, kind, subject, locale.locale, now);
  };
  const auto rest = [&](const auto& rows, TranslationKind kind, const char* next) -> std::string {
    for (const auto& row : rows)
      if (!source_texts(row).empty()) queue(kind, row.id.view());
    return rows.size() < sweep_page ? next : std::string(1, place.stage) + rows.back().id.str();
  };
  switch (place.stage) {
  case 's':
    if (const auto branding = tx.tenants().branding(tenant); branding && !source_texts(*branding).empty())
      queue(TranslationKind::storefront, tenant.view());
    return "o";
  case 'o': return rest(tx.offerings().list(tenant, {}, page), TranslationKind::offering, "c");
  case 'c': return rest(tx.coupons().list(tenant, {}, page), TranslationKind::coupon, "r");
  default: return rest(tx.reviews().list(tenant, {}, page), TranslationKind::review, "");
  }
}

/// How many rows of a language are not translated yet.
std::size_t waiting(const storage::ReadTransaction& tx, TenantId tenant, std::string_view locale) {
  std::size_t rows = 0;
  for (const auto& count : tx.translations().counts(tenant))
    if (count.locale == locale && count.state == TranslationState::pending) rows += static_cast<std::size_t>(count.rows);
  return rows;
}

std::size_t bytes_of(const std::vector<SourceText>& texts) {
  std::size_t bytes = 0;
  for (const auto& text : texts) bytes += text.text.size();
  return bytes;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\n") == std::string_view::npos; }

/// What a row is after it could not be translated.
void put_failure(Translation& row, const TranslationAnswer& answer, Instant now, double spread) {
  row.last_error = answer.detail;
  row.updated_at = now;
  switch (answer.failure) {
  case TranslationFailure::unsupported:
    row.state = TranslationState::no_translator;
    row.next_attempt_at = now + translator_look_interval;
    break;
  case TranslationFailure::budget: row.next_attempt_at = now + answer.retry_after.value_or(translator_look_interval); break;
  default:
    ++row.attempts;
    row.state = row.attempts >= translation_attempts_to_fail ? TranslationState::failed : TranslationState::pending;
    row.next_attempt_at = std::max(next_translation_attempt(row.attempts, now, spread), now + answer.retry_after.value_or(0ms));
  }
}

} // namespace

struct TranslationDesk::Taken {
  Translation row;
  std::vector<SourceText> sources, wanted;
};

struct TranslationDesk::Batch {
  TenantId tenant;
  std::string from, to;
  std::vector<Taken> rows;
  std::size_t bytes = 0;
};

struct TranslationDesk::Inbox {
  std::mutex mutex;
  std::condition_variable arrived;
  std::deque<std::pair<Batch, TranslationAnswer>> answers;
  std::map<std::string, int> under_way; ///< batches by language
  std::function<void()> on_answer;      ///< empty once the desk is gone

  void put(Batch batch, TranslationAnswer answer) {
    const std::lock_guard guard(mutex);
    if (--under_way[batch.to] == 0) under_way.erase(batch.to);
    answers.emplace_back(std::move(batch), std::move(answer));
    arrived.notify_all();
    if (on_answer) on_answer();
  }
};

TranslationDesk::TranslationDesk(Platform& platform, Translator& translator, std::function<void()> on_answer,
                                 std::function<void(const Error&)> on_trouble)
    : platform_(platform), translator_(translator), on_trouble_(std::move(on_trouble)), inbox_(std::make_shared<Inbox>()) {
  inbox_->on_answer = std::move(on_answer);
}

TranslationDesk::~TranslationDesk() {
  const std::lock_guard guard(inbox_->mutex);
  inbox_->on_answer = {};
}

Result<bool> TranslationDesk::step(Instant now) {
  ORKESTR_TRY(const bool wrote, write_answers(now));
  // Read first: mostly there is nothing, and looking is cheap.
  struct Due {
    bool sweeps = false, rows = false;
  };
  const auto busy = busy_locales();
  ORKESTR_TRY(const auto due, platform_.store().read([&](const storage::ReadTransaction& tx) -> Result<Due> {
    return Due{!tx.translations().due_sweeps(now, 1).empty(), !tx.translations().due(now, 1, busy).empty()};
  }));
  bool swept = false, took = false;
  if (due.sweeps) {
    ORKESTR_TRY(swept, sweep(now));
  }
  if (due.rows || swept) {
    ORKESTR_TRY(took, take(now, busy));
  }
  return wrote || swept || took;
}

Result<void> TranslationDesk::settle(Instant now) {
  for (;;) {
    ORKESTR_TRY(const bool did, step(now));
    if (did) continue;
    std::unique_lock guard(inbox_->mutex);
    if (inbox_->answers.empty() && inbox_->under_way.empty()) return {};
    inbox_->arrived.wait(guard, [&] { return !inbox_->answers.empty(); });
  }
}

Result<bool> TranslationDesk::sweep(Instant now) {
  return platform_.store().write([&](storage::WriteTransaction& tx) -> Result<bool> {
    for (const auto& due : tx.translations().due_sweeps(now, most_taken)) {
      auto locale = tx.translations().find_locale(due.tenant, due.locale);
      // A catalogue is queued as fast as it is translated, so that none stands whole before what somebody has just written.
      if (!locale || waiting(tx, due.tenant, due.locale) >= sweep_page) continue;
      locale->sweep_place = sweep_one(tx, due.tenant, *locale, now);
      if (locale->sweep_place.empty()) locale->sweep_at.reset();
      tx.translations().put_locale(due.tenant, *locale);
      return true;
    }
    return false;
  });
}

std::vector<std::string> TranslationDesk::busy_locales() const {
  std::vector<std::string> busy;
  const std::lock_guard guard(inbox_->mutex);
  for (const auto& [locale, batches] : inbox_->under_way)
    if (batches >= most_under_way) busy.push_back(locale);
  return busy;
}

Result<bool> TranslationDesk::take(Instant now, std::span<const std::string> busy) {
  struct Round {
    std::size_t looked_at = 0;
    std::vector<Batch> batches;
  };
  ORKESTR_TRY(auto round, platform_.store().write([&](storage::WriteTransaction& tx) -> Result<Round> {
    Round taken;
    std::map<TenantId, std::optional<Tenant>> tenants;
    for (const auto& due : tx.translations().due(now, most_taken, busy)) {
      auto row = tx.translations().find(due.tenant, due.subject_id, due.locale);
      if (!row) continue;
      ++taken.looked_at;
      if (!tenants.contains(due.tenant)) tenants[due.tenant] = tx.tenants().find(due.tenant);
      const auto& tenant = tenants[due.tenant];
      const bool enabled = tenant && tx.translations().find_locale(due.tenant, due.locale);
      Taken job{std::move(*row), {}, {}};
      if (enabled) job.sources = load_sources(tx, due.tenant, job.row.kind, due.subject_id);
      if (job.sources.empty()) { // gone, or there is nothing left to say
        tx.translations().erase(due.tenant, due.subject_id, due.locale);
        continue;
      }
      drop_unknown(job.row, job.sources);
      job.wanted = to_translate(job.row, job.sources, tenant->locale);
      if (job.wanted.empty()) {
        orkestr::settle(job.row, job.sources, tenant->locale);
        job.row.updated_at = now;
      } else if (translator_.serves(tenant->locale, due.locale).empty()) {
        put_failure(job.row, {TranslationFailure::unsupported, {}, {}, "Nobody here translates between these languages.", {}}, now, 0);
      } else {
        job.row.next_attempt_at = now + lease;
      }
      tx.translations().put(due.tenant, job.row);
      if (job.row.next_attempt_at != now + lease) continue;
      // What failed before is asked for alone: it may be what others would fail with.
      const auto bytes = bytes_of(job.wanted);
      const auto fits = [&](const Batch& batch) {
        return batch.tenant == due.tenant && batch.to == due.locale && batch.rows.size() < most_rows && batch.bytes + bytes <= most_bytes &&
               batch.rows.front().row.attempts == 0;
      };
      auto batch = job.row.attempts > 0 ? taken.batches.end() : std::ranges::find_if(taken.batches, fits);
      if (batch == taken.batches.end()) batch = taken.batches.insert(batch, Batch{due.tenant, tenant->locale, due.locale, {}, 0});
      batch->bytes += bytes;
      batch->rows.push_back(std::move(job));
    }
    return taken;
  }));
  for (auto& batch : round.batches) {
    TranslationRequest request{batch.from, batch.to, {}};
    for (const auto& job : batch.rows)
      for (const auto& text : job.wanted) request.texts.push_back(text.text);
    {
      const std::lock_guard guard(inbox_->mutex);
      ++inbox_->under_way[batch.to];
    }
    // Shared, since a function that can be kept must be one that can be copied.
    const auto kept = std::make_shared<Batch>(std::move(batch));
    translator_.translate(std::move(request),
                          [inbox = inbox_, kept](TranslationAnswer answer) { inbox->put(std::move(*kept), std::move(answer)); });
  }
  return round.looked_at > 0;
}

Result<bool> TranslationDesk::write_answers(Instant now) {
  for (bool any = false;; any = true) {
    std::pair<Batch, TranslationAnswer> next;
    {
      const std::lock_guard guard(inbox_->mutex);
      if (inbox_->answers.empty()) return any;
      next = std::move(inbox_->answers.front());
      inbox_->answers.pop_front();
    }
    ORKESTR_CHECK(write(next.first, next.second, now)); // what is lost here is due again when its lease is over
    if (next.second.failure != TranslationFailure::none && on_trouble_)
      on_trouble_(fail(Code::internal, next.first.from + " to " + next.first.to + ": " + next.second.detail));
  }
}

Result<void> TranslationDesk::write(const Batch& batch, const TranslationAnswer& given, Instant now) {
  auto answer = given;
  std::size_t wanted = 0;
  for (const auto& job : batch.rows) wanted += job.wanted.size();
  if (answer.failure == TranslationFailure::none && answer.texts.size() != wanted)
    answer = {TranslationFailure::broken, {}, answer.translator, "The answer has another number of texts than the question.", {}};
  Stats done;
  ORKESTR_CHECK(platform_.write_at(
      batch.tenant, std::max(now, platform_.now()),
      [&](WriteContext& cx) -> Result<void> {
        done = {};
        std::size_t first = 0;
        for (const auto& job : batch.rows) {
          const std::span<const std::string> texts{answer.texts.data() + first, answer.texts.empty() ? 0 : job.wanted.size()};
          first += answer.texts.empty() ? 0 : job.wanted.size();
          auto row = cx.tx.translations().find(cx.tenant, job.row.subject_id, job.row.locale);
          if (!row || row->generation != job.row.generation || row->next_attempt_at != job.row.next_attempt_at) {
            ++done.outdated; // somebody has asked anew, or this desk slept and another took it
            continue;
          }
          auto outcome = answer;
          if (answer.failure == TranslationFailure::none && std::ranges::any_of(texts, is_blank))
            outcome = {TranslationFailure::broken, {}, answer.translator, "The answer has an empty text.", {}};
          if (outcome.failure != TranslationFailure::none) {
            put_failure(*row, outcome, cx.now, spread(platform_.random()));
            ++done.failed;
          } else {
            put_machine_texts(*row, job.wanted, batch.from, texts, answer.translator);
            orkestr::settle(*row, job.sources, batch.from);
            row->updated_at = cx.now;
            ++done.rows;
            done.texts += texts.size();
            for (const auto& text : job.wanted) done.characters += text.text.size();
            translations::index(cx, *row);
          }
          cx.tx.translations().put(cx.tenant, *row);
        }
        return {};
      },
      the_worker));
  texts_ += done.texts;
  characters_ += done.characters;
  rows_ += done.rows;
  failed_ += done.failed;
  outdated_ += done.outdated;
  return {};
}

TranslationDesk::Stats TranslationDesk::stats() const { return {texts_, characters_, rows_, failed_, outdated_}; }

struct TranslationWorker::Bell {
  std::mutex mutex;
  WorkLoop* loop = nullptr;
  void ring() {
    const std::lock_guard guard(mutex);
    if (loop != nullptr) loop->poke();
  }
};

TranslationWorker::TranslationWorker(Platform& platform, Translator& translator, std::function<void(const Error&)> on_trouble)
    : platform_(platform),
      bell_(std::make_shared<Bell>()),
      desk_(
          platform, translator, [bell = bell_] { bell->ring(); }, on_trouble) {
  platform_.on_translations([bell = bell_] { bell->ring(); });
  const std::lock_guard guard(bell_->mutex);
  loop_.emplace([this] { return desk_.step(platform_.now()); }, std::move(on_trouble));
  bell_->loop = &*loop_;
}

TranslationWorker::~TranslationWorker() {
  platform_.on_translations({});
  {
    const std::lock_guard guard(bell_->mutex);
    bell_->loop = nullptr;
  }
  loop_.reset();
}

} // namespace orkestr::inline v1
