"""Reviews and disputes from the running server: from a booking to the money back, and many at once.

    trust_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import concurrent.futures
import json
import random
import sys
import tempfile
import time
import unittest

import with_demo
from with_demo import Caller, demo_server

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None


class Trust(unittest.TestCase):
    def done(self, answer, status=200):
        self.assertEqual(answer[0], status, answer[1])
        return answer[1]

    def shop(self, call):
        """An offering of 50 at a time, and a function that books it and has the booking approved."""
        offering = self.done(call("POST", "/v1/api/offerings", {"title": "Trust Room", "productTypeKey": "space", "basePriceCents": 5000,
                                                                "currency": "EUR", "status": "PUBLISHED"}), 201)
        for weekday in range(7):
            self.done(call("POST", f"/v1/provider/offerings/{offering['id']}/availability/rules",
                           {"dayOfWeek": weekday, "startTime": "08:00", "endTime": "20:00", "slotMinutes": 60, "capacity": 50}), 201)
        day = lambda n: time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * 86400))  # noqa: E731
        slot = self.done(call("GET", f"/v1/api/slots?offeringId={offering['id']}&from={day(3)}&to={day(5)}"))["slots"][0]

        def book(name):
            made = self.done(call("POST", "/v1/public/atlas/bookings",
                                  {"offeringId": offering["id"], "startsAt": slot["startsAt"], "endsAt": slot["endsAt"],
                                   "customer": {"name": f"{name} Łoś", "email": f"{name.lower()}@trust.example"}}, "none"), 201)
            booking = made["booking"]["id"]
            self.done(call("POST", f"/v1/provider/bookings/{booking}/approve"))
            return booking, f"/v1/public/atlas/bookings/{booking}", made["manageToken"]

        return offering, book

    def events(self, call):
        events, after = [], ""
        while True:
            page = self.done(call("GET", f"/v1/api/events?limit=100{after}"))
            events += page["data"]
            if not page["hasMore"]:
                return events
            after = f"&after={page['lastEventId']}"

    def test_from_a_booking_to_the_money_back(self):
        with tempfile.TemporaryDirectory() as folder:
            with demo_server(SERVER, data=folder) as (handles, _):
                call = Caller(handles)
                offering, book = self.shop(call)
                shown = lambda: self.done(call("GET", f"/v1/public/atlas/offerings/{offering['slug']}"))  # noqa: E731
                booking, path, token = book("Ada")
                review = self.done(call("POST", path + "/reviews", {"rating": 4, "text": "Bright – 日本"}, token), 201)
                other = book("Bob")
                self.done(call("POST", other[1] + "/reviews", {"rating": 5}, other[2]), 201)
                self.assertEqual((shown()["ratingAverage"], shown()["reviewCount"]), (4.5, 2))
                self.done(call("PATCH", f"{path}/reviews/{review['id']}", {"rating": 2}, token))
                self.assertEqual(shown()["ratingAverage"], 3.5)
                self.done(call("PATCH", f"/v1/api/offerings/{offering['id']}", {"title": "Trust Hall"}))
                self.assertEqual((shown()["ratingAverage"], shown()["reviewCount"], shown()["title"]), (3.5, 2, "Trust Hall"))
                self.done(call("POST", f"/v1/provider/reviews/{review['id']}/reply", {"text": "Come again!"}))
                self.assertEqual(call("PATCH", f"{path}/reviews/{review['id']}", {"rating": 5}, token)[0], 409)
                public = self.done(call("GET", f"/v1/public/atlas/offerings/{offering['slug']}/reviews"))["data"]
                self.assertEqual([(row["author"], row["rating"], row["reply"]) for row in public], [("Bob Ł.", 5, None), ("Ada Ł.", 2, "Come again!")])

                self.done(call("POST", f"/v1/provider/bookings/{booking}/payments", {"amountCents": 5000}))
                dispute = self.done(call("POST", path + "/disputes", {"reason": "The door was locked.", "category": "NOT_PROVIDED",
                                                                      "evidenceUrls": ["https://photos.example/door.jpg"]}, token), 201)
                mine, theirs = f"{path}/disputes/{dispute['id']}", f"/v1/provider/disputes/{dispute['id']}"
                self.done(call("POST", theirs + "/messages", {"text": "It was open."}), 201)
                self.done(call("POST", mine + "/messages", {"text": "See the photo."}, token), 201)
                self.assertEqual(self.done(call("POST", mine + "/escalate", None, token))["status"], "ESCALATED")
                self.assertEqual(call("POST", theirs + "/resolve", {"resolution": "KEEP_PAYMENT", "note": "No."})[0], 403)
                done = self.done(call("POST", theirs + "/resolve", {"resolution": "REFUND", "note": "You are right."}))
                self.assertEqual((done["status"], done["refundCents"], len(done["messages"])), ("RESOLVED", 5000, 2))
            # All of it is there after a restart.
            with demo_server(SERVER, data=folder) as (handles, _):
                call = Caller(handles)
                thread = self.done(call("GET", mine, None, token))
                self.assertEqual((thread["note"], [message["authorRole"] for message in thread["messages"]]), ("You are right.", ["PROVIDER", "CUSTOMER"]))
                self.assertNotIn("key_", json.dumps(thread))
                money = self.done(call("GET", f"/v1/provider/bookings/{booking}"))
                self.assertEqual((money["status"], money["payments"][0]["refundedCents"]), ("REFUNDED", 5000))
                self.assertEqual(self.done(call("GET", f"/v1/public/atlas/offerings/{offering['slug']}"))["ratingAverage"], 3.5)
                events = self.events(call)
                about = [event for event in events if event["data"].get("disputeId") == dispute["id"]]
                self.assertEqual([event["type"] for event in about], ["dispute.opened", "dispute.message", "dispute.message", "dispute.resolved"])
                self.assertEqual(about[-1]["data"]["resolution"], "REFUND")
                self.assertEqual(sum(event["type"] == "booking.refunded" and event["data"]["bookingId"] == booking for event in events), 1)
                self.assertEqual(sum(event["type"] == "review.created" and event["data"]["offeringId"] == offering["id"] for event in events), 2)

    def test_what_the_customer_escalates_an_admin_resolves(self):
        with tempfile.TemporaryDirectory() as folder:
            by_admin = with_demo.prepare(SERVER, folder)["adminToken"]
            with demo_server(SERVER, data=folder) as (handles, _):
                call = Caller(handles)
                _, book = self.shop(call)
                booking, path, token = book("Ada")
                tenant = self.done(call("GET", "/v1/api/me"))["tenant"]["id"]
                self.done(call("POST", f"/v1/provider/bookings/{booking}/payments", {"amountCents": 5000}))
                dispute = self.done(call("POST", path + "/disputes", {"reason": "The door was locked."}, token), 201)["id"]
                place = f"/v1/admin/disputes/{tenant}/{dispute}"
                queue = lambda: self.done(call("GET", "/v1/admin/disputes?status=ESCALATED", None, by_admin))["data"]  # noqa: E731
                self.assertNotIn(dispute, [row["dispute"]["id"] for row in queue()])
                self.done(call("POST", f"{path}/disputes/{dispute}/escalate", None, token))
                self.assertEqual([(row["tenantId"], row["dispute"]["id"]) for row in queue()], [(tenant, dispute)])
                for stranger in (token, None):  # the customer's token, the tenant's key
                    self.assertEqual(call("GET", place, None, stranger)[0], 401)
                    self.assertEqual(call("POST", place + "/resolve", {"resolution": "REFUND", "note": "x"}, stranger)[0], 401)
                self.done(call("POST", place + "/messages", {"text": "Who had the key?"}, by_admin), 201)
                decision = {"resolution": "REFUND", "note": "Nobody had."}
                done = self.done(call("POST", place + "/resolve", decision, by_admin))["dispute"]
                self.assertEqual((done["status"], done["resolvedBy"], done["refundCents"]), ("RESOLVED", "ADMIN", 5000))
                self.assertEqual(call("POST", place + "/resolve", decision, by_admin)[0], 409)
                money = self.done(call("GET", f"/v1/provider/bookings/{booking}"))
                self.assertEqual((money["status"], money["payments"][0]["refundedCents"]), ("REFUNDED", 5000))
                about = [event for event in self.events(call) if event["data"].get("disputeId") == dispute]
                self.assertEqual([event["type"] for event in about], ["dispute.opened", "dispute.message", "dispute.resolved"])
                self.assertEqual((about[1]["data"]["authorRole"], about[2]["data"]["refundCents"]), ("ADMIN", 5000))
                logs = [self.done(call("GET", "/v1/provider/audit?actor=ADMIN"))["data"],
                        self.done(call("GET", f"/v1/admin/actions?tenantId={tenant}", None, by_admin))["data"]]
                for log in logs:
                    done = [(row["action"], row["subject"]) for row in log if row["action"].startswith("dispute.")]
                    self.assertIn(("booking.refund", booking), [(row["action"], row["subject"]) for row in log])
                    self.assertEqual(done, [("dispute.resolve", dispute), ("dispute.message", dispute)])

    def test_many_at_once_are_one_after_the_other(self):
        with demo_server(SERVER) as (handles, _), concurrent.futures.ThreadPoolExecutor(8) as pool:
            call = Caller(handles)
            offering, book = self.shop(call)
            visits = [book(f"Customer{n % 6}") for n in range(12)]  # two each

            def act(seed):
                dice = random.Random(seed)
                answers = []
                for _ in range(12):
                    _, path, token = dice.choice(visits)
                    rating = dice.randint(1, 5)
                    kind = dice.randrange(5)
                    own = call("GET", path + "/reviews", None, token)[1]["data"]
                    if kind == 0:
                        answers.append(call("PATCH", f"/v1/api/offerings/{offering['id']}", {"description": str(rating)}))
                    elif not own:
                        answers.append(call("POST", path + "/reviews", {"rating": rating}, token))
                    elif kind < 4:
                        answers.append(call("PATCH", f"{path}/reviews/{own[0]['id']}", {"rating": rating}, token))
                    else:
                        answers.append(call("DELETE", f"{path}/reviews/{own[0]['id']}", None, token))
                return answers

            statuses = [status for answers in pool.map(act, range(8)) for status, _ in answers]
            self.assertLessEqual(set(statuses), {200, 201, 204, 404, 409})
            self.assertGreater(statuses.count(201), 5)
            self.assertGreater(statuses.count(200), 10)
            rows = self.done(call("GET", f"/v1/provider/reviews?offeringId={offering['id']}&limit=200"))["data"]
            self.assertEqual(len({row["customerId"] for row in rows}), len(rows))
            shown = self.done(call("GET", f"/v1/public/atlas/offerings/{offering['slug']}"))
            self.assertEqual(shown["reviewCount"], len(rows))
            total = sum(row["rating"] for row in rows)
            self.assertEqual(shown["ratingAverage"], (200 * total + len(rows)) // (2 * len(rows)) / 100 if rows else None)

            for booking, path, token in visits[:4]:
                self.done(call("POST", f"/v1/provider/bookings/{booking}/payments", {"amountCents": 5000}))
                opened = list(pool.map(lambda n: call("POST", path + "/disputes", {"reason": "x"}, token) if n % 2 else
                                       call("POST", f"/v1/provider/bookings/{booking}/disputes", {"reason": "x"}), range(6)))
                self.assertEqual(sorted(status for status, _ in opened), [201] + [409] * 5)
                dispute = self.done(call("GET", f"/v1/provider/disputes?bookingId={booking}"))["data"][0]["id"]
                resolved = list(pool.map(lambda n: call("POST", f"/v1/provider/disputes/{dispute}/resolve",
                                                        {"resolution": "REFUND", "note": str(n), "refundCents": 1000}), range(6)))
                self.assertEqual(sorted(status for status, _ in resolved), [200] + [409] * 5)
                self.assertEqual(self.done(call("GET", f"/v1/provider/bookings/{booking}"))["payments"][0]["refundedCents"], 1000)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
