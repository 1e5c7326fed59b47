"""Webhooks from the running server: what arrives is accepted by other implementations, names that lead inside reach nothing, and no
secret is in the files.

    webhooks_test.py SERVER TOOLS [CLUSTER]

TOOLS is the folder into which tests/engine/webhook_interop/run has installed the libraries. With the folder of a PostgreSQL cluster
(scripts/postgres), the same on PostgreSQL.
"""

import http.server
import json
import pathlib
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import with_demo
from with_demo import demo_server

SERVER, TOOLS = sys.argv[1], sys.argv[2]
with_demo.CLUSTER = sys.argv[3] if len(sys.argv) > 3 else None
INTEROP = pathlib.Path(__file__).parent.parent / "engine" / "webhook_interop"


class Receiver(http.server.ThreadingHTTPServer):
    """Answers 200 and keeps what came: headers as they were spelt, and the body's bytes."""

    def __init__(self):
        self.came = []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def do_POST(handler):
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                self.came.append((handler.path, dict(handler.headers.items()), body))
                handler.send_response(200)
                handler.send_header("Content-Length", "0")
                handler.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}"


class NameServer:
    """Answers every question for an IPv4 address with the next of a list, and has no IPv6 ones."""

    def __init__(self, *addresses):
        self.addresses, self.asked = addresses, 0
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.name = "127.0.0.1:%d" % self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            query, peer = self.socket.recvfrom(512)
            end = query.index(b"\0", 12) + 5
            kind = struct.unpack("!H", query[end - 4:end - 2])[0]
            answer = b""
            if kind == 1:
                address = self.addresses[min(self.asked, len(self.addresses) - 1)]
                self.asked += 1
                answer = b"\xc0\x0c" + struct.pack("!HHIH", 1, 1, 0, 4) + socket.inet_aton(address)
            header = query[:2] + struct.pack("!HHHHH", 0x8180, 1, 1 if answer else 0, 0, 0)
            self.socket.sendto(header + query[12:end] + answer, peer)


class Canary:
    """Counts who connects."""

    def __init__(self):
        self.hits = 0
        self.socket = socket.create_server(("127.0.0.1", 0))
        self.port = self.socket.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            self.socket.accept()[0].close()
            self.hits += 1


