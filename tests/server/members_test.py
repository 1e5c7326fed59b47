#!/usr/bin/env python3
"""Members over a socket: a business is opened and confirmed by mail, sessions are cookies, and what ends in one process ends in all.

    members_test.py SERVER [CLUSTER]   CLUSTER: a folder of scripts/postgres; two servers then share its database
"""

import base64
import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import time
import unittest
import uuid
from pathlib import Path
from urllib.parse import urlsplit

sys.dont_write_bytecode = True
SERVER = sys.argv[1]
CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None
PASSWORD = "correct horse battery"


class Server:
    def __init__(self, data, *flags):
        self.process = subprocess.Popen(
            [SERVER, "--json", "--port", "0", "--dev", "--log-level", "warn", "--data", data, *flags], stdout=subprocess.PIPE, text=True)
        self.port = urlsplit(json.loads(self.process.stdout.readline())["baseUrl"]).port

    def stop(self):
        self.process.terminate()
        self.process.wait(30)
        self.process.stdout.close()

    def ask(self, method, path, body=None, cookie=None, host="acme.localhost", origin=True, key=None):
        """Status, answer, and the session that a cookie was set for."""
        host = f"{host}:{self.port}"
        headers = {"Host": host}
        if body is not None:
            headers["Content-Type"] = "application/json"
        if cookie:
            headers["Cookie"] = "orkestr=" + cookie
        if origin:
            headers["Origin"] = "http://" + host
        if key:
            headers["Authorization"] = "Bearer " + key
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, None if body is None else json.dumps(body), headers)
        response = connection.getresponse()
        text = response.read()
        found = re.match(r"orkestr=([^;]*)", response.headers.get("Set-Cookie", ""))
        connection.close()
        is_json = "json" in response.headers.get("Content-Type", "")
        return response.status, json.loads(text) if is_json and text else None, found and found[1]


