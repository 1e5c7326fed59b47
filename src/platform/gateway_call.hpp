// A gateway's answer, waited for.
#pragma once

#include "orkestr/ports/payment_gateway.hpp"

#include <future>
#include <memory>

namespace orkestr::inline v1 {

/// An answer that is on its way. The gateway may give it after nobody waits any more.
template <class T> class GatewayAnswer {
 public:
  /// @param put  calls the gateway with what it is to call in turn
  template <class Put> explicit GatewayAnswer(Put put) {
    auto promise = std::make_shared<std::promise<Result<T>>>();
    answer_ = promise->get_future();
    put([promise = std::move(promise)](Result<T> answer) { promise->set_value(std::move(answer)); });
  }
  /// Once. @errors those of the gateway; `payment_unavailable` when nothing comes until then, or nothing can come
  [[nodiscard]] Result<T> by(std::chrono::steady_clock::time_point time) {
    if (answer_.wait_until(time) != std::future_status::ready)
      return fail(Code::payment_unavailable, "The payment gateway has not answered yet; ask again.");
    try {
      return answer_.get();
    } catch (const std::future_error&) {
      return fail(Code::payment_unavailable, "The payment gateway has lost the question.");
    }
  }

 private:
  std::future<Result<T>> answer_;
};

/// The keys by which its events find a payment.
[[nodiscard]] inline GatewayMetadata metadata_of(TenantId tenant, BookingId booking, PaymentId payment) {
  return {{"bookingId", booking.str()}, {"paymentId", payment.str()}, {"tenantId", tenant.str()}};
}

} // namespace orkestr::inline v1
