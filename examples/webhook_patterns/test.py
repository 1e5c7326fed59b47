"""Runs the patterns: A and B with a server and its demo tenant, D and F with a program that dispatches by itself.

    test.py SERVER EMBEDDED
"""
import contextlib
import http.server
import json
import os
import pathlib
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent.parent / "tests" / "server"))
from with_demo import demo_server  # noqa: E402


class System(http.server.ThreadingHTTPServer):
    """A CRM, a support tool, a CMS: whatever is called. Its first answer is 503, as such things happen."""

    def __init__(self):
        self.calls, self.failed = [], False

        class Handler(http.server.BaseHTTPRequestHandler):
            def answer(handler):
                body = json.loads(handler.rfile.read(int(handler.headers["Content-Length"])))
                status = 200 if self.failed else 503
                self.failed = True
                if status == 200:
                    self.calls.append((handler.command, handler.path, body, handler.headers.get("Idempotency-Key")))
                handler.send_response(status)
                handler.send_header("Content-Length", "0")
                handler.end_headers()

            do_POST = do_PUT = do_PATCH = answer

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}"


@contextlib.contextmanager
def pattern(name, secret, **environment):
    """Runs a pattern; yields its URL."""
    process = subprocess.Popen(["node", HERE / f"{name}.mjs"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env=os.environ | {"ORKESTR_WEBHOOK_SECRET": secret, "PORT": environment.pop("PORT", "0")} | environment)
    try:
        yield process.stdout.readline().strip()
    finally:
        process.kill()
        process.wait()


def comes_to(what, seconds=30):
    until = time.monotonic() + seconds
    while not (result := what()):
        if time.monotonic() > until:
            sys.exit(f"it did not come to pass: {what.__doc__ or what}")
        time.sleep(0.05)
    return result


def expect(got, wanted):
    if got != wanted:
        sys.exit(f"expected {wanted!r}, got {got!r}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


def with_server(binary):
    with demo_server(binary, "--dev") as (handles, _):
        def call(method, path, body=None, key="adminKey"):
            request = urllib.request.Request(handles["baseUrl"] + path, method=method, data=None if body is None else json.dumps(body).encode(),
                                             headers={"Authorization": f"Bearer {handles[key]}", "Content-Type": "application/json"})
            with urllib.request.urlopen(request) as response:
                return json.load(response)

        def subscribe(port, *events):
            return call("POST", "/v1/provider/webhooks", {"url": f"http://127.0.0.1:{port}/", "events": list(events)})

        # The secret is known only once there is a subscription, so each pattern's port is chosen first.
        crm, ports = System(), [free_port(), free_port()]
        mirror, approve = subscribe(ports[0], "booking.confirmed"), subscribe(ports[1], "booking.created")
        pending = call("GET", f"/v1/api/bookings/{handles['pendingBookingId']}", key="apiKey")
        vip = pending["customer"]
        with pattern("crm", mirror["secret"], PORT=ports[0], CRM_URL=crm.url), \
                pattern("vip", approve["secret"], PORT=ports[1], ORKESTR_URL=handles["baseUrl"], ORKESTR_KEY=handles["apiKey"], VIPS=vip["id"]):
            # An hour that is free, and an offering that does not approve by itself.
            offering = pending["items"][0]["offeringId"]
            start = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 3 * 86400))
            end = time.strftime("%Y-%m-%d", time.gmtime(time.time() + 10 * 86400))
            slot = call("GET", f"/v1/api/slots?offeringId={offering}&from={start}&to={end}", key="apiKey")["slots"][0]

            def book(customer):
                return call("POST", "/v1/api/bookings", {"offeringId": offering, "startsAt": slot["startsAt"], "endsAt": slot["endsAt"],
                                                         "customer": {"name": customer["name"], "email": customer["email"]}}, key="apiKey")

            booking = book(vip)
            comes_to(lambda: call("GET", f"/v1/api/bookings/{booking['id']}", key="apiKey")["status"] == "CONFIRMED")
            # The CRM was down when it was told first, so the delivery failed; it is sent again, and mirrored once.
            comes_to(lambda: len(crm.calls) >= 2)
            contact = f"/contacts/{vip['id']}"
            deliveries = f"/v1/provider/webhooks/{mirror['id']}/deliveries"
            # It is written down a moment after the answer came.
            delivery = comes_to(lambda: next((d for d in call("GET", deliveries)["data"] if d["status"] == "SUCCEEDED"), None))
            expect(delivery["attempts"], 2)
            expect(crm.calls, [("PUT", contact, {"externalId": vip["id"]}, None),
                               ("POST", f"{contact}/activities", {"booking": booking["id"], "title": booking["items"][0]["offeringTitle"],
                                                                  "totalCents": booking["totalCents"], "currency": booking["currency"]},
                                delivery["id"])])
            call("POST", f"/v1/provider/webhooks/{mirror['id']}/deliveries/{delivery['id']}/replay")
            comes_to(lambda: call("GET", f"/v1/provider/webhooks/{mirror['id']}/deliveries/{delivery['id']}")["attempts"] == 3)
            expect(len(crm.calls), 2)


def embedded(binary, name, variable, wanted):
    system, port = System(), free_port()
    system.failed = True
    program = subprocess.Popen([binary, f"http://127.0.0.1:{port}/"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    secret = program.stdout.readline().strip().removeprefix("secret ")
    with pattern(name, secret, PORT=port, **{variable: system.url}):
        output = program.communicate("\n", timeout=60)[0]
    expect(output.strip(), "2 delivered")
    expect(len(system.calls), 1)
    method, path, body, _ = system.calls[0]
    expect((method, path), wanted[:2])
    for key, value in wanted[2].items():
        expect(body[key], value)


with_server(sys.argv[1])
embedded(sys.argv[2], "support", "SUPPORT_URL", ("POST", "/tickets", {"subject": "The room was locked", "booking": "bkg_1"}))
embedded(sys.argv[2], "badge", "CMS_URL", ("PATCH", "/flags/verified-badge", {"on": True}))
