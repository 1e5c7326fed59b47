// The demo tenant: Atlas Studios, with a catalogue, schedules, coupons, and a history told through the use cases.
#pragma once

#include "orkestr/platform/platform.hpp"

#include <filesystem>

namespace orkestr::server {

/// What a script needs to try the server.
struct DemoHandles {
  std::string api_key, admin_key;
  std::string owner_email, password; ///< of the portal; a staff@ and an admin@ have the same password
  std::string platform_token;        ///< of an admin of the platform
  TenantId tenant;
  OfferingId offering;
  BookingId pending_booking, confirmed_booking;
};

/// Makes the tenant in an empty store, or finds the one that an earlier run made. What opens it is kept in
/// `<data>/demo-keys.json`, readable by the owner alone.
[[nodiscard]] Result<DemoHandles> prepare_demo(Platform& platform, const std::filesystem::path& data);

} // namespace orkestr::server
