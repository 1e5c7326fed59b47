"""Translation by a running server, with Apertium at work on this machine, a service that speaks as LibreTranslate does, and one that is dead.

    translation_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import contextlib
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import with_demo
from with_demo import Caller, comes_to, demo_server, where

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None


class Libre(http.server.ThreadingHTTPServer):
    """Speaks as LibreTranslate does, for English and French: `fr[Loft]`. It can be told to be slow down callers, or to say nothing."""
    daemon_threads = True

    def __init__(self):
        self.requests, self.slow_down, self.silent = [], 0, threading.Event()
        super().__init__(("127.0.0.1", 0), LibreHandler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return "http://127.0.0.1:%d" % self.server_address[1]


class LibreHandler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def say(self, status, body, **headers):
        text = json.dumps(body).encode()
        self.send_response(status)
        for name, value in {"Content-Type": "application/json", "Content-Length": str(len(text)), **headers}.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(text)

    def do_GET(self):
        self.say(200, [{"code": "en", "name": "English", "targets": ["en", "fr"]}, {"code": "fr", "name": "French", "targets": ["en", "fr"]}])

    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.requests.append(asked)
        while self.server.silent.is_set():
            time.sleep(0.1)
        if self.server.slow_down > 0:
            self.server.slow_down -= 1
            return self.say(429, {"error": "Slowdown: 1 per 1 second"}, Retry_After="1")
        if asked.get("api_key") != "the-key" or asked["format"] != "text":
            return self.say(403, {"error": "Invalid API key"})
        self.say(200, {"translatedText": [f"{asked['target']}[{text}]" for text in asked["q"]]})

    def log_message(self, *_):
        pass


def dead():
    """A port at which connections are taken and nothing is ever said."""
    peer = socket.create_server(("127.0.0.1", 0), backlog=128)
    return peer, "http://127.0.0.1:%d" % peer.getsockname()[1]


class TranslationTest(unittest.TestCase):
    def setUp(self):
        os.environ["ORKESTR_LIBRETRANSLATE_KEY"] = "the-key"

    def done(self, answer, status=200):
        self.assertEqual(answer[0], status, answer[1])
        return answer[1]

    def enable(self, call, *locales):
        present = {row["locale"] for row in self.done(call("GET", "/v1/provider/locales"))["data"]}
        for locale in locales:
            if locale not in present:
                self.done(call("POST", "/v1/provider/locales", {"locale": locale}), 201)

    def offer(self, call, title, description=""):
        return self.done(call("POST", "/v1/api/offerings", {"title": title, "description": description, "status": "PUBLISHED",
                                                            "productTypeKey": "space", "basePriceCents": 4500, "currency": "USD"}), 201)

    def seen(self, call, offering, locale):
        return self.done(call("GET", f"/v1/public/atlas/offerings/{offering['slug']}?locale={locale}", token=""))["translation"]

    def title(self, call, offering, locale):
        return (self.seen(call, offering, locale) or {}).get("title")

    def test_a_new_offering_is_read_in_every_language_within_seconds(self):
        libre = Libre()
        with demo_server(SERVER, "--translator", "en-fr=libretranslate:" + libre.url, "--translator", "apertium") as (handles, _):
            call = Caller(handles)
            self.enable(call, "es", "ca", "gl", "fr", "de")
            self.assertEqual({row["locale"]: row["translator"] for row in self.done(call("GET", "/v1/provider/locales"))["data"] if row["locale"] != "ar"},
                             {"es": "apertium", "ca": "apertium", "gl": "apertium", "fr": "libretranslate", "de": None})
            # What the business had is done first, so that what is measured is a new offering alone, and then one among hundreds.
            comes_to(lambda: all(row["pending"] == 0 for row in self.done(call("GET", "/v1/provider/locales"))["data"]), 120)
            started = time.monotonic()
            offering = self.offer(call, "A quiet space for 4 people", "It is bright.\n\nBring your dog & <b>friends</b>!")
            for locale in ("es", "ca", "gl", "fr"):
                comes_to(lambda: self.title(call, offering, locale), 30)
            took = time.monotonic() - started
            print(f"a new offering in es, ca, gl and fr: {took:.2f} s")
            self.assertLess(took, 30)
            self.assertEqual(self.title(call, offering, "es-MX"), "Un espacio tranquilo para 4 personas")
            self.assertEqual(self.title(call, offering, "ca"), "Un espai callat per 4 persones")
            self.assertEqual(self.title(call, offering, "gl"), "Un espazo tranquilo para 4 persoas")
            self.assertEqual(self.title(call, offering, "fr"), "fr[A quiet space for 4 people]")
            spanish = self.seen(call, offering, "es")
            self.assertTrue(spanish["machine"])
            self.assertEqual(spanish["description"].count("\n"), 2)
            self.assertIn("<b>", spanish["description"])
            self.assertIsNone(self.seen(call, offering, "de"))
            # What a coupon gives, too.
            coupon = self.done(call("POST", "/v1/api/coupons", {"code": "QUIET", "kind": "PERCENT", "amount": 5, "description": "A quiet space for less."}), 201)
            comes_to(lambda: self.done(call("GET", f"/v1/api/coupons/{coupon['id']}?locale=es"))["translation"], 30)
            self.assertEqual(self.done(call("GET", f"/v1/api/coupons/{coupon['id']}?locale=fr"))["translation"]["description"], "fr[A quiet space for less.]")
            # Two hundred at once, in three languages of Apertium's.
            started = time.monotonic()
            many = [self.offer(call, f"Meeting room number {n}", "A table, ten chairs and a window.") for n in range(200)]
            for offering in many:
                for locale in ("es", "ca", "gl"):
                    comes_to(lambda: self.title(call, offering, locale), 60)
            took = time.monotonic() - started
            print(f"200 new offerings in es, ca and gl, with their making: {took:.2f} s")
            self.assertLess(took, 60)
            metrics = subprocess.run(["curl", "-s", handles["baseUrl"] + "/metrics"], capture_output=True, text=True, check=True).stdout
            self.assertIn('orkestr_translations_total{outcome="translated"}', metrics)

    def test_an_override_survives_an_edit_and_a_restart(self):
        with tempfile.TemporaryDirectory() as folder:
            with demo_server(SERVER, data=folder) as (handles, _):  # Apertium is there, so it is used
                call = Caller(handles)
                self.enable(call, "es")
                offering = self.offer(call, "A quiet space", "It is bright.")
                comes_to(lambda: self.title(call, offering, "es"), 60)
                path = f"/v1/provider/translations/{offering['id']}/es"
                self.done(call("PUT", path, {"texts": {"title": "Un rincón callado"}}))
                self.done(call("PATCH", f"/v1/api/offerings/{offering['id']}", {"title": "A noisy space", "description": "It is dark."}))
                comes_to(lambda: self.seen(call, offering, "es").get("description") == "Es oscuro.", 30)
                self.assertEqual(self.title(call, offering, "es"), "Un rincón callado")
                view = self.done(call("GET", path))
                self.assertEqual((view["state"], view["fields"][0]["stale"], view["fields"][0]["origin"]), ("STALE", True, "MANUAL"))
                self.assertEqual([row["subjectId"] for row in self.done(call("GET", "/v1/provider/translations?state=STALE"))["data"]], [offering["id"]])
            with demo_server(SERVER, data=folder) as (handles, _):
                call = Caller(handles)
                self.assertEqual(self.title(call, offering, "es"), "Un rincón callado")
                self.done(call("PUT", path, {"texts": {"title": None}}))
                comes_to(lambda: self.title(call, offering, "es") == "Un espacio ruidoso", 30)
            checked = subprocess.run([SERVER, "check", *where(folder)], capture_output=True, text=True)
            self.assertIn("nothing is wrong", checked.stdout + checked.stderr)

    def test_a_dead_translator_delays_nothing_else(self):
        peer, url = dead()
        self.addCleanup(peer.close)
        with demo_server(SERVER, "--translator", "en-fr=libretranslate:" + url, "--translator", "apertium") as (handles, _):
            call = Caller(handles)
            self.enable(call, "fr", "es")
            comes_to(lambda: all(row["pending"] == 0 for row in self.done(call("GET", "/v1/provider/locales"))["data"] if row["locale"] == "es"), 60)
            worst = 0
            for n in range(10):
                started = time.monotonic()
                offering = self.offer(call, f"Room {n}")
                comes_to(lambda: self.title(call, offering, "es"), 30)
                worst = max(worst, time.monotonic() - started)
                self.assertIsNone(self.seen(call, offering, "fr"))
            print(f"with a dead translator into French, Spanish took {worst:.2f} s at most")
            self.assertLess(worst, 5)
            # Bookings go on, and so does everything else that is due.
            started = time.monotonic()
            self.done(call("GET", "/v1/public/atlas/offerings?locale=fr", token=""))
            self.assertLess(time.monotonic() - started, 2)

    def test_a_service_that_wants_patience_is_given_it(self):
        libre = Libre()
        libre.slow_down = 2
        with demo_server(SERVER, "--translator", "en-fr=libretranslate:" + libre.url) as (handles, _):
            call = Caller(handles)
            self.enable(call, "fr")
            offering = self.offer(call, "A quiet space")
            comes_to(lambda: self.title(call, offering, "fr") == "fr[A quiet space]", 60)
            self.assertGreaterEqual(len(libre.requests), 3)

    def test_apertium_that_is_killed_is_started_anew(self):
        with demo_server(SERVER, "--translator", "apertium") as (handles, server):
            call = Caller(handles)
            self.enable(call, "es")
            first = self.offer(call, "A quiet space")
            comes_to(lambda: self.title(call, first, "es"), 60)
            comes_to(lambda: all(row["pending"] == 0 for row in self.done(call("GET", "/v1/provider/locales"))["data"] if row["locale"] == "es"), 60)
            children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server.pid)], capture_output=True, text=True, check=True).stdout.split()
            self.assertGreater(len(children), 3)
            for child in children:
                with contextlib.suppress(ProcessLookupError):  # a pipeline ends when one of it is gone
                    os.kill(int(child), signal.SIGKILL)
            second = self.offer(call, "A noisy space")
            comes_to(lambda: self.title(call, second, "es") == "Un espacio ruidoso", 30)
            children = subprocess.run(["ps", "-o", "pid=", "--ppid", str(server.pid)], capture_output=True, text=True, check=True).stdout.split()
        for child in children:  # they end with the server
            self.assertFalse(os.path.exists(f"/proc/{child}") and "Z" not in open(f"/proc/{child}/stat").read().split()[2:3], child)

    def test_what_is_wrong_with_the_flags_is_said(self):
        with tempfile.TemporaryDirectory() as folder:
            for flag in ("magic", "en=apertium", "libretranslate", "en-fr=libretranslate:", "x-y=apertium", "deepl", "libretranslate:ftp://x"):
                ended = subprocess.run([SERVER, "--data", folder, "--port", "0", "--translator", flag], capture_output=True, text=True, timeout=30)
                self.assertNotEqual(ended.returncode, 0, flag)
                self.assertTrue(ended.stderr, flag)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
