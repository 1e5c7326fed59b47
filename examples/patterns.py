"""What the tests of the integrations share: the demo, the systems that are called, and a way to run what is in Node."""
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

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "tests" / "server"))
from with_demo import Caller, comes_to, demo_server  # noqa: E402, F401


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
def pattern(name, secret, port, **environment):
    """Runs a pattern; yields it once it listens."""
    process = subprocess.Popen(["node", HERE / name / "main.mjs"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                               env=os.environ | {"ORKESTR_WEBHOOK_SECRET": secret, "PORT": port} | environment)
    try:
        expect(process.stdout.readline().strip(), f"http://127.0.0.1:{port}/")
        yield process
    finally:
        process.kill()
        process.wait()


def expect(got, wanted):
    if got != wanted:
        sys.exit(f"expected {wanted!r}, got {got!r}")


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        return str(probe.getsockname()[1])


class Demo:
    """The demo's tenant, as its provider and by its key."""

    def __init__(self, handles):
        self.handles, self.caller = handles, Caller(handles)

    def __call__(self, method, path, body=None, token=None):
        status, answer = self.caller(method, path, body, token)
        if status >= 300:
            sys.exit(f"{method} {path}: {status} {answer}")
        return answer

    def subscribe(self, event):
        """The webhook, and the port that it leads to: its secret is known only once there is a subscription."""
        port = free_port()
        return self("POST", "/v1/provider/webhooks", {"url": f"http://127.0.0.1:{port}/", "events": [event]}), port

    def delivery(self, webhook):
        """The webhook's one delivery once it has arrived, which is written down a moment after the answer came."""
        path = f"/v1/provider/webhooks/{webhook['id']}/deliveries"
        return comes_to(lambda: next((d for d in self("GET", path)["data"] if d["status"] == "SUCCEEDED"), None))

    def replay(self, webhook, delivery):
        path = f"/v1/provider/webhooks/{webhook['id']}/deliveries/{delivery['id']}"
        self("POST", f"{path}/replay")
        comes_to(lambda: self("GET", path)["attempts"] == delivery["attempts"] + 1)

    def wish(self, customer, **more):
        """What books a free hour of an offering that does not approve by itself."""
        offering = self("GET", f"/v1/api/bookings/{self.handles['pendingBookingId']}")["items"][0]["offeringId"]
        day = lambda n: time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * 86400))  # noqa: E731
        slot = self("GET", f"/v1/api/slots?offeringId={offering}&from={day(3)}&to={day(10)}")["slots"][0]
        return {"offeringId": offering, "startsAt": slot["startsAt"], "endsAt": slot["endsAt"],
                "customer": {"name": customer["name"], "email": customer["email"]}, **more}

    def book(self, customer, **more):
        return self("POST", "/v1/api/bookings", self.wish(customer, **more))


@contextlib.contextmanager
def demo(binary):
    with demo_server(binary, "--dev") as (handles, _):
        yield Demo(handles)
