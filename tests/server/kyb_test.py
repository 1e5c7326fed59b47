"""Verification of a business and the platform's admins, from the command line to the socket.

    kyb_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import contextlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

import with_demo
from with_demo import demo_server, where

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None
CANARY = b"canary-of-a-plain-document"
PDF = b"%PDF-1.7 " + CANARY + b"\n"
LARGEST = 10 * 1024 * 1024
ATTESTED = {"legalName": "Cirrus GmbH", "registrationNumber": "HRB 1", "country": "DE", "insurance": True, "depositPolicy": True, "terms": True}


def run(folder, *arguments, code=0):
    done = subprocess.run([SERVER, *arguments, *where(folder)], capture_output=True, text=True)
    assert done.returncode == code, (arguments, done.stdout, done.stderr)
    return done.stdout + done.stderr


def call(base, method, path, body=None, token=None, content_type="application/json", chunked=False, headers=None):
    """Returns (status, headers, bytes)."""
    connection = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=60)
    headers = {**({"Authorization": f"Bearer {token}"} if token else {}), **(headers or {})}
    if isinstance(body, (dict, list)):
        body = json.dumps(body).encode()
    if body is not None:
        headers["Content-Type"] = content_type
    if chunked:
        headers["Transfer-Encoding"] = "chunked"
        body = (lambda whole: (whole[i:i + 65536] for i in range(0, len(whole), 65536)))(body)
    with contextlib.closing(connection):
        try:
            connection.request(method, path, body, headers, encode_chunked=chunked)
        except (BrokenPipeError, ConnectionResetError):
            pass  # refused before all of it was sent: the answer is there all the same
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()


class World:
    """A server with a tenant that awaits approval, and two admins."""

    def __init__(self, folder):
        self.folder = folder
        made = run(folder, "create-tenant", "--name", "Cirrus", "--subdomain", "cirrus", "--pending")
        self.tenant, self.key = re.search(r"tnt_\w{26}", made)[0], re.search(r"ork_\S+", made)[0]
        made = run(folder, "admin", "create", "--email", "ada@platform.example", "--name", "Ada")
        self.admin, self.token = re.search(r"adm_\w{26}", made)[0], re.search(r"oka_\S+", made)[0]

    def __call__(self, method, path, body=None, token=None, **more):
        status, headers, text = call(self.base, method, path, body, token or self.key, **more)
        return status, json.loads(text) if text and "json" in headers["Content-Type"] else text

    def by_admin(self, method, path, body=None):
        return self(method, path, body, self.token)

    def upload(self, content, **more):
        return self("POST", "/v1/provider/kyb/documents?kind=REGISTRATION&fileName=excerpt.pdf", content, content_type="application/pdf", **more)

    def submit(self, content):
        status, document = self.upload(content)
        assert status == 201, document
        status, submission = self("POST", "/v1/provider/kyb", ATTESTED)
        assert status == 201, submission
        return f"/v1/admin/kyb/{self.tenant}/{submission['id']}", document["id"]


class Verification(unittest.TestCase):
    def test_from_the_command_line_to_the_badge(self):
        with tempfile.TemporaryDirectory() as folder:
            w = World(folder)
            listed = run(folder, "admin", "list")
            self.assertIn("ada@platform.example", listed)
            self.assertNotIn(w.token.split(".")[1], listed)
            other = run(folder, "admin", "create", "--email", "bob@platform.example", "--name", "Bob")
            other_id, other_token = re.search(r"adm_\w{26}", other)[0], re.search(r"oka_\S+", other)[0]
            run(folder, "admin", "revoke", other_id)
            self.assertIn("no such admin", run(folder, "admin", "revoke", other_id, code=1))
            self.assertIn("no such admin", run(folder, "admin", "revoke", "adm_x", code=1))
            self.assertIn("--email", run(folder, "admin", "create", "--email", "nobody", "--name", "x", code=1))

            log = pathlib.Path(folder) / "log"  # searched with the other files
            with log.open("w") as stream, demo_server(SERVER, "--access-log", data=folder, log_level="debug", log=stream) as (handles, _):
                w.base = handles["baseUrl"]
                self.assertEqual(w("GET", "/v1/admin/tenants", token=other_token)[0], 401)
                self.assertEqual(w("GET", "/v1/admin/tenants")[0], 401)  # a key, whatever its scopes
                self.assertEqual(w.by_admin("GET", "/v1/api/me")[0], 401)
                # Closed until it is approved.
                self.assertEqual(w("GET", "/v1/api/me")[1]["code"], "tenant_pending")
                self.assertEqual(call(w.base, "GET", "/v1/public/cirrus")[0], 403)
                self.assertEqual([row["id"] for row in w.by_admin("GET", "/v1/admin/tenants?status=PENDING")[1]["data"]], [w.tenant])
                self.assertEqual(w.by_admin("POST", f"/v1/admin/tenants/{w.tenant}/approve")[0], 200)
                self.assertEqual(w("GET", "/v1/api/me")[1]["tenant"]["kybStatus"], "NONE")

                # Rejected, with a reason, and handed in again.
                place, _ = w.submit(PDF + b"old")
                self.assertEqual(w.by_admin("POST", place + "/decide", {"status": "REJECTED", "reason": "It is too old."})[0], 200)
                self.assertEqual(w("GET", "/v1/provider/kyb")[1]["submission"]["reason"], "It is too old.")
                self.assertIn("It is too old.", w("GET", "/v1/provider/notifications")[1]["data"][0]["title"])
                place, document = w.submit(PDF)
                queue = w.by_admin("GET", "/v1/admin/kyb")[1]["data"]
                self.assertEqual([row["submission"]["id"] for row in queue], [place.rsplit("/", 1)[1]])
                status, headers, content = call(w.base, "GET", f"{place}/documents/{document}", token=w.token)
                self.assertEqual((status, content), (200, PDF))
                self.assertEqual(headers["Content-Type"], "application/pdf")
                self.assertTrue(headers["Content-Disposition"].startswith("attachment;"))
                self.assertEqual((headers["X-Content-Type-Options"], headers["Cache-Control"]), ("nosniff", "no-store"))
                self.assertEqual(w("GET", f"{place}/documents/{document}")[0], 401)
                self.assertEqual(w.by_admin("POST", place + "/decide", {"status": "VERIFIED"})[0], 200)
                self.assertEqual(json.loads(call(w.base, "GET", "/v1/public/cirrus")[2])["kybStatus"], "VERIFIED")
                # The feed waits for what is still under way anywhere, such as a worker's transaction.
                events = with_demo.comes_to(lambda: [row["event"] for row in w("GET", "/v1/api/events")[1]["data"]])
                self.assertEqual(events, ["tenant.kyb_verified"])

                # A suspension holds at once.
                self.assertEqual(w.by_admin("POST", f"/v1/admin/tenants/{w.tenant}/suspend", {"reason": "Chargebacks."})[0], 200)
                self.assertEqual(w("GET", "/v1/api/me")[1]["code"], "tenant_suspended")
                self.assertEqual(w("POST", "/v1/api/offerings", {})[1]["code"], "tenant_suspended")
                self.assertEqual(call(w.base, "GET", "/v1/public/cirrus")[0], 403)
                self.assertEqual(w.by_admin("POST", f"/v1/admin/tenants/{w.tenant}/reinstate")[0], 200)
                self.assertEqual(w("GET", "/v1/api/me")[0], 200)

                actions = w.by_admin("GET", f"/v1/admin/actions?tenantId={w.tenant}")[1]["data"]
                self.assertEqual([row["action"] for row in reversed(actions)],
                                 ["tenant.approve", "kyb.reject", "kyb.read_document", "kyb.verify", "tenant.suspend", "tenant.reinstate"])
                self.assertEqual({row["adminId"] for row in actions}, {w.admin})
                if with_demo.CLUSTER:  # many processes share it, so a revoke from beside the server holds at once
                    run(folder, "admin", "revoke", w.admin)
                    self.assertEqual(w.by_admin("GET", "/v1/admin/tenants")[0], 401)
            self.assertIn("/v1/admin/kyb", log.read_text())
            self.assertIn("nothing is wrong", run(folder, "check"))
            self.nothing_is_found(folder, [w.token.split(".")[1].encode(), CANARY])

    def nothing_is_found(self, folder, secrets):
        files = [path for path in pathlib.Path(folder).rglob("*") if path.is_file()]
        if with_demo.CLUSTER:
            dump = subprocess.run(["pg_dump", "--enable-row-security", "-d", where(folder)[3]], capture_output=True,
                                  env={**os.environ, "PGOPTIONS": "-c orkestr.tenant=*"})
            self.assertIn(b"HRB 1", dump.stdout)  # so rows behind row-level security are there
            self.assertEqual(dump.returncode, 0, dump.stderr)
            self.assertIn(b"ada@platform.example", dump.stdout)
            texts = [dump.stdout, *(path.read_bytes() for path in files)]
        else:
            texts = [path.read_bytes() for path in files]
            self.assertTrue(any(b"ada@platform.example" in text for text in texts))
        for secret in secrets:
            for text in texts:
                self.assertNotIn(secret, text)
                self.assertNotIn(secret.hex().encode(), text)

    def test_limits_of_bodies_over_the_socket(self):
        with tempfile.TemporaryDirectory() as folder:
            w = World(folder)
            with demo_server(SERVER, data=folder) as (handles, _):
                w.base = handles["baseUrl"]
                self.assertEqual(w.by_admin("POST", f"/v1/admin/tenants/{w.tenant}/approve")[0], 200)
                file = PDF + b"x" * (LARGEST - len(PDF))
                self.assertEqual(w.upload(file)[0], 201)
                self.assertEqual(w.upload(file[:-1] + b"y", chunked=True)[0], 201)
                self.assertEqual(w.upload(file + b"x")[0], 413)
                self.assertEqual(w.upload(file + b"x", chunked=True)[0], 413)
                # Whoever sends it; and elsewhere the limit is as it was, also where a path only looks alike.
                upload = "/v1/provider/kyb/documents?kind=OTHER&fileName=a.pdf"
                self.assertEqual(call(w.base, "POST", upload, b"x" * 2_000_000)[0], 401)
                mebibyte = 1024 * 1024
                for method, path in [("POST", "/v1/provider/kyb"), ("PUT", upload), ("POST", "/v1/public/cirrus/bookings"),
                                     ("POST", "/v1/provider/kyb/documents/"), ("POST", "/nowhere?/v1/provider/kyb/documents")]:
                    for chunked in (False, True):
                        self.assertEqual(call(w.base, method, path, b" " * (mebibyte + 1), w.key, chunked=chunked)[0], 413, path)
                        self.assertNotEqual(call(w.base, method, path, b" " * mebibyte, w.key, chunked=chunked)[0], 413, path)
                # The first 10 MiB come back whole.
                self.assertEqual(w("POST", "/v1/provider/kyb", ATTESTED)[0], 201)
                row = w.by_admin("GET", "/v1/admin/kyb")[1]["data"][0]["submission"]
                path = f"/v1/admin/kyb/{w.tenant}/{row['id']}/documents/{row['documents'][0]['id']}"
                self.assertEqual(call(w.base, "GET", path, token=w.token)[2], file)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
