"""What a VIP booked before and what they book now is approved; others wait, and so does what is held for its risk.   test.py SERVER"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from patterns import comes_to, demo, expect, pattern  # noqa: E402

with demo(sys.argv[1]) as orkestr:
    webhook, port = orkestr.subscribe("booking.created")
    vip = orkestr("GET", f"/v1/api/bookings/{orkestr.handles['pendingBookingId']}")["customer"]
    earlier = orkestr("GET", f"/v1/api/bookings?status=PENDING&customerId={vip['id']}")["data"]

    def status(booking):
        return orkestr("GET", f"/v1/api/bookings/{booking['id']}")["status"]

    orkestr("PATCH", "/v1/provider/settings", {"risk": {"holdAt": 50, "weights": [{"signal": "first_time_customer", "threshold": 1, "points": 55}]}})
    risky = orkestr.book({"name": "New", "email": "new@customers.example"})
    expect(risky["riskReviewStatus"], "PENDING")
    orkestr("PATCH", "/v1/provider/settings", {"risk": {}})
    with pattern("vip_auto_approve", webhook["secret"], port, ORKESTR_URL=orkestr.handles["baseUrl"], ORKESTR_KEY=orkestr.handles["apiKey"],
                 VIPS=f"{vip['id']},{risky['customer']['id']}") as bot:
        for booking in earlier:
            expect(bot.stdout.readline(), f"approved {booking['id']}\n")
        other = orkestr.book({"name": "Somebody", "email": "somebody@customers.example"})
        booking = orkestr.book(vip)
        expect(bot.stdout.readline(), f"approved {booking['id']}\n")
        comes_to(lambda: all(d["status"] == "SUCCEEDED" for d in orkestr("GET", f"/v1/provider/webhooks/{webhook['id']}/deliveries")["data"]))
    expect({status(b) for b in (*earlier, booking)}, {"CONFIRMED"})
    expect({status(b) for b in (other, risky)}, {"PENDING"})
