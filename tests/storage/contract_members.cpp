// Members, their links and sessions; sessions of admins; keys by who made them.
#include "storage/contract.hpp"
#include "storage/samples.hpp"

#include <doctest/doctest.h>

#include <atomic>

namespace orkestr::storage_contract {
namespace {

using storage::ReadTransaction;
using storage::Store;
using storage::WriteTransaction;

void members(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  auto one = sample_member(1), two = sample_member(2);
  one.role = Role::owner;
  one.status = MemberStatus::active;
  two.role = Role::staff;
  two.status = MemberStatus::invited;
  write(store, [&](WriteTransaction& tx) {
    tx.members().insert(t, one);
    tx.members().insert(t, two);
  });
  const auto named = [&](TenantId tenant, const std::string& email) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.members().find_by_email(tenant, email)); });
  };
  const auto list = [&](const storage::MemberFilter& filter, const storage::Page& page = {}) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.members().list(t, filter, page)); });
  };
  CHECK(named(t, one.email) == text_of(one));
  CHECK(named(other, one.email) == "");
  CHECK(named(t, "nobody@x.example") == "");
  CHECK(list({}) == text_of(two) + text_of(one));
  CHECK(list({}, {1, {}}) == text_of(two));
  CHECK(list({}, {9, two.id.str()}) == text_of(one));
  CHECK(list({MemberStatus::active, {}}) == text_of(one));
  CHECK(list({{}, Role::staff}) == text_of(two));
  CHECK(list({MemberStatus::active, Role::staff}) == "");
  // An address is one member's of a tenant, and may be somebody's of another as well.
  auto same = sample_member(3);
  same.email = one.email;
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.members().insert(t, same); }) == Code::already_exists);
  write(store, [&](WriteTransaction& tx) { tx.members().insert(other, same); });
  auto moved = two;
  moved.email = one.email;
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.members().update(t, moved); }) == Code::already_exists);
  moved.email = "new" + two.email;
  write(store, [&](WriteTransaction& tx) {
    tx.members().update(other, moved); // another's is not touched
    tx.members().update(t, moved);
  });
  CHECK(named(t, two.email) == "");
  CHECK(named(t, moved.email) == text_of(moved));
  write(store, [&](WriteTransaction& tx) {
    tx.members().erase(other, moved.id);
    tx.members().erase(t, one.id);
  });
  CHECK(list({}) == text_of(moved));
  CHECK(named(other, same.email) == text_of(same));
}

void passes(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto member = mint<MemberId>();
  auto invite = sample_member_pass(1, member), reset = sample_member_pass(2, member), another = sample_member_pass(3, mint<MemberId>());
  invite.kind = MemberPassKind::invite;
  reset.kind = MemberPassKind::reset;
  another.kind = MemberPassKind::invite;
  invite.expires_at = Instant{1000};
  reset.expires_at = Instant{2000};
  another.expires_at = Instant{3000};
  write(store, [&](WriteTransaction& tx) {
    for (const auto& pass : {invite, reset, another}) tx.members().insert(t, pass);
  });
  const auto found = [&](TenantId tenant, MemberPassKind kind, const MemberPass& pass) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.members().find_pass(tenant, kind, pass.token_hash)); });
  };
  const auto of = [&](MemberPassKind kind) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.members().passes_of(t, member, kind)); });
  };
  CHECK(found(t, MemberPassKind::invite, invite) == text_of(invite));
  CHECK(found(t, MemberPassKind::reset, invite) == "");
  CHECK(found(other, MemberPassKind::invite, invite) == "");
  CHECK(of(MemberPassKind::invite) == text_of(invite));
  CHECK(of(MemberPassKind::verify) == "");
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.members().insert(t, invite); }) == Code::already_exists);
  const auto erased = [&](TenantId tenant, MemberPassKind kind, const MemberPass& pass) {
    return write(store, [&](WriteTransaction& tx) { return tx.members().erase_pass(tenant, kind, pass.token_hash); });
  };
  CHECK_FALSE(erased(other, MemberPassKind::invite, invite));
  CHECK_FALSE(erased(t, MemberPassKind::verify, invite));
  CHECK(erased(t, MemberPassKind::invite, invite));
  CHECK_FALSE(erased(t, MemberPassKind::invite, invite));
  write(store, [&](WriteTransaction& tx) {
    tx.members().insert(t, invite);
    tx.members().erase_passes_of(other, member, {});
    tx.members().erase_passes_of(t, member, MemberPassKind::reset);
  });
  CHECK(of(MemberPassKind::reset) == "");
  CHECK(of(MemberPassKind::invite) == text_of(invite));
  write(store, [&](WriteTransaction& tx) { tx.members().erase_passes_of(t, member, {}); });
  CHECK(of(MemberPassKind::invite) == "");
  CHECK(found(t, MemberPassKind::invite, another) == text_of(another));
  const auto sweep = [&](Instant now) { return write(store, [&](WriteTransaction& tx) { return tx.members().erase_expired(now, 9); }); };
  CHECK(sweep(Instant{2999}) == 0);
  CHECK(sweep(Instant{3000}) == 1);
}

