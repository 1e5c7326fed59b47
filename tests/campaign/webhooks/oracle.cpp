#include "campaign/webhooks/oracle.hpp"

#include <algorithm>
#include <cstdlib>
#include <limits>

namespace orkestr::campaign {
namespace {

struct Event {
  std::string id, type, subject;
  long sequence = 0, position = 0;
};
struct Delivered {
  std::string event, status;
  int endpoint = 0, attempts = 0;
  std::vector<std::pair<int, int>> logged; ///< number, status
  std::size_t first_accepted = std::numeric_limits<std::size_t>::max();
  std::size_t times_accepted = 0;
  [[nodiscard]] bool accepted() const { return times_accepted > 0; }
};

bool wants(const EndpointKind& kind, const std::string& type) {
  return std::ranges::any_of(kind.events, [&](const std::string& filter) {
    return filter == "*" || filter == type || (filter.ends_with("*") && type.starts_with(filter.substr(0, filter.size() - 1)));
  });
}

class Oracle {
 public:
  Oracle(const Query& query, const Ledger& ledger, const std::vector<Receipt>& receipts) : ledger_(ledger), receipts_(receipts) {
    for (const auto& row : query("SELECT id, type, subject, body, position FROM events")) {
      const auto mark = row[3].find("\"sequence\":");
      if (row[3].find("\"failed\":true") != std::string::npos) fault("an event of a transaction that failed is there");
      events_[row[0]] = {row[0], row[1], row[2], std::atol(row[3].c_str() + mark + 11), std::atol(row[4].c_str())};
    }
    for (const auto& row : query("SELECT id, webhook_id, event_id, status, attempts FROM deliveries")) {
      const auto endpoint = std::ranges::find(ledger.webhooks, row[1]) - ledger.webhooks.begin();
      deliveries_[row[0]] = {row[2], row[3], static_cast<int>(endpoint), std::atoi(row[4].c_str()), {}};
    }
    for (const auto& row : query("SELECT delivery_id, number, coalesce(status, 0) FROM delivery_attempts ORDER BY delivery_id, number"))
      if (const auto found = deliveries_.find(row[0]); found != deliveries_.end())
        found->second.logged.emplace_back(std::atoi(row[1].c_str()), std::atoi(row[2].c_str()));
      else
        fault("an attempt of no delivery");
    for (const auto& row : query("SELECT status FROM webhooks"))
      if (row[0] != "ACTIVE") fault("an endpoint was disabled");
  }

  Findings run(bool may_repeat) {
    read_receipts();
    check_history();
    check_fan_out();
    for (const auto& [id, delivery] : deliveries_) check_delivery(delivery);
    check_order();
    f_.acknowledged = ledger_.acknowledged.size();
    f_.events = events_.size();
    f_.deliveries = deliveries_.size();
    f_.requests = receipts_.size();
    if (f_.sent_again > 0 && !may_repeat) fault("an attempt was sent again though nobody was killed", f_.sent_again);
    return std::move(f_);
  }

 private:
  void fault(const std::string& what, std::size_t times = 1) { f_.faults[what] += times; }

  void read_receipts() {
    std::map<std::pair<std::string, int>, std::set<std::string>> sends;
    std::set<std::string> forgotten;
    for (std::size_t i = 0; i < receipts_.size(); ++i) {
      const auto& receipt = receipts_[i];
      if (!receipt.good_signature) {
        ++f_.signatures;
        fault("a bad signature");
        continue;
      }
      if (receipt.of_failed) fault("an event of a transaction that failed arrived");
      const auto found = deliveries_.find(receipt.delivery);
      if (found == deliveries_.end() || found->second.endpoint != receipt.endpoint || found->second.event != receipt.event) {
        fault("what arrived was not owed");
        continue;
      }
      auto& known = sends[{receipt.delivery, receipt.attempt}];
      if (!known.insert(receipt.send).second)
        ++f_.by_client;
      else if (known.size() > 1)
        ++f_.sent_again;
      if (!receipt.accepted) continue;
      auto& delivery = found->second;
      if (delivery.times_accepted++ == 0) {
        delivery.first_accepted = i;
        ++f_.accepted;
      } else if (delivery.times_accepted == 2) {
        ++f_.accepted_again;
      }
      receipt.noted ? (void)forgotten.erase(receipt.delivery) : (void)forgotten.insert(receipt.delivery);
    }
    f_.forgotten = forgotten.size();
  }

