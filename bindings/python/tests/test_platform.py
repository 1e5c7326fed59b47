import asyncio
import base64
import http.server
import subprocess
import sys
import threading
import time as clock
from datetime import datetime, timedelta, timezone

import pytest

import orkestr

NOW = datetime(2026, 5, 15, 12, tzinfo=timezone.utc)


def business(platform, capacity=2):
    tenant, key = platform.create_tenant("Atlas", "atlas", time_zone="America/New_York")
    loft = platform.request(key, "POST", "/v1/api/offerings", {
        "title": "Loft", "productTypeKey": "space", "basePriceCents": 12000, "currency": "USD", "status": "PUBLISHED",
        "timeZone": "America/New_York", "autoApprove": True})
    platform.request(key, "POST", f"/v1/provider/offerings/{loft['id']}/availability/rules",
                     {"dayOfWeek": 1, "startTime": "09:00", "endTime": "12:00", "slotMinutes": 60, "capacity": capacity})
    return tenant, key, loft


def booking(loft):
    return {"offeringId": loft["id"], "startsAt": "2026-05-18T13:00:00Z", "endsAt": "2026-05-18T14:00:00Z", "quantity": 1,
            "customer": {"name": "Ada", "email": "ada@example.com"}}


@pytest.mark.parametrize("kind", ["memory", "sqlite"])
def test_a_slot_is_booked_as_often_as_there_is_room(kind, tmp_path):
    told = threading.Event()
    with orkestr.Platform("memory:" if kind == "memory" else tmp_path / "orkestr.db", clock=lambda: NOW, on_events=told.set) as platform:
        tenant, key, loft = business(platform)
        answers = []
        threads = [threading.Thread(target=lambda: answers.append(platform.handle(
            "POST", "/v1/api/bookings", headers={"Authorization": f"Bearer {key}", "Content-Type": "application/json"},
            body=orkestr._engine.dumps(booking(loft)).encode()).status)) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(answers) == [201, 201, 409, 409, 409, 409]
        assert told.is_set()
        assert [event["event"] for event in platform.all_events(tenant["id"])].count("booking.created") == 2
        assert platform.run_due()["completedBookings"] == 0
        with pytest.raises(orkestr.Error) as raised:
            platform.request(key, "POST", "/v1/api/bookings", booking(loft))
        assert raised.value.code == "slot_unavailable" and raised.value.status == 409
    with pytest.raises(ValueError, match="closed"):
        platform.run_due()


class Receiver(http.server.ThreadingHTTPServer):
    """Answers with the statuses that it is given, then with 204, and keeps what came."""

    def __init__(self, *statuses):
        self.came, self.statuses = [], list(statuses)

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(handler):
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                status = self.statuses.pop(0) if self.statuses else 204
                self.came.append((list(handler.headers.items()), body))
                handler.send_response(status)
                handler.send_header("Content-Length", "0")
                handler.end_headers()

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}/pms"


def comes_to(what, seconds=10):
    until = clock.monotonic() + seconds
    while not what():
        assert clock.monotonic() < until, "it did not come to pass"
        clock.sleep(0.01)


SECRETS = base64.b64encode(bytes(range(32))).decode()


def test_webhooks_are_sent_signed_retried_and_in_order():
    now, receiver = [NOW], Receiver(500)
    with orkestr.Platform(secrets=SECRETS, allow_loopback=True, clock=lambda: now[0]) as platform:
        _, key, loft = business(platform)
        webhook = platform.request(key, "POST", "/v1/provider/webhooks", {"url": receiver.url, "events": ["booking.*"]})
        made = platform.request(key, "POST", "/v1/api/bookings", booking(loft))
        platform.request(key, "POST", f"/v1/api/bookings/{made['id']}/approve")
        deliveries = f"/v1/provider/webhooks/{webhook['id']}/deliveries"
        comes_to(lambda: any(one["lastStatus"] == 500 for one in platform.request(key, "GET", deliveries)["data"]))
        now[0] += timedelta(seconds=15)  # the second attempt comes within 12
        comes_to(lambda: len(receiver.came) == 3)
        seen = [orkestr.verify_webhook(body, headers, webhook["secret"], now=now[0]) for headers, body in receiver.came]
        assert [one.event for one in seen] == ["booking.created", "booking.created", "booking.confirmed"]
        assert seen[0].delivery_id == seen[1].delivery_id != seen[2].delivery_id
        assert seen[1].sent_at == now[0]
        comes_to(lambda: [one["attempts"] for one in platform.request(key, "GET", deliveries + "?status=SUCCEEDED")["data"]] == [1, 2])
    receiver.shutdown()


