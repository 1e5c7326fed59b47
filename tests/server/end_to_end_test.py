"""The server as its users meet it: the reference's curl lines as printed, kill -9, one owner, SIGTERM.

    end_to_end_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import concurrent.futures
import datetime
import http.client
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.parse

import with_demo
from with_demo import demo_server, where

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None

# The reference document's lines, as printed; host, ids and token are substituted below.
REFERENCE = {
    "me": 'curl https://api.orkestr.in/v1/api/me \\\n  -H "Authorization: Bearer $TOKEN"',
    "create offering": """curl https://api.orkestr.in/v1/api/offerings \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{
    "title": "Soho Loft",
    "slug": "soho-loft",
    "productTypeKey": "space",
    "basePriceCents": 12000,
    "currency": "USD",
    "attributes": { "sqft": 720, "amenities": ["wifi","kitchen"] },
    "status": "PUBLISHED"
  }'""",
    "change price": """curl -X PATCH https://api.orkestr.in/v1/api/offerings/$OFFERING_ID \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{ "basePriceCents": 14400 }'""",
    "availability": """curl "https://api.orkestr.in/v1/api/availability?offeringId=$ID&from=2026-05-01&to=2026-05-08" \\
  -H "Authorization: Bearer $TOKEN\"""",
    "approve": """curl -X POST https://api.orkestr.in/v1/api/bookings/$BOOKING_ID/approve \\
  -H "Authorization: Bearer $TOKEN\"""",
    "reschedule": """curl -X PATCH https://api.orkestr.in/v1/api/bookings/$BOOKING_ID \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{ "itemId": "bki_…", "startsAt": "2026-05-12T15:00:00Z", "endsAt": "2026-05-12T17:00:00Z" }'""",
    "create coupon": """curl https://api.orkestr.in/v1/api/coupons \\
  -H "Authorization: Bearer $TOKEN" \\
  -H "Content-Type: application/json" \\
  -d '{
    "code": "SUMMER25",
    "kind": "PERCENT",
    "amount": 25,
    "validUntil": "2026-06-30T23:59:59Z",
    "maxRedemptions": 500,
    "minSubtotalCents": 5000
  }'""",
}


class Client:
    def __init__(self, base_url, token):
        self.address = urllib.parse.urlsplit(base_url).netloc
        self.token = token

    def call(self, method, path, body=None, **headers):
        connection = http.client.HTTPConnection(self.address, timeout=20)
        headers = {"Authorization": f"Bearer {self.token}", **{k.replace("_", "-"): v for k, v in headers.items()}}
        if body is not None:
            headers["Content-Type"] = "application/json"
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, (json.loads(text) if text.startswith((b"{", b"[")) else text.decode()), dict(answer.getheaders())


