// The REST API as a function: Request in, Response out, no socket. Authorisation, limits, idempotency and problem
// answers are decided here, once, from one route table.
#pragma once

#include "orkestr/api/message.hpp"
#include "orkestr/platform/platform.hpp"

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace orkestr::inline v1::api {

/// What a customer's browser does at a test gateway (TestGateway). Without these, cards are not taken here.
struct TestCards {
  std::function<Result<GatewayPayment>(std::string_view client_secret, std::string_view card_number)> pay = {};
  std::function<Result<GatewayPayment>(std::string_view client_secret, bool agreed)> authenticate = {};
};

/// Who may open a business here: anybody who confirms an address, at once or once an admin has approved it; or nobody.
enum class SignUp { open, approve, closed };

struct ApiOptions {
  /// Per key: this many requests at once, refilled evenly over the window. 0 turns the limit off.
  std::uint32_t rate_limit = 20'000;
  std::uint32_t rate_window_seconds = 20;
  /// The same for each address from which visitors without a key come.
  std::uint32_t visitor_limit = 2'000;
  /// Wrong credentials from one peer that are looked at in a row; one more every three seconds.
  std::uint32_t failed_auth_limit = 100;
  /// Businesses that an address may open in an hour, and wrong passwords for one account in ten minutes: from one address, five times as
  /// many from all. 0 turns the limits off.
  std::uint32_t sign_up_limit = 10, sign_in_limit = 10;
  SignUp sign_up = SignUp::open;
  std::size_t max_body_bytes = 1024 * 1024;
  /// What GET /v1/openapi.json answers.
  std::string openapi_json = "{}";
  TestCards test_cards = {};
};

/// Who may call an operation. `visitor`: anybody, at the tenant that the path names. `read`, `write`, `admin`: a key with that scope, or a
/// member whose role allows it. `platform`: an admin of the platform. `member`: somebody who is signed in, about their own account.
enum class Access { open, visitor, read, write, admin, platform, member };

/// A row of the route table, for documents and tests.
struct RouteInfo {
  Method method;
  std::string_view path; ///< with `{id}` placeholders
  std::string_view operation_id;
  Access access;
  std::vector<std::string_view> query_parameters;
  std::optional<Role> least_role; ///< of a member who may; none where no member may
};

/// The cookie of a session, of a member or an admin. With TLS the name binds it to this very host (RFC 6265bis, section 4.1.3.2).
enum class SessionCookie { member, admin };
[[nodiscard]] std::string_view session_cookie(const Request& request, SessionCookie kind);

/// @thread_safety safe
class Api {
 public:
  explicit Api(Platform& platform, ApiOptions options = {});
  ~Api();

  [[nodiscard]] Response handle(const Request& request);

  /// Whether handling may wait for a disk or a password hash, so that a server runs it off its I/O threads.
  [[nodiscard]] bool may_wait(const Request& request) const;

  /// How large a body may be at a path, which a server asks before it reads one. Nothing but method and path decide.
  [[nodiscard]] std::size_t max_body_bytes(Method method, std::string_view path) const;

  /// The request's own id where it has a proper one (`X-Request-Id`), else a new one.
  [[nodiscard]] std::string request_id(const Request& request);

  /// A problem answer for what never became a request (408, 431 …).
  [[nodiscard]] Response refuse(Code code, std::string_view detail, std::string_view request_id = {});

  [[nodiscard]] static std::vector<RouteInfo> routes();

  /// Lines that `GET /metrics` adds to its own; for the server's counters. Called on each scrape.
  void set_metrics_source(std::function<std::string()> source);
  /// Makes `GET /readyz` answer 503 while it returns text that says what is wrong.
  void set_readiness_probe(std::function<std::string()> probe);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

} // namespace orkestr::inline v1::api
