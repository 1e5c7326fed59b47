"""A booking is mirrored once, though the CRM was down at first and the delivery comes again.   test.py SERVER"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from patterns import System, comes_to, demo, expect, pattern  # noqa: E402

with demo(sys.argv[1]) as orkestr:
    crm, (webhook, port) = System(), orkestr.subscribe("booking.confirmed")
    with pattern("crm_mirror", webhook["secret"], port, CRM_URL=crm.url):
        booking = orkestr("POST", f"/v1/api/bookings/{orkestr.handles['pendingBookingId']}/approve")
        comes_to(lambda: len(crm.calls) >= 2)
        delivery, customer = orkestr.delivery(webhook), booking["customer"]["id"]
        expect(delivery["attempts"], 2)
        expect(crm.calls, [("PUT", f"/contacts/{customer}", {"externalId": customer}, None),
                           ("POST", f"/contacts/{customer}/activities",
                            {"booking": booking["id"], "title": booking["items"][0]["offeringTitle"], "totalCents": booking["totalCents"],
                             "currency": booking["currency"]}, delivery["id"])])
        orkestr.replay(webhook, delivery)
        expect(len(crm.calls), 2)
