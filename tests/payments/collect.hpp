// Waits for what a gateway calls back with, and counts how often it does.
#pragma once

#include "orkestr/ports/payment_gateway.hpp"

#include "support/results.hpp"

#include <future>
#include <memory>

namespace orkestr::test {

template <class T> class Collect {
 public:
  [[nodiscard]] PaymentGateway::Done<T> done() const {
    return [shared = shared_](Result<T> result) {
      if (++shared->calls == 1) shared->result.set_value(std::move(result));
    };
  }
  [[nodiscard]] int calls() const { return shared_->calls; }
  /// @pre at most once
  [[nodiscard]] Result<T> get() const {
    auto future = shared_->result.get_future();
    REQUIRE(future.wait_for(std::chrono::seconds{20}) == std::future_status::ready);
    return future.get();
  }

 private:
  struct Shared {
    std::promise<Result<T>> result;
    std::atomic<int> calls = 0;
  };
  std::shared_ptr<Shared> shared_ = std::make_shared<Shared>();
};

/// What `call` calls back with: `ask<GatewayPayment>([&](auto done) { gateway.fetch(id, done); })`.
template <class T, class Call> Result<T> ask(Call&& call) {
  Collect<T> collect;
  call(collect.done());
  auto result = collect.get();
  CHECK(collect.calls() == 1);
  return result;
}

/// `ok`, or the error's code.
template <class T> std::string code(const Result<T>& result) { return result ? "ok" : std::string{info(result.error().code).name}; }

} // namespace orkestr::test