void sessions(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto member = sample_member(1), another = sample_member(2);
  const auto first = sample_session(1, member.id), second = sample_session(2, member.id), theirs = sample_session(3, another.id);
  const auto tenant = read(store, [&](const ReadTransaction& tx) { return *tx.tenants().find(t); });
  write(store, [&](WriteTransaction& tx) {
    tx.members().insert(t, member);
    tx.members().insert(t, another);
    for (const auto& session : {first, second, theirs}) tx.members().insert(t, session);
  });
  const auto found = [&](TenantId in, const MemberSession& session) {
    return read(store, [&](const ReadTransaction& tx) {
      const auto row = tx.members().find_session(in, session.token_hash);
      return row ? text_of(row->tenant) + text_of(row->member) + text_of(row->session) : std::string{};
    });
  };
  const auto of = [&](const Member& whose) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.members().sessions_of(t, whose.id)); });
  };
  CHECK(found(t, first) == text_of(tenant) + text_of(member) + text_of(first));
  CHECK(found(other, first) == "");
  CHECK(of(member) == text_of(second) + text_of(first));
  auto twin = sample_session(4, member.id);
  twin.token_hash = first.token_hash;
  CHECK(refusal(store, [&](WriteTransaction& tx) { tx.members().insert(t, twin); }) == Code::already_exists);
  // Being seen is written on both.
  write(store, [&](WriteTransaction& tx) {
    tx.members().note_seen(other, first.id, Instant{5});
    tx.members().note_seen(t, first.id, Instant{77});
  });
  auto seen = first;
  seen.last_seen_at = Instant{77};
  auto seen_member = member;
  seen_member.last_seen_at = Instant{77};
  CHECK(found(t, first) == text_of(tenant) + text_of(seen_member) + text_of(seen));
  CHECK(found(t, theirs) == text_of(tenant) + text_of(another) + text_of(theirs));
  const auto erased = [&](TenantId in, MemberId whose, const MemberSession& session) {
    return write(store, [&](WriteTransaction& tx) { return tx.members().erase_session(in, whose, session.id); });
  };
  CHECK_FALSE(erased(other, member.id, first));
  CHECK_FALSE(erased(t, another.id, first));
  CHECK(erased(t, member.id, first));
  CHECK_FALSE(erased(t, member.id, first));
  CHECK(found(t, first) == "");
  write(store, [&](WriteTransaction& tx) {
    tx.members().insert(t, first);
    tx.members().erase_sessions_of(other, member.id, {});
    tx.members().erase_sessions_of(t, member.id, second.id);
  });
  CHECK(of(member) == text_of(second));
  write(store, [&](WriteTransaction& tx) { tx.members().erase_sessions_of(t, member.id, {}); });
  CHECK(of(member) == "");
  CHECK(of(another) == text_of(theirs));
  const auto sweep = [&](Instant now) { return write(store, [&](WriteTransaction& tx) { return tx.members().erase_expired(now, 9); }); };
  CHECK(sweep(Instant{theirs.expires_at.ms - 1}) == 0);
  CHECK(sweep(theirs.expires_at) == 1);
  CHECK(found(t, theirs) == "");
}

