"""What must hold, asked of the database behind the servers' backs and of the ledger that the clients keep."""

import collections
import concurrent.futures
import datetime

from clients import CAPACITIES, Booked, Client

CAP = 100  # of the coupon
ALIVE = "('PENDING', 'CONFIRMED')"

# Units taken: of bookings that are alive, and of holds that have not lapsed.
LIVE = f"""SELECT i.tenant_id, i.offering_id, i.starts_at AS s, i.ends_at AS e, i.quantity AS q FROM booking_items i
    JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id WHERE b.status IN {ALIVE}
  UNION ALL SELECT tenant_id, offering_id, starts_at, ends_at, quantity FROM holds
    WHERE expires_at > extract(epoch FROM clock_timestamp()) * 1000"""

# The sweep line: a start adds, an end takes away, and ends come first.
PEAKS = f"""WITH live AS ({LIVE}), edges AS (SELECT offering_id, s AS at, q FROM live UNION ALL SELECT offering_id, e, -q FROM live)
SELECT offering_id, max(units) FROM (SELECT offering_id, sum(q) OVER (PARTITION BY offering_id ORDER BY at, q) AS units FROM edges) AS swept
GROUP BY offering_id"""


def look_at_capacity(world):
    """May be asked at any time, since one statement sees one moment."""
    peaks = dict(world.postgres.sql(PEAKS))
    world.report.count("looks by the sweep line")
    for offering, capacity in zip(world.rooms, CAPACITIES):
        peak = int(peaks.get(offering, 0))
        name = f"peak on capacity {capacity}"
        world.report.counts[name] = max(world.report.counts[name], peak)
        if peak > capacity:
            world.report.fault("capacity", f"capacity {capacity}, taken {peak}")


def lapse_holds(world, most):
    """Lets time pass for some holds: ten minutes are long for a campaign."""
    world.report.count("holds left to lapse", world.postgres.number(f"""
WITH now AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms),
  old AS (SELECT tenant_id, id FROM holds, now WHERE expires_at > now.ms ORDER BY random() LIMIT {most} FOR UPDATE OF holds SKIP LOCKED),
  one AS (UPDATE holds h SET expires_at = now.ms FROM old, now WHERE h.tenant_id = old.tenant_id AND h.id = old.id RETURNING 1),
  two AS (UPDATE occupancy o SET expires_at = now.ms FROM old, now WHERE o.tenant_id = old.tenant_id AND o.holder = old.id RETURNING 1)
SELECT count(*) FROM old"""))


def check_ledger(world):
    """Acknowledged = rows: none lost, none twice, none that was refused, each in the state that was answered."""
    report = world.report
    rows = collections.defaultdict(list)
    for tenant, tag, booking, status, start in world.postgres.sql(
            "SELECT b.tenant_id, b.notes, b.id, b.status, min(i.starts_at) FROM bookings b JOIN booking_items i"
            " ON i.tenant_id = b.tenant_id AND i.booking_id = b.id GROUP BY 1, 2, 3, 4"):
        rows[tag].append((booking, status, int(start), world.tenants.index(tenant)))
    moves = {subject: int(n) for subject, n in
             world.postgres.sql("SELECT subject, count(*) FROM events WHERE type = 'booking.rescheduled' GROUP BY 1")}
    lost = [tag for tag, booked in report.booked.items() if booked.id not in [row[0] for row in rows[tag]]]
    for tag in lost:
        report.fault("lost", f"{tag} was acknowledged and is not there")
    for tag, found in rows.items():
        if len(found) > 1:
            report.fault("idempotency" if tag.startswith("repeat") else "twice", f"{tag} is there {len(found)} times")
        if found and tag in report.refused:
            report.fault("refused", f"{tag} was refused and is there")
        if found and not (tag in report.booked or tag in report.unknown or tag in report.refused):
            report.fault("ledger", f"{tag} is there and nobody sent it")
    alive = 0
    for tag, booked in report.booked.items():
        for booking, status, start, tenant in rows[tag]:
            if booking != booked.id or not booked.sure:
                continue
            alive += status != "CANCELLED"
            if status != booked.status or tenant != booked.tenant:
                report.fault("lost", f"{tag} was acknowledged as {booked.status} and is {status}")
            if datetime.datetime.fromtimestamp(start / 1000, datetime.timezone.utc) != booked.start:
                report.fault("lost", f"the start of {tag} is not the acknowledged one")
            if moves.get(booking, 0) != booked.moves:
                report.fault("events", f"{tag} was moved {booked.moves} times, with {moves.get(booking, 0)} events")
    report.count("acknowledged bookings found", len(report.booked) - len(lost))
    report.count("acknowledged and alive", alive)
    report.count("outcomes never known", len(report.unknown) + sum(not booked.sure for booked in report.booked.values()))
    report.count("idempotency keys with one booking", sum(len(found) == 1 for tag, found in rows.items() if tag.startswith("repeat-")))
    wrong = world.postgres.number(f"""SELECT count(*) FROM
  (SELECT i.tenant_id, i.id, i.starts_at FROM booking_items i JOIN bookings b ON b.tenant_id = i.tenant_id AND b.id = i.booking_id
    WHERE b.status IN {ALIVE}) AS item
  FULL JOIN (SELECT * FROM occupancy WHERE status <> 'HELD') AS claim ON claim.tenant_id = item.tenant_id AND claim.holder = item.id
  WHERE claim.holder IS NULL OR item.id IS NULL OR claim.starts_at <> item.starts_at""")
    if wrong:
        report.fault("claims", f"{wrong} items that are alive and claims do not match")


