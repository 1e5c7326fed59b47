// Steps in words; see step.hpp.
#include "campaign/simulation/step.hpp"

namespace orkestr::campaign {
namespace {

constexpr std::string_view kinds[] = {"hold",   "release_hold", "quote",       "book",    "check_out", "approve", "decline",
                                      "cancel", "reschedule",   "pay",         "refund",  "review",    "run_due", "reprice",
                                      "again",  "other_body",   "by_stranger", "advance", "jump_back", "crash"};
constexpr std::string_view shares[] = {"all that is open", "half of it", "1 cent", "1 cent too much", "nothing"};
constexpr std::string_view faults[] = {"", "is refused", "fails midway, at call ", "fails at its commit", "is run twice", "can't be read"};

std::string duration(milliseconds by) {
  const auto ms = by.count();
  if (ms % 60'000 != 0) return std::to_string(ms) + " ms";
  return std::to_string(ms / 60'000) + " min";
}

std::string what(const Step& step) {
  return std::string{offerings[static_cast<std::size_t>(step.offering)].title} + " " + to_string(step.interval.start) + " to " +
         to_string(step.interval.end) + " × " + std::to_string(step.quantity);
}

std::string whose(const Step& step) { return " of step " + std::to_string(step.from); }

std::string booking_of(const Step& step) {
  std::string text = step.from >= 0 ? " the hold" + whose(step) : " " + what(step);
  text += " for " + std::string{emails[static_cast<std::size_t>(step.email)]};
  if (step.coupon >= 0) {
    const auto i = static_cast<std::size_t>(step.coupon);
    text += ", coupon " + std::string{i < coupons.size() ? coupons[i].code : unknown_code};
  }
  if (step.expected != Expected::unsaid) text += step.expected == Expected::right ? ", total known" : ", stale total";
  if (step.pay_online) text += ", paying online";
  if (step.audience == Audience::provider) text += ", as the provider";
  return text;
}

std::string details(const Step& step) {
  switch (step.kind) {
  case Kind::hold: return " " + what(step) + " by " + std::string{peers[static_cast<std::size_t>(step.peer)]};
  case Kind::quote:
  case Kind::book:
  case Kind::check_out: return booking_of(step);
  case Kind::release_hold:
  case Kind::approve:
  case Kind::decline:
  case Kind::cancel:
  case Kind::again:
  case Kind::other_body:
  case Kind::by_stranger: return whose(step);
  case Kind::reschedule:
    return whose(step) + " to " + to_string(step.interval.start) + " to " + to_string(step.interval.end) +
           (step.audience == Audience::provider ? ", as the provider" : "");
  case Kind::pay: return whose(step) + ": " + std::string{shares[static_cast<int>(step.share)]} + (step.yes ? "" : ", which fails");
  case Kind::refund: return whose(step) + ": " + std::string{shares[static_cast<int>(step.share)]};
  case Kind::review: return whose(step) + (step.yes ? ": let pass" : ": reject");
  case Kind::reprice:
    return " " + std::string{offerings[static_cast<std::size_t>(step.offering)].title} + " to " + std::to_string(step.price);
  case Kind::advance:
  case Kind::jump_back: return " by " + duration(step.by);
  case Kind::crash: return step.yes ? " (the files as they are)" : " (closed and reopened)";
  case Kind::run_due: break;
  }
  return {};
}

} // namespace

std::string_view name_of(Kind kind) { return kinds[static_cast<int>(kind)]; }

std::string describe(const Step& step) {
  std::string text = std::to_string(step.number) + ". " + std::string{name_of(step.kind)} + details(step);
  if (step.via == Via::key) text += " [by API key]";
  if (step.via == Via::visitor) text += " [by a visitor's request]";
  if (step.fault.kind != FaultKind::none) {
    text += " {transaction " + std::to_string(step.fault.transaction) + " " + std::string{faults[static_cast<int>(step.fault.kind)]};
    if (step.fault.kind == FaultKind::fail_midway) text += std::to_string(step.fault.call);
    text += "}";
  }
  return text;
}

std::string describe(const std::vector<Step>& steps) {
  std::string text;
  for (const auto& step : steps) text += "  " + describe(step) + "\n";
  return text;
}

} // namespace orkestr::campaign
