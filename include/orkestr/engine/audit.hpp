// The audit log: who did what to which row.
#pragma once

#include "orkestr/base/mapping.hpp"

namespace orkestr::inline v1 {

/// Who acts. `host` is the program that embeds the library, when it says nothing else; `worker` is work that was due; `gateway` is what
/// a payment gateway reported; `admin` is one of the platform.
enum class ActorKind { host, worker, key, member, customer, visitor, gateway, admin };

struct Actor {
  ActorKind kind = ActorKind::host;
  std::string id;         ///< of the key, member, customer or admin; of a visitor, the address
  std::string request_id; ///< of the request, when one is behind it
};

/// One line, never altered.
struct AuditEntry {
  AuditId id;
  ActorKind actor = ActorKind::host;
  std::string actor_id, request_id;
  std::string action;  ///< `booking.cancel`
  std::string subject; ///< id of the row
  std::string detail;  ///< for people; mostly empty
  Instant at;
};

namespace json {
template <> struct EnumNames<ActorKind> {
  static constexpr std::array<std::string_view, 8> names{"HOST", "WORKER", "KEY", "MEMBER", "CUSTOMER", "VISITOR", "GATEWAY", "ADMIN"};
};
template <> struct Schema<AuditEntry> {
  using T = AuditEntry;
  static constexpr auto fields =
      std::make_tuple(field("id", &T::id, out), field("actor", &T::actor, out), field("actorId", &T::actor_id, out),
                      field("requestId", &T::request_id, out), field("action", &T::action, out), field("subject", &T::subject, out),
                      field("detail", &T::detail, out), field("at", &T::at, out));
};
} // namespace json
} // namespace orkestr::inline v1