def check_events(world):
    """One event a change, and no event of what is not there."""
    sql, report = world.postgres.number, world.report
    for kind, wanted in (("booking.created", "1"), ("booking.confirmed", "(b.confirmed_at IS NOT NULL)::int"),
                         ("booking.cancelled", "(b.status = 'CANCELLED')::int"), ("coupon.redeemed", "(b.coupon_id IS NOT NULL)::int")):
        wrong = sql(f"""SELECT count(*) FROM (SELECT tenant_id, id, {wanted} AS wanted FROM bookings b) AS b
  FULL JOIN (SELECT tenant_id, subject, count(*) AS n FROM events WHERE type = '{kind}' GROUP BY 1, 2) AS e
  ON e.tenant_id = b.tenant_id AND e.subject = b.id WHERE coalesce(e.n, 0) <> coalesce(b.wanted, -1)""")
        if wrong:
            report.fault("events", f"{wrong} bookings have not the one {kind} that they should have")
        report.count(f"events {kind}", sql(f"SELECT count(*) FROM events WHERE type = '{kind}'"))
    if sql("SELECT count(*) FROM (SELECT subject FROM events WHERE type = 'hold.expired' GROUP BY subject HAVING count(*) > 1) AS twice"):
        report.fault("events", "a hold expired twice")


def check_coupon(world):
    counted, rows, bookings = map(int, world.postgres.sql(
        f"SELECT redeemed_count, (SELECT count(*) FROM coupon_redemptions), (SELECT count(*) FROM bookings WHERE coupon_code = 'RUSH' AND"
        f" (status IN {ALIVE} OR confirmed_at IS NOT NULL)) FROM coupons WHERE code = 'RUSH'")[0])
    report = world.report
    report.counts["redemptions that count"] = counted
    if counted > CAP or rows > CAP or bookings > CAP:
        report.fault("coupon", f"cap {CAP}, counted {counted}, redemptions {rows}, bookings {bookings}")
    if len({counted, rows, bookings}) > 1:
        report.fault("coupon", f"counted {counted}, redemptions {rows}, bookings {bookings}")
    return counted


def probe_holds(world):
    """A hold keeps its unit from others until it lapses, and not a moment longer, swept or not."""
    holder, other = Client(world, 20_020), Client(world, 20_021)
    for hour in range(8, 20):
        start = world.day + datetime.timedelta(hours=hour)
        held = holder.hold(f"probe-{hour}", world.probed, start)
        if held is None or held.status != 201:
            continue
        if isinstance(other.book(f"probe-early-{hour}", world.probed, start), Booked):
            world.report.fault("capacity", f"capacity 1, held and booked at {start:%H:%M}")
            continue
        world.postgres.sql(f"""WITH now AS (SELECT (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS ms),
  one AS (UPDATE holds SET expires_at = now.ms FROM now WHERE id = '{held.body["id"]}')
UPDATE occupancy SET expires_at = now.ms FROM now WHERE holder = '{held.body["id"]}'""")
        booked = other.book(f"probe-late-{hour}", world.probed, start)
        if not isinstance(booked, Booked):
            world.report.fault("false full", f"capacity 1, a hold that has lapsed at {start:%H:%M}: {booked}")
        world.report.count("holds probed")
    holder.close()
    other.close()


def fill(world):
    """Every free unit can be had, one by one, and not one more; so can what is left of the coupon."""
    now_taken = f"""WITH live AS ({LIVE}), edges AS (SELECT s AS at, q FROM live WHERE %s UNION ALL SELECT e, -q FROM live WHERE %s)
SELECT coalesce(max(units), 0) FROM (SELECT sum(q) OVER (ORDER BY at, q) AS units, at FROM edges) AS swept"""

    def fill_room(index):
        client, offering, made = Client(world, 20_000 + index), world.rooms[index], 0
        for hour in range(8, 20):
            start = world.day + datetime.timedelta(hours=hour)
            low = int(start.timestamp() * 1000)
            inside = f"offering_id = '{offering}' AND s < {low + 3_600_000} AND e > {low}"
            taken = world.postgres.number(now_taken % (inside, inside))
            for left in range(CAPACITIES[index] - taken, -1, -1):
                made += 1
                booked = client.book(f"fill-{index}-{made}", offering, start)
                if isinstance(booked, Booked) != (left > 0):
                    world.report.fault("false full" if left > 0 else "capacity",
                                       f"capacity {CAPACITIES[index]}, {left} free at {start:%H:%M}: {booked if left > 0 else 'booked'}")
                    break
                world.report.count("free units filled", left > 0)
        client.close()

    def fill_coupon(left):
        client, made = Client(world, 20_010), 0
        while made <= CAP:
            if not isinstance(client.book(f"fill-coupon-{made}", world.halls[0], world.anywhere(client.dice), coupon="RUSH"), Booked):
                break
            made += 1
        if made != left:
            world.report.fault("coupon", f"{left} redemptions were left and {made} could be had")
        world.report.count("free redemptions filled", made)
        client.close()

    left = CAP - check_coupon(world)
    with concurrent.futures.ThreadPoolExecutor(4) as pool:
        for done in [*(pool.submit(fill_room, index) for index in range(3)), pool.submit(fill_coupon, left)]:
            done.result()
