"""Imports into a running server: every faulty cell, limits of the file, killed at many points, and how long 10,000 rows take.

    import_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import http.client
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
import urllib.parse

import with_demo
from with_demo import comes_to, demo_server, where

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None
LARGEST = 50 * 1024 * 1024
HEADER = b"title,productTypeKey,basePrice,currency,availability"
ROW = b"Studio,space,120.50,USD,Mon-Fri 09:00-17:00 60min"


class Server:
    def __init__(self, handles):
        self.base, self.key, self.reader = handles["baseUrl"], handles["adminKey"], handles["apiKey"]

    def __call__(self, method, path, body=None, content_type="text/csv", key=None):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.base).netloc, timeout=120)
        try:
            connection.request(method, path, body, {"Authorization": f"Bearer {key or self.key}", **({"Content-Type": content_type} if body is not None else {})})
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was sent: the answer is there all the same
        answer = connection.getresponse()
        text = answer.read()
        connection.close()
        return answer.status, json.loads(text) if "json" in answer.headers["Content-Type"] else text

    def imported(self, file, query=""):
        status, taken = self("POST", "/v1/provider/imports" + query, file)
        assert status == 202, taken
        return self.finished(taken["id"])

    def finished(self, id, seconds=120):
        def look():
            found = self("GET", f"/v1/provider/imports/{id}")[1]
            return found if found["status"] in ("DONE", "FAILED") else None
        return comes_to(look, seconds)

    def drafts(self):
        count, cursor = 0, ""
        while True:
            page = self("GET", f"/v1/api/offerings?status=DRAFT&limit=200{cursor}", key=self.reader)[1]
            count += len(page["data"])
            if not page["hasMore"]:
                return count
            cursor = "&cursor=" + page["nextCursor"]


def faults(answer):
    return [(fault["row"], fault["column"], fault["code"]) for fault in answer["faults"]]


class ImportTest(unittest.TestCase):
    def test_all_or_nothing_and_every_fault_is_located(self):
        with demo_server(SERVER) as (handles, _):
            server = Server(handles)
            before = server.drafts()
            status, template = server("GET", "/provider/import/template.csv")
            self.assertEqual(status, 200)
            self.assertEqual(server("GET", "/v1/provider/import/template.csv")[1], template)
            self.assertEqual(server("POST", "/v1/provider/imports?dryRun=true", template)[1]["status"], "DONE")

            bad = ROW.replace(b"120.50", b"cheap")
            rows = 200
            for place in (0, rows // 2, rows - 1):
                lines = [HEADER] + [bad if i == place else ROW for i in range(rows)]
                for query in ("?dryRun=true", ""):
                    file = b"\r\n".join(lines)
                    answer = server("POST", "/v1/provider/imports" + query, file)[1] if query else server.imported(file)
                    self.assertEqual((answer["status"], faults(answer)), ("FAILED", [(place + 2, "basePrice", "invalid_format")]))
                    self.assertEqual(answer["faults"][0]["value"], "cheap")
            self.assertEqual(server.drafts(), before)

            for ending in (b"\r\n", b"\n", b"\r"):
                for mark in (b"", b"\xef\xbb\xbf"):
                    self.assertEqual(server.imported(mark + ending.join([HEADER, ROW, ROW]))["offerings"], 2)
            self.assertEqual(server.drafts(), before + 12)
            formula = server.imported(b"\n".join([HEADER, b"=HYPERLINK(\"\"x\"\")," + ROW[7:], b"\"=HYPERLINK(\"\"x\"\")\"," + ROW[7:]]))
            self.assertEqual(faults(formula), [(2, "title", "misplaced_quote")])
            self.assertEqual(server.imported(b"\n".join([HEADER, b"\"=HYPERLINK(\"\"x\"\")\"," + ROW[7:]]))["status"], "DONE")
            self.assertEqual(faults(server.imported(HEADER + b"\nA\0B," + ROW[7:] + b"\n\xff," + ROW[7:])), [(2, "title", "nul_character"), (3, "title", "invalid_utf8")])
            self.assertEqual(faults(server.imported(HEADER + b"\n\"never," + ROW)), [(2, "title", "unterminated_quote")])
            self.assertEqual(server.drafts(), before + 13)

    def test_limits_of_the_file(self):
        with demo_server(SERVER) as (handles, _):
            server = Server(handles)
            # All of it is taken; its one cell is too long.
            head = b"title,productTypeKey,basePrice,currency,description\nStudio,space,1,USD,"
            whole = head + b"x" * (LARGEST - len(head))
            answer = server.imported(whole)
            self.assertEqual(faults(answer), [(2, "description", "too_long")])
            self.assertEqual(server("POST", "/v1/provider/imports?dryRun=true", whole[:-1])[1]["status"], "FAILED")
            self.assertEqual(server("POST", "/v1/provider/imports", whole + b"x")[0], 413)
            self.assertEqual(server("POST", "/v1/provider/imports?dryRun=true", whole + b"x")[0], 413)
            self.assertEqual(server("POST", "/v1/provider/imports", b"a", "application/json")[0], 415)
            # Nothing of it is taken from who does not say who they are.
            place = urllib.parse.urlsplit(server.base)
            with socket.create_connection((place.hostname, place.port), timeout=10) as stranger:
                stranger.sendall(f"POST /v1/provider/imports HTTP/1.1\r\nHost: {place.netloc}\r\nContent-Type: text/csv\r\nContent-Length: {LARGEST}\r\n\r\n".encode())
                self.assertIn(b" 401 ", stranger.recv(4096).split(b"\r\n")[0])

    def test_ten_thousand_rows_in_seconds_while_others_write(self):
        with demo_server(SERVER) as (handles, _):
            server = Server(handles)
            rows, before = 10_000, server.drafts()
            file = b"\n".join([HEADER] + [ROW] * rows)
            start = time.monotonic()
            dry = server("POST", "/v1/provider/imports?dryRun=true", file)[1]
            checked = time.monotonic() - start
            self.assertEqual((dry["status"], dry["offerings"], dry["availabilityRules"]), ("DONE", rows, rows * 5))
            longest, seen, stop = [0.0], set(), threading.Event()

            def write():  # as others do meanwhile
                while not stop.is_set():
                    began = time.monotonic()
                    status, _ = server("POST", "/v1/provider/coupons/none/restore", b"{}", "application/json")
                    longest[0] = max(longest[0], time.monotonic() - began)
                    time.sleep(0.01)
            writer = threading.Thread(target=write)
            start = time.monotonic()
            status, taken = server("POST", "/v1/provider/imports", file)
            self.assertEqual(status, 202)
            writer.start()

            def look():
                found = server("GET", f"/v1/provider/imports/{taken['id']}")[1]
                seen.add(found["status"])
                self.assertLessEqual(found["rowsDone"], rows)
                return found if found["status"] in ("DONE", "FAILED") else None
            done = comes_to(look, 120)
            took = time.monotonic() - start
            stop.set()
            writer.join()
            self.assertEqual((done["status"], done["offerings"], done["availabilityRules"]), ("DONE", rows, rows * 5))
            print(f"{rows} rows with {rows * 5} rules: checked in {checked:.1f} s, imported in {took:.1f} s; another's longest write {longest[0]:.2f} s; "
                  f"seen {', '.join(sorted(seen))}", file=sys.stderr)
            self.assertLess(took, 60)
            self.assertEqual(server.drafts(), before + rows)

    def test_killed_at_many_points(self):
        rows, before = 4000, None
        file = b"\n".join([HEADER] + [ROW] * rows)
        with tempfile.TemporaryDirectory() as folder:
            acknowledged, points = 0, [0.0, 0.02, 0.05, 0.1, 0.15, 0.2, 0.3, 0.5]
            for n, delay in enumerate(points):
                with demo_server(SERVER, data=folder) as (handles, process):
                    server, id = Server(handles), []
                    before = server.drafts() if before is None else before

                    def post():
                        try:
                            status, taken = server("POST", "/v1/provider/imports", file)
                            if status == 202:
                                id.append(taken["id"])
                        except (OSError, http.client.HTTPException):
                            pass  # killed before it answered
                    sender = threading.Thread(target=post)
                    sender.start()
                    if n % 2:
                        sender.join()  # the answer is there; killed while it is worked on
                    time.sleep(delay)
                    os.kill(process.pid, signal.SIGKILL)
                    sender.join()
                    process.wait()
                with demo_server(SERVER, data=folder) as (handles, _):
                    server = Server(handles)
                    listed = server("GET", "/v1/provider/imports?limit=200")[1]["data"]
                    self.assertLessEqual({*id}, {row["id"] for row in listed})
                    finished = [server.finished(row["id"]) for row in listed]
                    self.assertEqual({row["status"] for row in finished}, {"DONE"} if finished else set())
                    acknowledged += len(id)
                    self.assertEqual(server.drafts() - before, rows * len(finished))
            self.assertGreaterEqual(acknowledged, len(points) // 2)
            checked = subprocess.run([SERVER, "check", *where(folder)], capture_output=True, text=True)
            self.assertIn("nothing is wrong", checked.stdout + checked.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
