#include "orkestr/platform/domains.hpp"

#include <atomic>
#include <latch>

namespace orkestr::inline v1 {
namespace {

using namespace std::chrono_literals;

/// Longer than a chain of names takes that all time out.
constexpr milliseconds lease = 2min;
constexpr std::size_t side_by_side = 16;
constexpr int most_waiting = 4;

const Actor the_worker{ActorKind::worker, {}, {}};

/// Follows a domain from name to name, on the resolver's thread.
class Follower : public std::enable_shared_from_this<Follower> {
 public:
  Follower(DnsResolver& dns, std::string target, std::function<void(DomainLook)> done)
      : dns_(dns), target_(std::move(target)), done_(std::move(done)) {}

  void ask(const std::string& name) {
    dns_.cname(name, [self = shared_from_this()](DnsAlias alias) {
      if (alias.failure == DnsFailure::none)
        self->look_.names.push_back(std::move(alias.name));
      else
        self->look_.failure = alias.failure;
      if (look_further(self->look_, self->target_))
        self->ask(std::string{self->look_.names.back()}); // the list may move meanwhile
      else
        self->done_(std::move(self->look_));
    });
  }

 private:
  DnsResolver& dns_;
  const std::string target_;
  const std::function<void(DomainLook)> done_;
  DomainLook look_;
};

std::string target_of(const Tenant& tenant, std::string_view base_domain) { return tenant.subdomain + "." + std::string{base_domain}; }

/// A domain that is to be looked at, and what a look found.
struct Look {
  TenantId tenant;
  CustomDomain domain;
  std::string target;
  DomainLook found;
};

void look_all(DnsResolver& dns, std::vector<Look>& looks) {
  std::latch left(static_cast<std::ptrdiff_t>(looks.size()));
  for (auto& look : looks)
    std::make_shared<Follower>(dns, look.target, [&](DomainLook found) {
      look.found = std::move(found);
      left.count_down();
    })->ask(look.domain.domain);
  left.wait();
}

void show_domain(WriteContext& cx, const std::optional<std::string>& domain) {
  auto tenant = cx.tx.tenants().find(cx.tenant);
  if (!tenant || tenant->custom_domain == domain) return;
  tenant->custom_domain = domain;
  cx.tx.tenants().update(*tenant);
}

void tell(WriteContext& cx, std::string title) {
  Notification notification;
  notification.title = shortened(std::move(title));
  notification.link = "/provider/domain";
  notification.subject = cx.tenant.str();
  cx.notify(std::move(notification));
}

Result<CustomDomain> write_look(WriteContext& cx, const Look& look) {
  const auto current = cx.tx.domains().find(cx.tenant);
  if (!current || current->domain != look.domain.domain) return fail(Code::not_found, "There is no such domain any more.");
  const auto holder = cx.tx.domains().holder(look.domain.domain);
  const auto after = after_look(*current, look.found, look.target, holder && *holder != cx.tenant, cx.now);
  cx.tx.domains().put(cx.tenant, after);
  if (after.status == current->status) return after;
  const bool verified = after.status == DomainStatus::verified;
  show_domain(cx, verified ? std::optional{after.domain} : std::nullopt);
  cx.audit(verified ? "domain.verify" : "domain.lose", cx.tenant, after.domain);
  tell(cx, (verified ? "Your domain is verified: " : "Your domain does not lead here any more: ") + after.domain);
  return after;
}

} // namespace

DomainView domain_view(const Tenant& tenant, const std::optional<CustomDomain>& domain, std::string_view base_domain) {
  DomainView view;
  view.target = target_of(tenant, base_domain);
  if (!domain) return view;
  view.domain = domain->domain;
  view.status = domain->status;
  view.checked_at = domain->checked_at;
  view.verified_at = domain->verified_at;
  view.failure = domain->failure;
  view.found = domain->found;
  return view;
}

Result<CustomDomain> set_domain(WriteContext& cx, std::string_view text, std::string_view base_domain) {
  CustomDomain domain;
  ORKESTR_TRY(domain.domain, read_domain(text, base_domain));
  const auto current = cx.tx.domains().find(cx.tenant);
  if (current && current->domain == domain.domain) return *current;
  domain.created_at = domain.next_check_at = cx.now;
  cx.tx.domains().put(cx.tenant, domain);
  show_domain(cx, {});
  cx.audit("domain.set", cx.tenant, domain.domain);
  cx.domain_due = true;
  return domain;
}

Result<void> remove_domain(WriteContext& cx) {
  const auto current = cx.tx.domains().find(cx.tenant);
  if (!current) return fail(Code::not_found, "There is no domain.");
  cx.tx.domains().erase(cx.tenant);
  show_domain(cx, {});
  cx.audit("domain.remove", cx.tenant, current->domain);
  return {};
}

Result<CustomDomain> check_domain(Platform& platform, TenantId id, const Actor& actor) {
  if (platform.dns() == nullptr) return fail(Code::not_implemented, "This server does not ask DNS.");
  const auto now = platform.now();
  std::vector<Look> looks(1);
  auto& look = looks.front();
  ORKESTR_CHECK(platform.store().read([&](const storage::ReadTransaction& tx) -> Result<void> {
    const auto tenant = tx.tenants().find(id);
    const auto domain = tx.domains().find(id);
    if (!tenant || !domain) return fail(Code::not_found, "There is no domain. Set one first.");
    look = {id, *domain, target_of(*tenant, platform.base_domain()), {}};
    return {};
  }));
  // Who waits for DNS waits on a thread of the host's, and a domain's own servers may be as slow as they like.
  static std::atomic<int> waiting{0};
  const struct Turn {
    Turn() : admitted(++waiting <= most_waiting) {}
    ~Turn() { --waiting; }
    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;
    const bool admitted;
  } turn;
  if (look.domain.checked_at && now - *look.domain.checked_at < domain_check_pause) return look.domain;
  if (!turn.admitted) return fail(Code::busy, "Others are asking DNS; try again in a moment.");
  look_all(*platform.dns(), looks);
  return platform.write(
      id, [&](WriteContext& cx) { return write_look(cx, look); }, actor);
}

Result<bool> DomainDesk::step(Instant now) {
  // Read first: mostly there is nothing, and looking is cheap.
  ORKESTR_TRY(const bool any, platform_.store().read(
                                  [&](const storage::ReadTransaction& tx) -> Result<bool> { return !tx.domains().due(now, 1).empty(); }));
  if (!any) return false;
  ORKESTR_TRY(auto looks, platform_.store().write([&](storage::WriteTransaction& tx) -> Result<std::vector<Look>> {
    std::vector<Look> taken;
    for (const auto& id : tx.domains().due(now, side_by_side)) {
      const auto tenant = tx.tenants().find(id);
      auto domain = tx.domains().find(id);
      if (!tenant || !domain) continue;
      domain->next_check_at = now + lease;
      tx.domains().put(id, *domain);
      taken.push_back({id, *domain, target_of(*tenant, platform_.base_domain()), {}});
    }
    return taken;
  }));
  look_all(*platform_.dns(), looks);
  for (const auto& look : looks) {
    const auto written = platform_.write_at(
        look.tenant, std::max(now, platform_.now()),
        [&](WriteContext& cx) -> Result<CustomDomain> {
          const auto current = cx.tx.domains().find(cx.tenant);
          if (current && current->next_check_at != look.domain.next_check_at)
            return *current; // this desk slept, or somebody looked by hand
          return write_look(cx, look);
        },
        the_worker);
    if (!written && written.error().code != Code::not_found) return written.error();
  }
  return true;
}

DomainWorker::DomainWorker(Platform& platform, std::function<void(const Error&)> on_trouble)
    : platform_(platform), desk_(platform), loop_([this] { return desk_.step(platform_.now()); }, std::move(on_trouble)) {
  platform_.on_domains([this] { loop_.poke(); });
}

DomainWorker::~DomainWorker() { platform_.on_domains({}); }

} // namespace orkestr::inline v1