class Caller:
    def __init__(self, handles):
        self.handles = handles

    def __call__(self, method, path, body=None, key="adminKey", raw=False):
        request = urllib.request.Request(self.handles["baseUrl"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                         headers={"Authorization": f"Bearer {self.handles[key]}", "Content-Type": "application/json"})
        try:
            with urllib.request.urlopen(request) as response:
                text = response.read()
                return response.status, text.decode() if raw else json.loads(text) if text else None
        except urllib.error.HTTPError as refusal:
            return refusal.code, json.loads(refusal.read())

    def subscribe(self, url, *events):
        status, webhook = self("POST", "/v1/provider/webhooks", {"url": url, "events": list(events)})
        assert status == 201, webhook
        return webhook


def comes_to(what, seconds=30):
    until = time.monotonic() + seconds
    while not (result := what()):
        if time.monotonic() > until:
            raise AssertionError("it did not come to pass")
        time.sleep(0.02)
    return result


class Deliveries(unittest.TestCase):
    def test_others_accept_what_arrives(self):
        receiver, lines = Receiver(), []
        with tempfile.TemporaryDirectory() as folder, demo_server(SERVER, "--dev", data=folder) as (handles, _):
            call = Caller(handles)
            webhook = call.subscribe(receiver.url + "/all", "*")
            path = f"/v1/provider/webhooks/{webhook['id']}"
            deliveries = path + "/deliveries?limit=200"

            def collect(*secrets):
                comes_to(lambda: not any(row["status"] == "PENDING" for row in call("GET", deliveries)[1]["data"]))
                for _, headers, body in receiver.came:
                    lines.append(json.dumps({"secrets": secrets, "headers": headers, "body": body.decode()}))
                count = len(receiver.came)
                receiver.came.clear()
                return count

            # Something of everything that the API can make happen.
            day = 86400
            date = lambda days: time.strftime("%Y-%m-%d", time.gmtime(time.time() + days * day))  # noqa: E731
            offering = call("POST", "/v1/api/offerings", {"title": "Zürich – “Loft” 🎉", "productTypeKey": "space", "basePriceCents": 5000,
                                                          "currency": "EUR", "status": "PUBLISHED"})[1]["id"]
            for weekday in range(7):
                self.assertEqual(call("POST", f"/v1/provider/offerings/{offering}/availability/rules",
                                      {"dayOfWeek": weekday, "startTime": "08:00", "endTime": "20:00", "slotMinutes": 60, "capacity": 9})[0], 201)
            self.assertEqual(call("POST", "/v1/api/coupons", {"code": "HOOK", "kind": "PERCENT", "amount": 10})[0], 201)
            slots = call("GET", f"/v1/api/slots?offeringId={offering}&from={date(3)}&to={date(6)}")[1]["slots"]
            bookings = []
            for n in range(3):
                status, booking = call("POST", "/v1/api/bookings", {
                    "offeringId": offering, "startsAt": slots[n]["startsAt"], "endsAt": slots[n]["endsAt"],
                    "customer": {"name": "Ada “A” Łoś", "email": f"ada{n}@example.com"}, **({"couponCode": "HOOK"} if n == 0 else {})})
                self.assertEqual(status, 201, booking)
                bookings.append(booking["id"])
            call("POST", f"/v1/api/bookings/{bookings[0]}/approve")
            call("PATCH", f"/v1/api/bookings/{bookings[0]}", {"startsAt": slots[5]["startsAt"], "endsAt": slots[5]["endsAt"]})
            call("POST", f"/v1/api/bookings/{bookings[0]}/cancel", {"reason": "naïve 日本"})
            call("POST", f"/v1/provider/bookings/{bookings[1]}/payments", {"amountCents": 5000})
            call("POST", f"/v1/provider/bookings/{bookings[1]}/approve")
            call("POST", f"/v1/provider/bookings/{bookings[1]}/refunds", {"amountCents": 5000})
            call("POST", path + "/test")
            self.assertGreaterEqual(collect(webhook["secret"]), 10)
            events = {row["event"] for row in call("GET", deliveries)[1]["data"]}
            self.assertLessEqual({"offering.published", "booking.created", "booking.confirmed", "booking.rescheduled", "booking.cancelled",
                                  "booking.refunded", "coupon.redeemed", "webhook.test"}, events)

            rotated = call("POST", path + "/rotate")[1]["secret"]
            call("POST", path + "/test")
            collect(webhook["secret"], rotated)
            call("POST", path + "/promote")
            call("POST", path + "/test")
            collect(rotated, webhook["secret"])
            leaked = call("POST", path + "/rotate", {"revokeOld": True})[1]["secret"]
            call("POST", path + "/test")
            collect(leaked)

            # The feed holds what was sent, byte for byte.
            feed, after = [], ""
            while True:
                page = call("GET", f"/v1/api/events?limit=100{after}")[1]
                feed += page["data"]
                if not page["hasMore"]:
                    break
                after = f"&after={page['lastEventId']}"
            sent = [json.loads(line)["body"] for line in lines]
            self.assertEqual(len(sent), len(set(sent)))
            ids = [json.loads(body)["id"] for body in sent]
            known = {event["id"]: event for event in feed}
            self.assertEqual([known[id] for id in ids], [json.loads(body) for body in sent])

            # What is read from the database is left out while that is busy.
            metrics = with_demo.comes_to(lambda: [text for text in [call("GET", "/metrics", raw=True)[1]] if "oldest_pending" in text])[0]
            for text in (f'orkestr_webhook_attempts_total{{outcome="succeeded"}} {len(lines)}', "orkestr_webhook_oldest_pending_seconds 0",
                         'orkestr_webhook_breakers{state="open"} 0'):
                self.assertIn(text, metrics)
            self.assertEqual(call("GET", "/readyz", raw=True), (200, "ok\n"))

            # No secret lies in a file in clear, whatever the database is.
            secrets = [secret.removeprefix("whsec_").encode() for secret in (webhook["secret"], rotated, leaked)]
            for file in pathlib.Path(folder).rglob("*"):
                if file.is_file():
                    for secret in secrets:
                        self.assertNotIn(secret, file.read_bytes(), file)
            self.assertEqual((pathlib.Path(folder) / "secret-keys").stat().st_mode & 0o777, 0o600)

        for verifier in (["node", INTEROP / "verify.mjs", TOOLS], [f"{TOOLS}/bin/python", INTEROP / "verify.py"]):
            done = subprocess.run(verifier, input="\n".join(lines) + "\n", capture_output=True, text=True, check=False)
            self.assertEqual((done.stdout.strip(), done.returncode), (str(len(lines)), 0), done.stderr)
        print(f"{len(lines)} deliveries accepted by verify() and standardwebhooks of npm and PyPI, refused when changed")

    def test_deliveries_outlive_kill_and_stop(self):
        receiver = Receiver()
        with tempfile.TemporaryDirectory() as folder:
            ids = set()
            for round_ in range(4):
                with demo_server(SERVER, "--dev", data=folder) as (handles, process):
                    call = Caller(handles)
                    if round_ == 0:
                        webhook = call.subscribe(receiver.url + "/kill", "offering.published")
                    for n in range(25):
                        status, offering = call("POST", "/v1/api/offerings", {"title": f"Room {round_} {n}", "productTypeKey": "space",
                                                                              "basePriceCents": 1, "currency": "EUR", "status": "PUBLISHED"})
                        self.assertEqual(status, 201)
                        ids.add(offering["id"])
                    if round_ % 2 == 0:
                        process.kill()
            with demo_server(SERVER, "--dev", data=folder) as (handles, _):
                call = Caller(handles)
                comes_to(lambda: ids <= {json.loads(body)["data"]["offeringId"] for _, _, body in receiver.came})
                rows = call("GET", f"/v1/provider/webhooks/{webhook['id']}/deliveries?limit=200")[1]["data"]
                self.assertEqual(len(rows), len(ids))

    def test_names_that_lead_inside_reach_nothing(self):
        canary = Canary()
        # Public when the name is looked at, and this machine when it is looked up again; or both at once.
        names = NameServer("127.0.0.1", "203.0.113.7", "127.0.0.1")
        with demo_server(SERVER, "--dns-servers", names.name) as (handles, _):
            call = Caller(handles)
            for url in (f"https://127.0.0.1:{canary.port}/", f"http://127.0.0.1:{canary.port}/", f"https://[::ffff:127.0.0.1]:{canary.port}/",
                        f"https://2130706433:{canary.port}/", f"https://localhost:{canary.port}/", "https://169.254.169.254/latest/meta-data",
                        f"https://user@hooks.example:{canary.port}/"):
                status, refusal = call("POST", "/v1/provider/webhooks", {"url": url, "events": ["*"]})
                self.assertEqual((status, refusal["errors"][0]["pointer"]), (422, "/url"), url)
            webhook = call.subscribe(f"https://rebind.example:{canary.port}/hook", "*")
            path = f"/v1/provider/webhooks/{webhook['id']}"
            for _ in range(3):
                status, delivery = call("POST", path + "/test")
                self.assertEqual(status, 200)
                log = comes_to(lambda: call("GET", f"{path}/deliveries/{delivery['id']}")[1]["log"])
                self.assertIn(log[0]["failure"], ("refused_address", "unresolved"))
                # Neither the answer nor its log says what an address inside looks like from here.
                self.assertIsNone(log[0]["status"])
                self.assertEqual(call("PATCH", path, {"url": f"https://rebind.example:{canary.port}/{time.time()}"})[0], 200)
        self.assertEqual(canary.hits, 0)
        self.assertGreater(names.asked, 0)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1], verbosity=1)