class EndToEnd(unittest.TestCase):
    def test_the_references_curl_lines_work_as_printed(self):
        with demo_server(SERVER) as (demo, _):
            client = Client(demo["baseUrl"], demo["apiKey"])
            item = client.call("GET", f"/v1/api/bookings/{demo['pendingBookingId']}")[1]["items"][0]["id"]

            def run(name, booking=demo["pendingBookingId"]):
                line = REFERENCE[name].replace("https://api.orkestr.in", demo["baseUrl"]).replace("bki_…", item)
                env = {**os.environ, "TOKEN": demo["apiKey"], "OFFERING_ID": demo["offeringId"], "ID": demo["offeringId"], "BOOKING_ID": booking}
                done = subprocess.run(["bash", "-c", line.replace("curl ", "curl -sS -w '\\n%{http_code}' ", 1)], env=env, capture_output=True, text=True, check=True)
                body, _, status = done.stdout.rpartition("\n")
                return int(status), json.loads(body)

            status, me = run("me")
            self.assertEqual((status, me["tenant"]["name"], me["tenant"]["subdomain"], me["scopes"]), (200, "Atlas Studios", "atlas", ["read", "write"]))
            status, offering = run("create offering")
            self.assertEqual((status, offering["slug"], offering["status"]), (201, "soho-loft", "PUBLISHED"))
            self.assertEqual(run("change price")[1]["basePriceCents"], 14400)
            status, availability = run("availability")
            self.assertEqual((status, availability["offeringId"]), (200, demo["offeringId"]))
            self.assertGreater(len(availability["rules"]), 0)
            status, booking = run("approve")
            self.assertEqual((status, booking["status"]), (200, "CONFIRMED"))
            status, booking = run("reschedule")
            self.assertEqual((status, booking["items"][0]["startsAt"]), (200, "2026-05-12T15:00:00Z"))
            status, coupon = run("create coupon")
            self.assertEqual((status, coupon["redeemedCount"]), (201, 0))

    def test_the_demo_is_a_business_with_a_history(self):
        with demo_server(SERVER) as (demo, _):
            client = Client(demo["baseUrl"], demo["apiKey"])
            offerings = client.call("GET", "/v1/api/offerings?status=ALL&limit=200")[1]["data"]
            self.assertGreaterEqual(len(offerings), 12)
            self.assertGreaterEqual(len({o["productTypeKey"] for o in offerings}), 4)
            self.assertEqual(len({o["pricingModel"] for o in offerings}), 4)
            bookings = client.call("GET", "/v1/api/bookings?limit=200")[1]["data"]
            self.assertGreaterEqual(len(bookings), 60)
            self.assertEqual({b["status"] for b in bookings}, {"PENDING", "CONFIRMED", "COMPLETED", "CANCELLED", "REFUNDED"})
            self.assertGreaterEqual(len(client.call("GET", "/v1/api/coupons")[1]["data"]), 3)
            self.assertEqual(client.call("GET", f"/v1/api/bookings/{demo['pendingBookingId']}")[1]["status"], "PENDING")
            self.assertEqual(client.call("GET", f"/v1/api/bookings/{demo['confirmedBookingId']}")[1]["status"], "CONFIRMED")

    def test_pages_and_probes(self):
        with demo_server(SERVER) as (demo, _):
            client = Client(demo["baseUrl"], "")
            self.assertEqual(client.call("GET", "/v1/openapi.json")[1]["openapi"][:3], "3.1")
            for path in ("/livez", "/readyz", "/metrics", "/docs"):
                self.assertEqual(client.call("GET", path)[0], 200, path)
            page = client.call("GET", "/docs")[1]
            for asset in re.findall(r'(?:src|href)="(/docs/[^"]+)"', page):
                self.assertEqual(client.call("GET", asset)[0], 200, asset)
            self.assertNotRegex(page, r'(?:src|href)="https?://')

    def test_fifty_parallel_reschedules_never_pass_a_capacity(self):
        with demo_server(SERVER) as (demo, _):
            admin = Client(demo["baseUrl"], demo["adminKey"])
            bookings = [b for status in ("PENDING", "CONFIRMED")
                        for b in admin.call("GET", f"/v1/api/bookings?status={status}&limit=200")[1]["data"]]
            by_offering = {}
            for booking in bookings:
                by_offering.setdefault(booking["items"][0]["offeringId"], []).append(booking)
            offering, mine = max(by_offering.items(), key=lambda entry: len(entry[1]))
            query = f"/v1/api/availability?offeringId={offering}&from=2027-01-11&to=2027-01-25&expand=slots"
            target = admin.call("GET", query)[1]["slots"][3]
            body = {"startsAt": target["startsAt"], "endsAt": target["endsAt"]}
            # Each booking is asked for many times: the same move twice is no second claim.
            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                statuses = list(pool.map(lambda b: admin.call("PATCH", f"/v1/api/bookings/{b['id']}", body)[0], mine * (50 // len(mine) + 1)))
            self.assertLessEqual(set(statuses), {200, 409})
            after = [s for s in admin.call("GET", query)[1]["slots"] if s["startsAt"] == target["startsAt"]][0]
            moved = [b for b in admin.call("GET", f"/v1/api/bookings?offeringId={offering}&limit=200")[1]["data"]
                     if b["status"] in ("PENDING", "CONFIRMED") and b["items"][0]["startsAt"] == target["startsAt"]]
            self.assertEqual(len(moved), min(len(mine), target["capacity"]))
            self.assertEqual(after["remaining"], target["capacity"] - len(moved))

    def test_a_visitor_books_without_a_key_and_fifty_race_for_one_unit(self):
        with demo_server(SERVER) as (demo, _):
            visitor = Client(demo["baseUrl"], "")
            shop = "/v1/public/atlas"
            offerings = visitor.call("GET", f"{shop}/offerings?sort=price&limit=200")[1]["data"]
            today = datetime.date.today()
            for offering in offerings:
                query = f"{shop}/offerings/{offering['slug']}/slots?from={today}&to={today + datetime.timedelta(days=30)}"
                slots = [s for s in visitor.call("GET", query)[1]["slots"] if s["remaining"] == 1]
                if slots:
                    break
            slot = {"offeringId": offering["id"], "startsAt": slots[0]["startsAt"], "endsAt": slots[0]["endsAt"]}
            status, quote, _ = visitor.call("POST", f"{shop}/quotes", slot)
            self.assertEqual((status, quote["totalCents"]), (200, slots[0]["priceCents"]))

            def book(n):
                body = {**slot, "customer": {"name": f"Guest {n}", "email": f"guest{n}@customers.example"}, "expectedTotalCents": quote["totalCents"]}
                return visitor.call("POST", f"{shop}/bookings", body)

            with concurrent.futures.ThreadPoolExecutor(16) as pool:
                answers = list(pool.map(book, range(50)))
            won = [body for status, body, _ in answers if status == 201]
            # One gets it; the others are told that it is gone, or that so many tries from one address are too risky.
            self.assertEqual(len(won), 1)
            self.assertLessEqual({status for status, _, _ in answers}, {201, 403, 409})
            customer = Client(demo["baseUrl"], won[0]["manageToken"])
            path = f"{shop}/bookings/{won[0]['booking']['id']}"
            self.assertEqual(customer.call("GET", path)[1]["status"], won[0]["booking"]["status"])
            terms = customer.call("POST", f"{path}/cancel?dryRun=true")[1]
            self.assertEqual(customer.call("POST", f"{path}/cancel")[1]["refundCents"], terms["refundCents"])
            self.assertEqual(visitor.call("POST", f"{shop}/holds", slot)[0], 201)

    def test_acknowledged_writes_survive_kill_9(self):
        with tempfile.TemporaryDirectory() as data:
            acknowledged = []
            for round_number in range(6):
                with demo_server(SERVER, data=data) as (demo, process):
                    client = Client(demo["baseUrl"], demo["apiKey"])

                    def write(n):
                        try:
                            status, body, _ = client.call("POST", "/v1/api/coupons", {"code": f"K{round_number}-{n}", "kind": "PERCENT", "amount": 5})
                            return body["id"] if status == 201 else None
                        except (OSError, http.client.HTTPException):
                            return None

                    with concurrent.futures.ThreadPoolExecutor(8) as pool:
                        writes = [pool.submit(write, n) for n in range(400)]
                        time.sleep(0.1 + 0.05 * round_number)
                        process.send_signal(signal.SIGKILL)
                        acknowledged += [done.result() for done in writes if done.result()]
            self.assertGreater(len(acknowledged), 20)
            with demo_server(SERVER, data=data) as (demo, _):
                client = Client(demo["baseUrl"], demo["apiKey"])
                lost = [c for c in acknowledged if client.call("GET", f"/v1/api/coupons/{c}")[0] != 200]
            self.assertEqual(lost, [])

    def test_a_second_process_shares_a_database_but_no_file(self):
        with tempfile.TemporaryDirectory() as data, demo_server(SERVER, data=data) as (demo, _):
            if with_demo.CLUSTER:
                with demo_server(SERVER, data=data) as (other, _):
                    slug = Client(demo["baseUrl"], demo["apiKey"]).call("GET", f"/v1/api/offerings/{demo['offeringId']}")[1]["slug"]
                    self.assertEqual(Client(other["baseUrl"], demo["apiKey"]).call("GET", f"/v1/api/offerings/{demo['offeringId']}")[1]["slug"], slug)
                return
            second = subprocess.run([SERVER, "--port", "0", "--data", data], capture_output=True, text=True, check=False, timeout=20)
            self.assertEqual(second.returncode, 1)
            self.assertIn("held by another process", second.stderr)

    def test_a_tenant_is_made_from_the_command_line(self):
        with tempfile.TemporaryDirectory() as data:
            made = subprocess.run([SERVER, *where(data), "create-tenant", "--name", "Acme", "--subdomain", "acme", "--time-zone", "Europe/Madrid"],
                                  capture_output=True, text=True, check=True)
            token = re.search(r"ork_\S+", made.stdout)[0]
            with demo_server(SERVER, data=data) as (demo, _):
                status, me, _ = Client(demo["baseUrl"], token).call("GET", "/v1/api/me")
                self.assertEqual((status, me["tenant"]["name"], me["tenant"]["timeZone"]), (200, "Acme", "Europe/Madrid"))
                self.assertEqual(Client(demo["baseUrl"], token).call("GET", "/v1/api/offerings?status=ALL")[1]["data"], [])
            again = subprocess.run([SERVER, *where(data), "create-tenant", "--name", "Acme", "--subdomain", "acme"], capture_output=True, text=True, check=False)
            self.assertEqual((again.returncode, again.stderr.strip()), (1, "orkestr-server: Another tenant has that subdomain."))

    def test_help_fits_a_screen(self):
        text = subprocess.run([SERVER, "--help"], capture_output=True, text=True, check=True).stdout
        self.assertLessEqual(len(text.splitlines()), 60)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 160, line)


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
