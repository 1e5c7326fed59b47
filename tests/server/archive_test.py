"""The subcommands of archives as an operator meets them, with the real server.

    archive_test.py SERVER
"""

import contextlib
import json
import os
import pathlib
import re
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.request
import uuid

from with_demo import demo_server

SERVER = sys.argv[1]
CLUSTER = os.environ.get("ORKESTR_TEST_POSTGRES", "")  # "host=… user=…"


def run(*arguments):
    """Runs a subcommand. Returns (exit code, standard output, standard error)."""
    done = subprocess.run([SERVER, *map(str, arguments)], capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout, done.stderr


@contextlib.contextmanager
def serving(*flags):
    process = subprocess.Popen([SERVER, "--json", "--port", "0", "--log-level", "warn", *map(str, flags)], stdout=subprocess.PIPE, text=True)
    try:
        yield json.loads(process.stdout.readline())["baseUrl"]
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)
        process.stdout.close()


def call(base_url, key, path, body=None):
    request = urllib.request.Request(base_url + path, None if body is None else json.dumps(body).encode(),
                                     {"Authorization": f"Bearer {key}", "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=20) as answer:
        return json.load(answer)


def pages(base_url, key, path, query=""):
    """All rows of a list."""
    rows, cursor = [], ""
    while True:
        page = call(base_url, key, path + "?limit=100" + query + cursor)
        rows += page["data"]
        if not page.get("nextCursor"):
            return rows
        cursor = "&cursor=" + page["nextCursor"]


@contextlib.contextmanager
def database():
    """The URL of an empty database, gone afterwards."""
    settings = dict(part.split("=", 1) for part in CLUSTER.split())
    name = "t_" + uuid.uuid4().hex[:12]
    psql = ["psql", "-qAtX", "-h", settings["host"], "-U", settings["user"], "-d", "orkestr", "-c"]
    subprocess.run([*psql, f"CREATE DATABASE {name} TEMPLATE template0"], check=True)
    try:
        yield f"postgresql://{settings['user']}@/{name}?host={settings['host']}"
    finally:
        subprocess.run([*psql, f"DROP DATABASE {name} WITH (FORCE)"], check=True)


class Archives(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.data = self.folder / "data"
        self.data.mkdir()

    def good(self, *arguments):
        code, out, err = run(*arguments)
        self.assertEqual((code, err), (0, ""), arguments)
        return out

    def refused(self, text, *arguments):
        code, out, err = run(*arguments)
        self.assertEqual((code, out), (1, ""), arguments)
        self.assertIn(text, err)
        self.assertEqual(err.count("\n"), 1)

    def test_a_backup_while_serving_is_served_elsewhere(self):
        backup = self.folder / "store.orkestr"
        with demo_server(SERVER, data=str(self.data)) as (demo, _):
            url, key = demo["baseUrl"], demo["apiKey"]
            stop, failures, offerings = threading.Event(), [], []

            def keep_writing():
                while not stop.is_set():
                    try:
                        offerings.append(call(url, key, "/v1/api/offerings", {
                            "title": f"Room {len(offerings)}", "slug": f"room-{len(offerings)}", "productTypeKey": "space",
                            "basePriceCents": 100, "currency": "USD", "attributes": {}})["id"])
                    except OSError as error:
                        failures.append(error)

            writer = threading.Thread(target=keep_writing)
            writer.start()
            while len(offerings) < 20:
                time.sleep(0.01)
            known = list(offerings)
            out = self.good("backup", "--to", backup, "--data", self.data)
            self.assertRegex(out, r"^wrote .*store\.orkestr: 1 tenant, \d+ rows, schema \d+, \d+ bytes\n$")
            self.assertIn("nothing is wrong", self.good("check", "--data", self.data))  # beside its owner
            self.refused("choose another name", "backup", "--to", backup, "--data", self.data)
            self.refused("held by another process", "restore", "--from", backup, "--data", self.data)
            stop.set()
            writer.join()
            self.assertEqual(failures, [])
            bookings = pages(url, key, "/v1/api/bookings")
        self.assertIn("nothing is wrong", self.good("check", "--from", backup))
        other = self.folder / "other"
        self.assertIn("restored", self.good("--data", other, "restore", "--from", backup))
        self.refused("has tenants already", "--data", other, "restore", "--from", backup)
        self.refused("holds a whole store", "--data", other, "import-tenant", "--from", backup)
        with serving("--data", other) as url:
            self.assertEqual(call(url, key, "/v1/api/me")["tenant"]["subdomain"], "atlas")
            self.assertEqual(pages(url, key, "/v1/api/bookings"), bookings)
            there = {row["id"] for row in pages(url, key, "/v1/api/offerings", "&status=ALL")}
            self.assertEqual(set(known) - there, set())

    def test_a_tenant_moves_up_to_postgresql(self):
        if not CLUSTER:
            self.fail("ORKESTR_TEST_POSTGRES is not set: ctest sets it, or see scripts/postgres")
        file, back = self.folder / "atlas.orkestr", self.folder / "store.orkestr"
        with demo_server(SERVER, data=str(self.data)) as (demo, _):
            key = demo["apiKey"]
            was = {path: pages(demo["baseUrl"], key, path) for path in ("/v1/api/bookings", "/v1/api/offerings", "/v1/api/coupons")}
        self.assertGreater(len(was["/v1/api/bookings"]), 50)
        self.refused("no tenant with the subdomain", "export-tenant", "--tenant", "nobody", "--to", file, "--data", self.data)
        self.assertIn("1 tenant", self.good("export-tenant", "--tenant", "atlas", "--to", file, "--data", self.data))
        with database() as url:
            self.good("create-tenant", "--name", "There", "--subdomain", "there", "--store", url)
            self.assertIn("imported", self.good("import-tenant", "--from", file, "--store", url))
            self.refused("already", "import-tenant", "--from", file, "--store", url)
            self.refused("import-tenant adds it", "restore", "--from", file, "--store", url)
            self.assertIn("nothing is wrong", self.good("check", "--store", url))
            with serving("--store", url) as base:
                self.assertEqual(call(base, key, "/v1/api/me")["tenant"]["subdomain"], "atlas")
                for path, rows in was.items():
                    self.assertEqual(pages(base, key, path), rows)
                # And it goes on there: what was pending is approved.
                self.assertEqual(call(base, key, f"/v1/api/bookings/{demo['pendingBookingId']}/approve", {})["status"], "CONFIRMED")
                self.assertIn("2 tenants", self.good("backup", "--to", back, "--store", url))
            self.assertIn("nothing is wrong", self.good("check", "--store", url))
        self.good("restore", "--from", back, "--data", self.folder / "down")
        with serving("--data", self.folder / "down") as base:
            self.assertEqual(call(base, key, f"/v1/api/bookings/{demo['pendingBookingId']}")["status"], "CONFIRMED")

    def test_damage_and_contradictions_end_with_1(self):
        with demo_server(SERVER, data=str(self.data)):
            pass
        file = self.folder / "store.orkestr"
        self.good("backup", "--to", file, "--data", self.data)
        whole = file.read_bytes()
        file.write_bytes(whole[: len(whole) // 2])
        for arguments in (("restore", "--from", file, "--data", self.folder / "new"), ("check", "--from", file)):
            self.refused("cut off, damaged or no archive", *arguments)
        file.write_bytes(whole[:5000] + bytes([whole[5000] ^ 1]) + whole[5001:])
        self.refused("SHA-256", "restore", "--from", file, "--data", self.folder / "new")
        self.assertFalse((self.folder / "new").exists())

        with contextlib.closing(sqlite3.connect(self.data / "orkestr.db")) as db, db:
            db.execute("UPDATE coupons SET redeemed_count = redeemed_count + 1 WHERE redeemed_count > 0")
        code, out, _ = run("check", "--data", self.data)
        self.assertEqual(code, 1)
        self.assertTrue(re.search(r"^wrong     coupons: cpn_\w+ of tnt_\w+: redeemed_count is \d+, it was redeemed \d+ times$", out, re.M), out)

    def test_the_help_gives_an_example_of_every_flag(self):
        for subcommand in ("backup", "restore", "check", "export-tenant", "import-tenant"):
            text = self.good(subcommand, "--help")
            flags = re.findall(r"^  (--[a-z-]+)", text, re.M)
            self.assertTrue(flags)
            for flag in flags:
                self.assertIn(f"e.g. {flag} ", text)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
