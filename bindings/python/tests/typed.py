"""Checked by mypy, not run: that the types are as they are used."""

from datetime import datetime, timezone
from pathlib import Path

import orkestr

now = datetime.now(timezone.utc)
slots: list[orkestr.Slot] = orkestr.Schedule("UTC", [orkestr.Rule(1, "09:00", "17:00")]).slots(now, now, taken=[orkestr.Occupancy(now, now)])
starts: datetime = slots[0].starts_at
total: int = orkestr.PriceList({"title": "Loft"}).quote(now, now).total
with orkestr.Platform(Path("orkestr.db"), secrets="", webhooks=False, clock=lambda: now, on_events=lambda: None) as platform:
    tenant, key = platform.create_tenant("Atlas", "atlas")
    status: int = platform.handle("GET", "/v1/api/me", headers={"Authorization": key}).status
    orkestr.wsgi(platform)
    orkestr.asgi(platform)
sent_at: datetime = orkestr.verify_webhook(b"", {}, ["whsec_"]).sent_at
pointers: list[str] = [fault.pointer for fault in orkestr.Error("", 0, "", "{}").faults]
orkestr.Rule(start_time="09:00", end_time="17:00")  # type: ignore[call-arg]  # a rule has a day
slots[0].remaining = 7  # type: ignore[misc]  # and what was found stays