def test_webhooks_are_left_to_others_and_lead_inside_for_nobody():
    with orkestr.Platform(secrets=SECRETS, webhooks=False) as platform:
        _, key, _ = business(platform)
        with pytest.raises(orkestr.Error) as refused:
            platform.request(key, "POST", "/v1/provider/webhooks", {"url": "http://127.0.0.1:9/", "events": ["*"]})
        assert refused.value.status == 422
        made = platform.request(key, "POST", "/v1/provider/webhooks", {"url": "https://pms.example/", "events": ["*"]})
        platform.request(key, "POST", f"/v1/provider/webhooks/{made['id']}/test")
        clock.sleep(1.5)
        platform.run_due()
        (delivery,) = platform.request(key, "GET", f"/v1/provider/webhooks/{made['id']}/deliveries")["data"]
        assert (delivery["status"], delivery["attempts"]) == ("PENDING", 0)


def test_an_interpreter_ends_with_a_platform_that_sends():
    script = f"""
import orkestr, threading, time
from datetime import datetime, timezone
platform = orkestr.Platform(secrets={SECRETS!r}, clock=lambda: datetime.now(timezone.utc))
def work():
    try:
        while True:
            platform.run_due()
    except ValueError:
        pass  # it is closed
threading.Thread(target=work, daemon=True).start()
time.sleep(0.1)
"""
    ended = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=30)
    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_file_has_one_owner(tmp_path):
    with orkestr.Platform(tmp_path / "orkestr.db"):
        with pytest.raises(orkestr.Error, match="store_locked"):
            orkestr.Platform(tmp_path / "orkestr.db")


def test_other_threads_run_while_a_password_is_hashed():
    with orkestr.Platform() as platform:
        counted, going = 0, True

        def count():
            nonlocal counted
            while going:
                counted += 1
                clock.sleep(0)

        thread = threading.Thread(target=count)
        thread.start()
        platform.create_tenant("Atlas", "atlas")  # hashes its key: tens of milliseconds in which nothing of Python runs
        going = False
        thread.join()
        assert counted > 100


def test_flask_has_the_api_below_a_path():
    flask = pytest.importorskip("flask")
    from werkzeug.middleware.dispatcher import DispatcherMiddleware

    with orkestr.Platform(clock=lambda: NOW) as platform:
        _, key, loft = business(platform)
        app = flask.Flask("host")
        app.add_url_rule("/", view_func=lambda: "the host's own")
        app.wsgi_app = DispatcherMiddleware(app.wsgi_app, {"/booking": orkestr.wsgi(platform)})
        client = app.test_client()
        assert client.get("/").text == "the host's own"
        headers = {"Authorization": f"Bearer {key}"}
        found = client.get("/booking/v1/api/offerings?limit=1", headers=headers)
        assert found.status_code == 200 and found.json["data"][0]["id"] == loft["id"]
        assert client.post("/booking/v1/api/bookings", json=booking(loft), headers=headers).status_code == 201
        assert client.get("/booking/v1/api/me").json["code"] == "unauthenticated"
        assert client.head("/booking/v1/api/me", headers=headers).data == b""
        assert client.get("/booking/v1/public/atlas/offerings/caf%C3%A9%20", headers=headers).status_code == 404


def test_fastapi_has_the_api_below_a_path():
    fastapi = pytest.importorskip("fastapi")
    import httpx

    async def walk(platform, key, loft):
        app = fastapi.FastAPI()
        app.mount("/booking", orkestr.asgi(platform))
        async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url="http://host") as client:
            headers = {"Authorization": f"Bearer {key}"}
            found = await client.get("/booking/v1/api/offerings?limit=1", headers=headers)
            assert found.status_code == 200 and found.json()["data"][0]["id"] == loft["id"]
            made = await asyncio.gather(*(client.post("/booking/v1/api/bookings", json=booking(loft), headers=headers) for _ in range(4)))
            assert sorted(answer.status_code for answer in made) == [201, 201, 409, 409]
            assert (await client.get("/booking/v1/api/me")).json()["code"] == "unauthenticated"

    with orkestr.Platform(clock=lambda: NOW) as platform:
        _, key, loft = business(platform)
        asyncio.run(walk(platform, key, loft))


def test_a_clock_that_fails_is_told_and_stops_nothing():
    script = """
import orkestr, sys
told = []
sys.unraisablehook = lambda it: told.append(it.exc_value)
def clock():
    raise RuntimeError("no clock")
with orkestr.Platform(clock=clock) as platform:
    platform.run_due()
assert told and "no clock" in str(told[0])
"""
    assert subprocess.run([sys.executable, "-c", script]).returncode == 0


def test_import_is_quick():
    script = "import time; start = time.perf_counter(); import orkestr; print(time.perf_counter() - start)"
    took = sorted(float(subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True).stdout) for _ in range(5))
    print(f"import orkestr: {took[2] * 1000:.0f} ms (median of 5)")
    assert took[0] < 1  # a stall would show; what it takes is printed
