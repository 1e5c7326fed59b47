"""Rooms go out as offerings: new ones by POST, changed ones by PATCH, retired ones by DELETE."""
import json

from orkestr_rest import call, find, pages


def sync(hotel, since):
    """The slug is a room's key in Orkestr: an offering that was made by a run that was killed is found by it."""
    window = {"updatedSince": since.isoformat()} if since else {}
    there = {o["slug"]: o for o in pages("/api/offerings", status="ALL", limit=200, **window) if o["slug"].startswith("pms-")}
    for room in hotel.rows("SELECT * FROM rooms"):
        slug, state = f"pms-{room['code'].lower()}", json.dumps(list(room)[:5])
        if since and slug not in there and room["synced"] != state:  # it has changed here alone
            there[slug] = find(f"/api/offerings/{slug}")
        if not since or slug in there:
            hotel.attempt(f"room {room['code']}", push, hotel, room, slug, state, there.pop(slug, None))
    for slug, offering in there.items():  # the hotel does not know it any more
        call("DELETE", f"/api/offerings/{offering['id']}")
        hotel.tell(f"> {slug} is gone")


def push(hotel, room, slug, state, offering):
    if room["retired"]:
        if offering:
            call("DELETE", f"/api/offerings/{offering['id']}")
            hotel.tell(f"> room {room['code']} is retired")
        return hotel.write("UPDATE rooms SET synced = ? WHERE code = ?", state, room["code"])
    wanted = {"title": room["title"], "basePriceCents": room["price_cents"], "currency": room["currency"], "timeZone": hotel.zone.key,
              "status": "PUBLISHED"}
    if not offering:  # what names the same resource shares it: a room that comes back still has its bookings
        fixed = {"slug": slug, "productTypeKey": "space", "pricingModel": "DAILY", "resource": f"room {room['code']}"}
        offering = call("POST", "/api/offerings", wanted | fixed | {"status": "DRAFT"})
    if changed := {field: value for field, value in wanted.items() if offering[field] != value}:
        if "status" in changed:  # a room is open before it is on sale
            rules = f"/provider/offerings/{offering['id']}/availability/rules"
            for day in set(range(7)) - {rule["dayOfWeek"] for rule in pages(rules)}:
                call("POST", rules, {"dayOfWeek": day, "startTime": "00:00", "endTime": "24:00", "slotMinutes": 1440})
        call("PATCH", f"/api/offerings/{offering['id']}", changed)
        hotel.tell(f"> room {room['code']}: {', '.join(changed)}")
    hotel.write("UPDATE rooms SET offering_id = ?, synced = ? WHERE code = ?", offering["id"], state, room["code"])
