"""A dispute becomes one ticket, whatever fails: the tool is down at first, and the bot loses its memory.   test.py SERVER"""
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from patterns import System, comes_to, demo, expect, pattern  # noqa: E402

with demo(sys.argv[1]) as orkestr:
    tool, (webhook, port) = System(), orkestr.subscribe("dispute.opened")
    booking = orkestr.handles["confirmedBookingId"]
    with pattern("desk_bot", webhook["secret"], port, SUPPORT_URL=tool.url):
        orkestr("POST", f"/v1/provider/bookings/{booking}/disputes", {"reason": "The room was locked."})
        comes_to(lambda: tool.calls)
        delivery = orkestr.delivery(webhook)
        ticket = ("POST", "/tickets", {"externalId": delivery["id"], "subject": "The room was locked.", "booking": booking}, None)
        expect((delivery["attempts"], tool.calls), (2, [ticket]))
        orkestr.replay(webhook, delivery)
        expect(tool.calls, [ticket])
    with pattern("desk_bot", webhook["secret"], port, SUPPORT_URL=tool.url):
        orkestr.replay(webhook, delivery | {"attempts": delivery["attempts"] + 1})
        expect(tool.calls, [ticket, ticket])  # the same external id
