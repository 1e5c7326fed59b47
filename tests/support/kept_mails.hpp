// A mailer that keeps what it is given, or answers otherwise when it is told to.
#pragma once

#include "orkestr/ports/mailer.hpp"

#include <functional>
#include <mutex>
#include <vector>

namespace orkestr::test {

class KeptMails final : public Mailer {
 public:
  Result<void> send(const Mail& mail) override {
    std::function<Result<void>(const Mail&)> answer;
    {
      const std::lock_guard guard(mutex_);
      answer = answer_;
    }
    if (answer)
      if (auto refused = answer(mail); !refused) return refused;
    const std::lock_guard guard(mutex_);
    mails_.push_back(mail);
    return {};
  }
  /// Asked about each mail from now on: an error is the answer, and the mail is not kept.
  void answer(std::function<Result<void>(const Mail&)> with) {
    const std::lock_guard guard(mutex_);
    answer_ = std::move(with);
  }
  [[nodiscard]] std::vector<Mail> take() {
    const std::lock_guard guard(mutex_);
    return std::exchange(mails_, {});
  }

 private:
  std::mutex mutex_;
  std::function<Result<void>(const Mail&)> answer_;
  std::vector<Mail> mails_;
};

/// What follows a mark in a text, up to white space.
[[nodiscard]] inline std::string word_behind(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return {};
  const auto from = at + mark.size();
  return text.substr(from, text.find_first_of(" \n", from) - from);
}

} // namespace orkestr::test
