// The demo tenant: Atlas Studios, with a catalogue, schedules, coupons, and a history told through the use cases.
#pragma once

#include "orkestr/platform/platform.hpp"

#include <filesystem>

namespace orkestr::server {

/// What a script needs to try the server.
struct DemoHandles {
  std::string api_key, admin_key;
  TenantId tenant;
  OfferingId offering;
  BookingId pending_booking, confirmed_booking;
};

/// Makes the tenant in an empty store, or finds the one that an earlier run made. The two tokens are kept in
/// `<data>/demo-keys.json`, readable by the owner alone: they open nothing but demo data.
[[nodiscard]] Result<DemoHandles> prepare_demo(Platform& platform, const std::filesystem::path& data);

} // namespace orkestr::server