  /// Numbers of a subject go up by one, in the order of commits.
  void check_history() {
    std::map<std::string, std::vector<std::pair<long, long>>> by_subject;
    std::set<std::pair<std::string, long>> stored;
    for (const auto& [id, event] : events_) {
      by_subject[event.subject].emplace_back(event.sequence, event.position);
      stored.emplace(event.subject, event.sequence);
    }
    for (auto& [subject, history] : by_subject) {
      std::ranges::sort(history);
      for (std::size_t i = 0; i < history.size(); ++i) {
        if (history[i].first != static_cast<long>(i) + 1) fault("a subject's history has a gap");
        if (i > 0 && history[i].second < history[i - 1].second) fault("positions of events do not follow their commits");
      }
    }
    for (const auto& each : ledger_.acknowledged)
      if (!stored.contains(each)) ++f_.missing, fault("an acknowledged event is lost");
  }

  void check_fan_out() {
    std::map<std::pair<std::string, int>, int> owed;
    for (const auto& [id, delivery] : deliveries_) ++owed[{delivery.event, delivery.endpoint}];
    for (const auto& [id, event] : events_)
      for (std::size_t i = 0; i < endpoint_kinds().size(); ++i) {
        const auto found = owed.find({id, static_cast<int>(i)});
        const int count = found == owed.end() ? 0 : found->second;
        const bool wanted = wants(endpoint_kinds()[i], event.type);
        if (wanted && count == 0) ++f_.missing, fault("an event that an endpoint wants has no delivery");
        if (count > (wanted ? 1 : 0)) fault("a delivery too many");
        if (found != owed.end()) owed.erase(found);
      }
    if (!owed.empty()) fault("a delivery of no event", owed.size());
  }

  void check_delivery(const Delivered& d) {
    auto& [all, dead] = f_.by_endpoint[d.endpoint];
    ++all;
    f_.attempts += d.logged.size();
    if (static_cast<int>(d.logged.size()) != d.attempts) fault("not as many attempts are logged as a delivery says");
    for (std::size_t i = 0; i < d.logged.size(); ++i) {
      if (d.logged[i].first != static_cast<int>(i) + 1) fault("the log of attempts has a gap");
      const bool good = d.logged[i].second / 100 == 2, last = i + 1 == d.logged.size();
      if (good && (!last || d.status == "DEAD")) fault("an attempt succeeded, and that was not the end");
      if (!good && last && d.status == "SUCCEEDED") fault("SUCCEEDED by an attempt that did not");
    }
    if (d.status == "SUCCEEDED") {
      if (!d.accepted()) ++f_.missing, fault("SUCCEEDED, but never accepted");
    } else if (d.status == "DEAD") {
      ++dead;
      ++f_.dead;
      if (d.attempts != 6) fault("DEAD before its six attempts");
    } else {
      if (!d.accepted()) ++f_.missing;
      fault("neither SUCCEEDED nor DEAD in the end");
    }
    if (endpoint_kinds()[static_cast<std::size_t>(d.endpoint)].manner == Manner::broken && d.status != "DEAD")
      fault("not DEAD at an endpoint that always fails");
  }

  /// By endpoint and subject, what was accepted first came first, unless it had died by then.
  void check_order() {
    std::map<std::pair<int, std::string>, std::vector<std::pair<long, const Delivered*>>> queues;
    for (const auto& [id, delivery] : deliveries_)
      if (const auto event = events_.find(delivery.event); event != events_.end())
        queues[{delivery.endpoint, event->second.subject}].emplace_back(event->second.sequence, &delivery);
    for (auto& [key, queue] : queues) {
      std::ranges::sort(queue);
      std::size_t latest = 0;
      for (const auto& [sequence, delivery] : queue) {
        if (delivery->status == "DEAD" || !delivery->accepted()) continue;
        if (delivery->first_accepted < latest) ++f_.order, fault("out of order");
        latest = std::max(latest, delivery->first_accepted);
      }
    }
  }

  const Ledger& ledger_;
  const std::vector<Receipt>& receipts_;
  std::map<std::string, Event> events_;
  std::map<std::string, Delivered> deliveries_;
  Findings f_;
};

} // namespace

Findings check(const Query& query, const Ledger& ledger, const std::vector<Receipt>& receipts, bool may_repeat) {
  return Oracle(query, ledger, receipts).run(may_repeat);
}

} // namespace orkestr::campaign