void keys_by_maker(Store& store) {
  const auto t = add_tenant(store), other = add_tenant(store);
  const auto member = mint<MemberId>();
  auto one = sample_api_key(1), two = sample_api_key(2), gone = sample_api_key(1), nobodys = sample_api_key(2);
  for (auto* key : {&one, &two, &gone}) key->created_by = member;
  for (auto* key : {&one, &two, &nobodys}) key->revoked_at.reset();
  nobodys.created_by.reset();
  write(store, [&](WriteTransaction& tx) {
    for (const auto& key : {one, two, gone, nobodys}) tx.api_keys().insert(t, key);
  });
  const auto made = [&](TenantId tenant) {
    return read(store, [&](const ReadTransaction& tx) { return text_of(tx.api_keys().made_by(tenant, member)); });
  };
  CHECK(made(t) == text_of(two) + text_of(one));
  CHECK(made(other) == "");
}

void admin_sessions(Store& store) {
  const auto admin = sample_admin(1);
  auto one = sample_admin_session(1, admin.id), two = sample_admin_session(2, admin.id);
  one.expires_at = Instant{1000};
  two.expires_at = Instant{2000};
  write(store, [&](WriteTransaction& tx) {
    tx.admins().insert(admin);
    tx.admins().insert_session(one);
    tx.admins().insert_session(two);
  });
  const auto found = [&](const AdminSession& session) {
    return read(store, [&](const ReadTransaction& tx) {
      const auto row = tx.admins().find_session(session.token_hash);
      return row ? text_of(row->admin) + text_of(row->session) : std::string{};
    });
  };
  CHECK(found(one) == text_of(admin) + text_of(one));
  CHECK(found(sample_admin_session(1, admin.id)) == "");
  write(store, [&](WriteTransaction& tx) { tx.admins().erase_session(one.token_hash); });
  CHECK(found(one) == "");
  write(store, [&](WriteTransaction& tx) { tx.admins().insert_session(one); });
  const auto sweep = [&](Instant now, std::size_t limit) {
    return write(store, [&](WriteTransaction& tx) { return tx.admins().erase_expired_sessions(now, limit); });
  };
  CHECK(sweep(Instant{999}, 9) == 0);
  CHECK(sweep(Instant{2000}, 1) == 1);
  CHECK(found(one) == "");
  CHECK(found(two) == text_of(admin) + text_of(two));
  CHECK(sweep(Instant{2000}, 9) == 1);
}

/// Two owners who leave at the same time do not leave a business without one.
void the_last_one_stays(Store& store) {
  for (int round = 0; round < 20; ++round) {
    const auto t = add_tenant(store);
    Member owners[2] = {sample_member(1), sample_member(2)};
    for (auto& owner : owners) {
      owner.role = Role::owner;
      owner.status = MemberStatus::active;
    }
    write(store, [&](WriteTransaction& tx) {
      for (const auto& owner : owners) tx.members().insert(t, owner);
    });
    std::atomic<int> left{0};
    in_threads(2, [&](int i) {
      const bool gone = write(store, [&](WriteTransaction& tx) {
        tx.members().lock(t);
        if (tx.members().list(t, {MemberStatus::active, Role::owner}, {}).size() < 2) return false;
        auto leaving = owners[i];
        leaving.status = MemberStatus::deactivated;
        tx.members().update(t, leaving);
        return true;
      });
      if (gone) ++left;
    });
    CHECK(left == 1);
  }
}

} // namespace

std::vector<Check> member_checks() {
  return {{"members", members},
          {"links of members", passes},
          {"sessions of members", sessions},
          {"keys by who made them", keys_by_maker},
          {"sessions of admins", admin_sessions},
          {"the last owner stays, whoever goes at once", the_last_one_stays}};
}

} // namespace orkestr::storage_contract
