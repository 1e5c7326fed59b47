"""Bookings go both ways: each side's own come to the other, and so do changes and cancellations. Where both sides changed the same, Orkestr's
stands, since its customer was told."""
import datetime as dt
import json
import uuid

from orkestr_rest import Refused, call, pages

STATUS = {"COMPLETED": "CONFIRMED", "REFUNDED": "CANCELLED"}  # for those that the hotel has no word for


def touched(after):
    """The bookings that events told of after that one, and the last event."""
    ids = set()
    while True:
        page = call("GET", "/api/events?limit=200" + (f"&after={after}" if after else ""))
        ids |= {event["data"]["bookingId"] for event in page["data"] if event["type"].startswith("booking.")}
        after = page["lastEventId"]
        if not page["hasMore"]:
            return ids, after


def of_two_years(now):
    for days in (-30, 336):  # a range has 366 days at most
        first, last = ((now + dt.timedelta(days=n)).date().isoformat() for n in (days, days + 366))
        yield from pages("/api/bookings", limit=200, **{"from": first, "to": last})


def sync(hotel, theirs):
    for booking in theirs:
        pull(hotel, booking)
    for row in hotel.rows("SELECT * FROM bookings"):
        over = row["status"] == "CANCELLED" and (row["synced"] is None or "CANCELLED" in row["synced"])
        if not over and row["synced"] != json.dumps([row["arrives"], row["departs"], row["status"]]):
            hotel.attempt(f"booking {row['ref']}", push, hotel, row)


def state_of(hotel, booking):
    first = booking["items"][0]
    days = [dt.datetime.fromisoformat(first[end].replace("Z", "+00:00")).astimezone(hotel.zone).date().isoformat() for end in ("startsAt", "endsAt")]
    return [*days, STATUS.get(booking["status"], booking["status"])]


def pull(hotel, booking):
    theirs, ref = state_of(hotel, booking), booking["source"].removeprefix("pms-")
    if ref != booking["source"]:  # made by push(), whose answer may have been lost
        hotel.write("UPDATE bookings SET orkestr_id = ?, attempt = NULL, synced = ? WHERE ref = ? AND orkestr_id IS NULL",
                    booking["id"], json.dumps(theirs), ref)
    ours = hotel.row("SELECT * FROM bookings WHERE orkestr_id = ?", booking["id"])
    room = hotel.row("SELECT code FROM rooms WHERE offering_id = ?", booking["items"][0]["offeringId"])
    if not ours and room and theirs[2] != "CANCELLED":
        hotel.write("INSERT INTO bookings (room, arrives, departs, status, guest, email, orkestr_id, synced) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                    room["code"], *theirs, booking["customer"]["name"], booking["customer"]["email"], booking["id"], json.dumps(theirs))
        hotel.tell(f"< room {room['code']}: {' '.join(theirs)}")
    if ours and theirs != (before := json.loads(ours["synced"])):
        # Each field as Orkestr changed it; what it left alone stays as it is here, and goes out afterwards.
        fields = zip(theirs, before, (ours["arrives"], ours["departs"], ours["status"]))
        merged = theirs if theirs[2] == "CANCELLED" else [t if t != b else o for t, b, o in fields]
        hotel.write("UPDATE bookings SET arrives = ?, departs = ?, status = ?, synced = ? WHERE ref = ?", *merged, json.dumps(theirs), ours["ref"])
        hotel.tell(f"< booking {ours['ref']}: {' '.join(theirs)}")


def push(hotel, row):
    def keep(booking):
        state = state_of(hotel, booking)
        hotel.write("UPDATE bookings SET orkestr_id = ?, attempt = NULL, synced = ? WHERE ref = ?", booking["id"], json.dumps(state), row["ref"])
        hotel.tell(f"> booking {row['ref']}: {' '.join(state)}")
        return f"/api/bookings/{booking['id']}", state

    starts, ends = (dt.datetime.fromisoformat(row[day]).replace(tzinfo=hotel.zone).isoformat() for day in ("arrives", "departs"))
    path, theirs = f"/api/bookings/{row['orkestr_id']}", json.loads(row["synced"] or "null")
    if not theirs:
        key = row["attempt"] or str(uuid.uuid4())
        hotel.write("UPDATE bookings SET attempt = ? WHERE ref = ?", key, row["ref"])  # before it is used
        offering = hotel.row("SELECT offering_id FROM rooms WHERE code = ?", row["room"])["offering_id"]
        try:
            path, theirs = keep(call("POST", "/api/bookings", {"offeringId": offering, "startsAt": starts, "endsAt": ends, "source": f"pms-{row['ref']}",
                                                               "customer": {"name": row["guest"], "email": row["email"]}}, key))
        except Refused:  # the refusal is kept under the key as well: the next attempt has another
            hotel.write("UPDATE bookings SET attempt = NULL WHERE ref = ?", row["ref"])
            raise
    if row["status"] != "CANCELLED" and theirs[:2] != [row["arrives"], row["departs"]]:
        path, theirs = keep(call("PATCH", path, {"startsAt": starts, "endsAt": ends}))
    if row["status"] not in (theirs[2], "PENDING"):
        keep(call("POST", path + ("/cancel" if row["status"] == "CANCELLED" else "/approve"), {}))
