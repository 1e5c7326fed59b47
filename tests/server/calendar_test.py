"""The calendar of a running server, read back by the libraries of two other languages with equal events.

    calendar_test.py SERVER TOOLS [CLUSTER]

TOOLS is what tests/server/calendar/install made. With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import datetime
import json
import pathlib
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

import with_demo
from with_demo import Caller, demo_server

SERVER, TOOLS = sys.argv[1:3]
with_demo.CLUSTER = sys.argv[3] if len(sys.argv) > 3 else None
HERE = pathlib.Path(__file__).parent / "calendar"
TITLE = 'Ätelier; "Nord", \\ 二階 ' + "lang" * 20 + "\nATTENDEE:mailto:evil@example.com"


def read_back(text):
    """Of both readers, which agree."""
    python, node = (json.loads(subprocess.run(command, input=text, capture_output=True, check=True).stdout) for command in (
        [f"{TOOLS}/bin/python", HERE / "read.py"], ["node", f"{TOOLS}/read.mjs"]))
    assert python == node, (python, node)
    return node


class CalendarTest(unittest.TestCase):
    def fetch(self, path, host=None, tag=None):
        headers = {**({"Host": host} if host else {}), **({"If-None-Match": tag} if tag else {})}
        try:
            with urllib.request.urlopen(urllib.request.Request(self.base + path, headers=headers)) as answer:
                return answer.status, answer.headers, answer.read()
        except urllib.error.HTTPError as refusal:
            return refusal.code, refusal.headers, refusal.read()

    def done(self, answer, status=200):
        self.assertEqual(answer[0], status, answer[1])
        return answer[1]

    def test_what_is_booked_is_what_others_read(self):
        with tempfile.TemporaryFile("w+") as log:
            self.walk(log)
            log.seek(0)
            logged = log.read()
        self.assertIn('"/calendar/"', logged)
        for token in self.tokens:
            self.assertNotIn(token, logged)

    def walk(self, log):
        with demo_server(SERVER, "--access-log", log_level="debug", log=log) as (handles, _):
            call, self.base = Caller(handles), handles["baseUrl"]
            call.handles["adminKey"] = handles["adminKey"]
            url = self.done(call("POST", "/v1/provider/calendar-token"), 201)["url"]
            self.assertTrue(url.startswith("http://atlas.localhost:"), url)
            path = url[url.index("/calendar/"):]
            self.tokens = [path[10:-4]]

            offering = self.done(call("POST", "/v1/api/offerings", {
                "title": TITLE, "productTypeKey": "space", "basePriceCents": 100, "currency": "EUR", "status": "PUBLISHED", "slug": "nord",
                "timeZone": "Asia/Tokyo"}, handles["apiKey"]), 201)
            for day in range(7):
                self.done(call("POST", f"/v1/provider/offerings/{offering['id']}/availability/rules", {
                    "dayOfWeek": day, "startTime": "09:00", "endTime": "18:00", "slotMinutes": 60, "capacity": 3}), 201)
            today = datetime.date.today()
            slots = self.done(call("GET", f"/v1/public/atlas/offerings/nord/slots?from={today}&to={today + datetime.timedelta(days=9)}", token=""))["slots"]

            def book(slot, name):
                return self.done(call("POST", "/v1/public/atlas/bookings", {
                    "offeringId": offering["id"], "startsAt": slot["startsAt"], "endsAt": slot["endsAt"], "quantity": 2,
                    "customer": {"name": name, "email": "reader@example.com"}}, token=""), 201)["booking"]
            name = "Zoë, O'Hara; \\n \u202e" + "x" * 90
            booking = book(slots[5], name)
            item = booking["items"][0]

            def event():
                status, headers, text = self.fetch(path)
                self.assertEqual(status, 200)
                self.assertEqual(headers["Content-Type"], "text/calendar; charset=utf-8")
                self.assertTrue(all(len(line) <= 75 for line in text.split(b"\r\n")))
                self.assertNotIn(b"\nATTENDEE", text)
                calendar = read_back(text)
                self.assertEqual((calendar["name"], calendar["method"], calendar["refresh"]), ("Atlas Studios", "PUBLISH", 3600))
                [found] = [each for each in calendar["events"] if each["uid"] == item["id"] + "@localhost"]
                return found

            def instant(text):
                return text.replace("Z", ".000Z")
            seen = event()
            self.assertEqual(seen["summary"], f"{TITLE} × 2 – {name}")
            self.assertEqual((seen["start"], seen["end"]), (instant(item["startsAt"]), instant(item["endsAt"])))
            self.assertEqual(seen["status"], "TENTATIVE")
            self.assertTrue(seen["url"].endswith("/provider/bookings/" + booking["id"]))
            sequences = [seen["sequence"]]

            # Whatever changes is seen, by the same UID with a higher SEQUENCE.
            status, headers, _ = self.fetch(path)
            self.assertEqual(self.fetch(path, tag=headers["ETag"])[0], 304)
            self.done(call("POST", f"/v1/provider/bookings/{booking['id']}/approve"))
            self.assertEqual(self.fetch(path, tag=headers["ETag"])[0], 200)
            seen = event()
            self.assertEqual(seen["status"], "CONFIRMED")
            sequences.append(seen["sequence"])
            self.done(call("PATCH", f"/v1/api/bookings/{booking['id']}", {"startsAt": slots[9]["startsAt"], "endsAt": slots[9]["endsAt"]}, handles["apiKey"]))
            seen = event()
            self.assertEqual(seen["start"], instant(slots[9]["startsAt"]))
            sequences.append(seen["sequence"])
            self.done(call("POST", f"/v1/provider/bookings/{booking['id']}/cancel"))
            seen = event()
            self.assertEqual(seen["status"], "CANCELLED")
            sequences.append(seen["sequence"])
            self.assertEqual(sequences, sorted(set(sequences)))

            # On any host, also those of storefronts; and no more once it is reset.
            for host in ("atlas.localhost", "borealis.localhost", "elsewhere.example"):
                self.assertEqual(self.fetch(path, host=host)[0], 200)
            again = self.done(call("POST", "/v1/provider/calendar-token"), 201)["url"]
            self.tokens.append(again[again.index("/calendar/") + 10:-4])
            self.assertEqual(self.fetch(path)[0], 404)
            self.assertEqual(self.fetch(again[again.index("/calendar/"):])[0], 200)
            # All that the demo has is there, and read by both.
            self.assertGreater(len(read_back(self.fetch(again[again.index("/calendar/"):])[2])["events"]), 10)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