class Members(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.data = tempfile.TemporaryDirectory()
        flags = ["--sign-up-limit", "0"]
        if CLUSTER:
            cls.database = "members_" + uuid.uuid4().hex[:12]
            cls.sql("postgres", f"CREATE DATABASE {cls.database}")
            keys = base64.b64encode(os.urandom(32)).decode()
            flags += ["--secret-keys", keys, "--store", f"postgresql://orkestr@/{cls.database}?host={CLUSTER}"]
        cls.servers = [Server(cls.data.name, *flags)]
        if CLUSTER:
            cls.servers.append(Server(cls.data.name, *flags))

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers:
            server.stop()
        if CLUSTER:
            cls.sql("postgres", f"DROP DATABASE {cls.database}")
        cls.data.cleanup()

    @staticmethod
    def sql(database, statement):
        subprocess.run(["psql", "-qX", "-h", CLUSTER, "-U", "orkestr", "-d", database, "-c", statement], check=True, stdout=subprocess.DEVNULL)

    @property
    def here(self):
        return self.servers[0]

    @property
    def there(self):
        """Another process, where there are two."""
        return self.servers[-1]

    def link(self, to):
        """What the link in the last mail to somebody holds, whichever process has sent it."""
        for _ in range(200):
            mails = [mail for server in self.servers for mail in server.ask("GET", "/dev/mail", host="localhost")[1] if mail["to"] == to]
            if mails:
                return max(mails, key=lambda mail: mail["at"])["text"].split("token=")[1].split()[0]
            time.sleep(0.05)
        raise AssertionError(f"no mail to {to}")

    def open(self, subdomain):
        status, session, cookie = self.here.ask("POST", "/v1/auth/sign-ups", {
            "businessName": subdomain.title(), "subdomain": subdomain, "name": "Ada Okafor", "email": f"ada@{subdomain}.example", "password": PASSWORD})
        self.assertEqual(status, 201, session)
        return cookie, session

    def sign_in(self, server, subdomain, email=None, password=PASSWORD):
        return server.ask("POST", "/v1/auth/sessions", {"subdomain": subdomain, "email": email or f"ada@{subdomain}.example", "password": password})

    def test_a_business_opens_once_its_address_is_confirmed(self):
        cookie, session = self.open("acme")
        self.assertEqual(session["tenant"]["status"], "PENDING")
        self.assertEqual(session["storefrontUrl"], f"http://acme.localhost:{self.here.port}")
        self.assertEqual(self.there.ask("GET", "/v1/public/acme")[0], 403)
        self.assertEqual(self.there.ask("GET", "/v1/auth/session", cookie=cookie)[1]["member"]["role"], "OWNER")
        self.assertEqual(self.there.ask("POST", "/v1/auth/email-verifications", {"token": self.link("ada@acme.example")})[0], 200)
        self.assertEqual(self.here.ask("GET", "/v1/public/acme")[0], 200)
        # The pages: on every host, framed by nobody, and nothing of a session in them.
        for host in ("acme.localhost", "localhost", "127.0.0.1"):
            connection = http.client.HTTPConnection("127.0.0.1", self.here.port)
            connection.request("GET", "/provider/bookings?status=PENDING", headers={"Host": f"{host}:{self.here.port}", "Cookie": "orkestr=" + cookie})
            response = connection.getresponse()
            text = response.read().decode()
            connection.close()
            self.assertEqual(response.status, 200)
            self.assertIn("frame-ancestors 'none'", response.headers["Content-Security-Policy"])
            self.assertNotIn("unsafe", response.headers["Content-Security-Policy"])
            self.assertEqual(response.headers["X-Frame-Options"], "DENY")
            self.assertEqual(response.headers["Cache-Control"], "no-store")
            self.assertNotIn(cookie, text)
        self.assertEqual(self.here.ask("POST", "/provider", {})[0], 405)

    def test_what_ends_in_one_process_has_ended_in_the_other(self):
        first, _ = self.open("ends")
        live = lambda cookie: self.there.ask("GET", "/v1/auth/session", cookie=cookie)[0] == 200
        for round in range(20):
            _, session, cookie = self.sign_in(self.there, "ends")
            self.assertTrue(live(cookie))
            if round % 2:
                self.assertEqual(self.here.ask("DELETE", "/v1/auth/session", cookie=cookie)[0], 204)
            else:
                self.assertEqual(self.here.ask("DELETE", "/v1/auth/sessions/" + session["id"], cookie=first)[0], 204)
            self.assertFalse(live(cookie))
        self.assertTrue(live(first))
        # A member who goes: sessions and keys at once.
        self.assertEqual(self.here.ask("POST", "/v1/provider/invitations", {"email": "sam@ends.example", "role": "ADMIN"}, cookie=first)[0], 201)
        token = self.link("sam@ends.example")
        status, _, sam = self.there.ask("POST", "/v1/auth/invitations/accept", {"token": token, "name": "Sam Lee", "password": PASSWORD})
        self.assertEqual(status, 201)
        self.assertEqual(self.here.ask("POST", "/v1/auth/email-verifications", {"token": self.link("ada@ends.example")})[0], 200)
        key = self.there.ask("POST", "/v1/provider/api-keys", {"name": "mine", "scopes": ["read", "write", "admin"]}, cookie=sam)[1]["token"]
        self.assertEqual(self.there.ask("GET", "/v1/api/me", key=key)[0], 200)
        self.assertEqual(self.here.ask("POST", "/v1/provider/members/deactivate", {"email": "sam@ends.example"}, cookie=first)[0], 200)
        self.assertEqual(self.there.ask("GET", "/v1/auth/session", cookie=sam)[0], 401)
        self.assertEqual(self.there.ask("GET", "/v1/api/me", key=key)[0], 401)
        self.assertEqual(self.sign_in(self.there, "ends", "sam@ends.example")[0], 401)

    def test_only_pages_of_the_same_host_act(self):
        cookie, _ = self.open("strict")
        body = {"code": "X", "kind": "PERCENT", "amount": 10}
        self.assertEqual(self.here.ask("POST", "/v1/api/coupons", body, cookie=cookie, origin=False)[1]["code"], "cross_site")
        self.assertEqual(self.here.ask("POST", "/v1/api/coupons", body, cookie=cookie)[0], 201)

    def test_a_tenant_made_by_hand_is_given_to_its_owner_by_a_link(self):
        if CLUSTER:
            store = ["--store", f"postgresql://orkestr@/{self.database}?host={CLUSTER}"]
            made = [SERVER, "create-tenant", *store]
        else:
            folder = tempfile.TemporaryDirectory()
            self.addCleanup(folder.cleanup)
            made = [SERVER, "create-tenant", "--data", folder.name]
        text = subprocess.run([*made, "--name", "Hand Made", "--subdomain", "handmade", "--owner-email", "Eve@handmade.example"],
                              check=True, capture_output=True, text=True).stdout
        self.assertIn("eve@handmade.example comes in by http://handmade.localhost:8080/provider/join?token=mlk_", text)
        token = text.split("token=")[1].split(",")[0]
        server = self.here if CLUSTER else Server(folder.name)
        try:
            status, session, _ = server.ask("POST", "/v1/auth/invitations/accept", {"token": token, "name": "Eve", "password": PASSWORD})
            self.assertEqual((status, session["member"]["role"], session["tenant"]["status"]), (201, "OWNER", "ACTIVE"))
        finally:
            if not CLUSTER:
                server.stop()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
