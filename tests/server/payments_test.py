"""Payments from the running server: by test cards, and by Stripe, whose place a peer on loopback takes, while the server is killed.

    payments_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import contextlib
import json
import signal
import sys
import tempfile
import time
import unittest

import with_demo
from stripe_peer import SECRET, Stripe
from with_demo import Caller, comes_to, demo_server

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None


class Payments(unittest.TestCase):
    def done(self, answer, status=200):
        self.assertEqual(answer[0], status, answer[1])
        return answer[1]

    def shop(self, call):
        offering = self.done(call("POST", "/v1/api/offerings", {"title": "Paid Room", "productTypeKey": "space", "basePriceCents": 4000, "currency": "EUR",
                                                                "autoApprove": True, "status": "PUBLISHED"}), 201)
        for weekday in range(7):
            self.done(call("POST", f"/v1/provider/offerings/{offering['id']}/availability/rules",
                           {"dayOfWeek": weekday, "startTime": "08:00", "endTime": "20:00", "slotMinutes": 60, "capacity": 50}), 201)
        return offering

    def check_out(self, call, offering):
        """Returns the path of a booking that is to be paid for, and its token."""
        day = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 20 * 86400))
        slots = self.done(call("GET", f"/v1/public/atlas/offerings/{offering['slug']}/slots?from={day}T00:00:00Z&to={day}T23:59:00Z", token=""))["slots"]
        made = self.done(call("POST", "/v1/public/atlas/bookings",
                              {"offeringId": offering["id"], "startsAt": slots[0]["startsAt"], "endsAt": slots[0]["endsAt"],
                               "customer": {"name": "Ada", "email": "ada@example.com"}, "payment": {"method": "ONLINE"}}, token=""), 201)
        return f"/v1/public/atlas/bookings/{made['booking']['id']}", made["manageToken"]

    def is_now(self, call, path, token, status):
        return comes_to(lambda: (booking := self.done(call("GET", path, None, token)))["status"] == status and booking)

    def test_cards(self):
        with demo_server(SERVER) as (handles, _):
            call = Caller(handles)
            path, token = self.check_out(call, self.shop(call))
            opened = self.done(call("POST", path + "/pay", None, token))
            self.assertEqual((opened["provider"], opened["amountCents"], opened["state"]), ("test", 4000, "requires_method"))
            card = lambda number: self.done(call("POST", "/v1/test-gateway/pay", {"clientSecret": opened["clientSecret"], "cardNumber": number}, ""))  # noqa: E731
            self.assertEqual(card("4000 0000 0000 0002")["failureCode"], "card_declined")
            self.assertEqual(card("4000 0027 6000 3184")["state"], "requires_action")
            self.assertEqual(self.done(call("POST", "/v1/test-gateway/authenticate", {"clientSecret": opened["clientSecret"]}, ""))["state"], "succeeded")
            self.assertEqual(self.is_now(call, path, token, "CONFIRMED")["payments"][0]["status"], "SUCCEEDED")
            booking = path.rsplit("/", 1)[1]
            self.done(call("POST", f"/v1/provider/bookings/{booking}/refunds", {"amountCents": 1500}))
            comes_to(lambda: self.done(call("GET", path, None, token))["payments"][0]["refundedCents"] == 1500)
            self.done(call("POST", path + "/cancel", None, token))
            self.is_now(call, path, token, "REFUNDED")
            refunds = self.done(call("GET", path + "/refunds", None, token))["data"]
            self.assertEqual([(row["amountCents"], row["reason"], row["status"]) for row in refunds],
                             [(2500, "CANCELLATION", "SUCCEEDED"), (1500, "PROVIDER", "SUCCEEDED")])
            deeds = self.done(call("GET", f"/v1/provider/audit?subject={booking}"))["data"]
            self.assertEqual([(row["actor"], row["action"]) for row in reversed(deeds)],
                             [("VISITOR", "booking.create"), ("GATEWAY", "booking.confirm"), ("CUSTOMER", "booking.cancel"), ("GATEWAY", "booking.refund")])

    @contextlib.contextmanager
    def with_stripe(self, peer, folder):
        with demo_server(SERVER, "--dev", "--payments", "stripe", "--stripe-url", peer.url, "--stripe-secret-key", "sk_test_peer",
                         "--stripe-webhook-secrets", SECRET, "--stripe-public-key", "pk_test_peer", data=folder) as (handles, process):
            peer.target = handles["baseUrl"]
            yield Caller(handles), process

    def test_stripe(self):
        peer = Stripe()
        with tempfile.TemporaryDirectory() as folder:
            with self.with_stripe(peer, folder) as (call, process):
                offering = self.shop(call)
                path, token = self.check_out(call, offering)
                opened = self.done(call("POST", path + "/pay", None, token))
                self.assertEqual((opened["provider"], opened["publicKey"]), ("stripe", "pk_test_peer"))
                self.assertEqual(self.done(call("POST", path + "/pay", None, token))["clientSecret"], opened["clientSecret"])
                self.assertEqual(len(peer.intents), 1)
                self.assertTrue(peer.pay(opened["clientSecret"]))
                self.is_now(call, path, token, "CONFIRMED")
                # Again, forged, stale, and about nobody.
                told = peer.posted[-1]
                self.assertEqual([peer.deliver(told), peer.deliver(told), peer.deliver(told, secret="whsec_other"), peer.deliver(told, at=int(time.time()) - 400),
                                  peer.deliver(told.replace(b"pi_", b"pi_9"))], [204, 204, 401, 401, 204])

                # Paid while the server is dead, and the event is lost.
                second, its_token = self.check_out(call, offering)
                opened = self.done(call("POST", second + "/pay", None, its_token))
                late, late_token = self.check_out(call, offering)
                late_secret = self.done(call("POST", late + "/pay", None, late_token))["clientSecret"]
                process.send_signal(signal.SIGKILL)
                process.wait()
                peer.mute = True
                self.assertTrue(peer.pay(opened["clientSecret"]))
            with self.with_stripe(peer, folder) as (call, process):
                self.assertEqual(self.done(call("POST", second + "/pay", None, its_token))["state"], "succeeded")  # a look
                self.is_now(call, second, its_token, "CONFIRMED")
                # Called off: it can't be paid any more.
                self.done(call("POST", late + "/cancel", None, late_token))
                comes_to(lambda: not peer.pay(late_secret) if peer.intents[late_secret.removesuffix("_secret_x")]["status"] == "canceled" else False)
                # A cancellation whose refund is under way when the server dies.
                self.done(call("POST", second + "/cancel", None, its_token))
                process.send_signal(signal.SIGKILL)
                process.wait()
            with self.with_stripe(peer, folder) as (call, _):
                self.is_now(call, second, its_token, "REFUNDED")
                self.done(call("POST", path + "/cancel", None, token))
                self.is_now(call, path, token, "REFUNDED")
            self.assertEqual(sorted((i["amount_received"], i["refunded"]) for i in peer.intents.values()), [(0, 0), (4000, 4000), (4000, 4000)])
            self.assertEqual(len(peer.refunds), 2)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=2)
