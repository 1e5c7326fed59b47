"""Custom domains of a running server, against a name server on this machine: verified, lost, spoofed, and claimed by two.

    domain_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import http.client
import json
import re
import socket
import socketserver
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.parse

import with_demo
from with_demo import Caller, comes_to, demo_server, where

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None
BASE, OWN = "shops.example", "book.atlas.example"
TARGET = "atlas." + BASE


def encoded(name):
    return b"".join(bytes([len(label)]) + label.encode() for label in name.split(".")) + b"\0"


class Names(socketserver.ThreadingUDPServer):
    """Answers CNAME questions from `aliases`, A questions from `addresses`; SERVFAIL for what `broken` has, nothing for what `silent` has."""
    daemon_threads = True

    def __init__(self):
        self.aliases, self.addresses, self.broken, self.silent, self.asked = {}, {}, set(), set(), []
        super().__init__(("127.0.0.1", 0), None)

    def finish_request(self, request, address):
        query, sock = request
        labels, at = [], 12
        while query[at]:
            labels.append(query[at + 1:at + 1 + query[at]].decode())
            at += 1 + query[at]
        kind = struct.unpack(">H", query[at + 1:at + 3])[0]
        name = ".".join(labels).lower()
        self.asked.append(name)
        if name in self.silent:
            return
        rcode, answers = 0, b""
        if name in self.broken:
            rcode = 2
        elif name in self.aliases:  # as resolvers do, also in answer to other questions
            data = encoded(self.aliases[name])
            answers = b"\xc0\x0c" + struct.pack(">HHIH", 5, 1, 60, len(data)) + data
        elif name in self.addresses:
            if kind == 1:
                answers = b"\xc0\x0c" + struct.pack(">HHIH", 1, 1, 60, 4) + socket.inet_aton(self.addresses[name])
        else:
            rcode = 3
        header = query[:2] + struct.pack(">HHHHH", 0x8180 | rcode, 1, 1 if answers else 0, 0, 0)
        sock.sendto(header + query[12:at + 5] + answers, address)


class DomainTest(unittest.TestCase):
    def setUp(self):
        self.names = Names()
        threading.Thread(target=self.names.serve_forever, daemon=True).start()
        self.addCleanup(self.names.server_close)
        self.addCleanup(self.names.shutdown)

    def server(self, **more):
        return demo_server(SERVER, "--base-domain", BASE, "--dns-servers", "127.0.0.1:%d" % self.names.server_address[1], **more)

    def page(self, path="/", host=OWN, **headers):
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.base).netloc, timeout=30)
        connection.request("GET", path, headers={"Host": host, **headers})
        answer = connection.getresponse()
        text = answer.read().decode()
        connection.close()
        return answer.status, answer.headers, text

    def done(self, answer, status=200):
        self.assertEqual(answer[0], status, answer[1])
        return answer[1]

    def check(self, call, token=None):
        """Looks now, as soon as that is allowed."""
        def look():
            before = self.done(call("GET", "/v1/provider/domain", token=token))["checkedAt"]
            after = self.done(call("POST", "/v1/provider/domain/check", token=token))
            return after if after["checkedAt"] != before else None
        return comes_to(look, 15)

    def test_a_domain_is_verified_serves_the_storefront_and_is_lost(self):
        with self.server() as (handles, _):
            call, self.base = Caller(handles), handles["baseUrl"]
            self.assertEqual(self.page()[0], 404)
            self.names.aliases[OWN] = "cdn.example"
            self.names.aliases["cdn.example"] = TARGET.upper()
            self.done(call("PUT", "/v1/provider/domain", {"domain": OWN.upper() + "."}))
            verified = comes_to(lambda: (d := self.done(call("GET", "/v1/provider/domain")))["status"] == "VERIFIED" and d)
            self.assertEqual(verified["target"], TARGET)
            started = time.monotonic()
            status, headers, text = comes_to(lambda: (page := self.page())[0] == 200 and page)
            self.assertLess(time.monotonic() - started, 5)
            self.assertIn("Atlas Studios", text)
            self.assertIn(f'<link rel="canonical" href="http://{OWN}/">', text)
            # However the host is written; with the proxy's word for TLS; and the sitemap and robots name it.
            for host in (OWN.upper(), OWN + ".", OWN + ":8443"):
                self.assertEqual(self.page(host=host)[0], 200, host)
            self.assertIn(f'href="https://{OWN}/"', self.page(**{"X-Forwarded-Proto": "https"})[2])
            sitemap = self.page("/sitemap.xml")[2]
            self.assertGreater(len(re.findall(f"<loc>http://{OWN}/o/", sitemap)), 3)
            self.assertIn(f"Sitemap: http://{OWN}/sitemap.xml", self.page("/robots.txt")[2])
            # The subdomain goes on, and says where the storefront is.
            status, _, text = self.page(host=TARGET)
            self.assertEqual(status, 200)
            self.assertIn(f'<link rel="canonical" href="http://{OWN}/">', text)
            # The API is there too; a cookie is of this host alone.
            self.assertEqual(json.loads(self.page("/v1/public/atlas")[2])["customDomain"], OWN)
            self.assertEqual(self.done(call("GET", "/v1/api/me", token=handles["apiKey"]))["tenant"]["customDomain"], OWN)
            self.assertNotIn("Domain=", self.page("/bookings")[1].get("Set-Cookie", ""))
            self.assertEqual(self.page(f"/v1/domains/ask?domain={OWN}", host="127.0.0.1")[0], 204)
            self.assertEqual(self.page("/v1/domains/ask?domain=other.example", host="127.0.0.1")[0], 404)
            for other in ("atlas.example", "x." + OWN, OWN + ".evil.example", "127.0.0.1"):
                self.assertEqual(self.page(host=other)[0], 404, other)
            # A silent DNS is forgiven twice, another target never.
            self.names.broken.add(OWN)
            self.assertEqual((look := self.check(call))["status"], "VERIFIED")
            self.assertEqual(look["failure"], "UNREACHABLE")
            self.names.broken.clear()
            self.names.aliases[OWN] = "evil.example"
            lost = self.check(call)
            self.assertEqual((lost["status"], lost["failure"], lost["found"]), ("FAILED", "OTHER_TARGET", "evil.example"))
            comes_to(lambda: self.page()[0] == 404, 5)
            titles = [row["title"] for row in self.done(call("GET", "/v1/provider/notifications"))["data"]]
            self.assertEqual([title for title in titles if OWN in title],
                             [f"Your domain does not lead here any more: {OWN}", f"Your domain is verified: {OWN}"])

    def test_spoofed_records_verify_nothing(self):
        spoofs = {
            "a-record.example": None, "alike.example": "atlas.shops.example.evil.example", "prefix.example": "evil-atlas.shops.example",
            "other.example": "borealis.shops.example", "base.example": BASE, "homograph.example": "at1as.shops.example", "nowhere.example": "missing.example",
            "loop.example": "loop2.example", "silent.example": "silent.example"}
        self.names.addresses["a-record.example"] = "127.0.0.1"
        self.names.aliases.update({name: target for name, target in spoofs.items() if target})
        self.names.aliases["loop2.example"] = "loop.example"
        self.names.silent.add("silent.example")
        with self.server() as (handles, _):
            call, self.base = Caller(handles), handles["baseUrl"]
            for name in spoofs:
                self.done(call("PUT", "/v1/provider/domain", {"domain": name}))
                looked = comes_to(lambda: (d := self.done(call("GET", "/v1/provider/domain")))["checkedAt"] and d, 30)
                self.assertEqual(looked["status"], "PENDING", looked)
                wanted = {"a-record.example": "NOT_FOUND", "loop.example": "LOOP", "silent.example": "TIMEOUT"}.get(name, "OTHER_TARGET")
                self.assertEqual(looked["failure"], wanted, looked)
                self.assertEqual(self.page(host=name)[0], 404)
            for bad in (BASE, "x." + BASE, "127.0.0.1", "localhost", "*.acme.example", "acme.example:80"):
                self.assertEqual(call("PUT", "/v1/provider/domain", {"domain": bad})[0], 422, bad)

    def test_two_claim_one(self):
        with tempfile.TemporaryDirectory() as folder:
            made = subprocess.run([SERVER, "create-tenant", "--name", "Borealis", "--subdomain", "borealis", *where(folder)],
                                  capture_output=True, text=True, check=True).stdout
            other = re.search(r"ork_\S+", made)[0]
            with self.server(data=folder) as (handles, _):
                call, self.base = Caller(handles), handles["baseUrl"]
                self.names.aliases[OWN] = TARGET
                self.done(call("PUT", "/v1/provider/domain", {"domain": OWN}, other))
                self.done(call("PUT", "/v1/provider/domain", {"domain": OWN}))
                comes_to(lambda: self.done(call("GET", "/v1/provider/domain"))["status"] == "VERIFIED")
                comes_to(lambda: self.page()[0] == 200 and "Atlas" in self.page()[2])
                # The record moves to the other, who has it once it is lost, and not before.
                self.names.aliases[OWN] = "borealis." + BASE
                self.assertEqual(self.check(call, other)["failure"], "TAKEN")
                self.assertIn("Atlas", self.page()[2])
                self.assertEqual(self.check(call)["status"], "FAILED")
                self.assertEqual(self.check(call, other)["status"], "VERIFIED")
                comes_to(lambda: "Borealis" in self.page()[2], 5)
                self.done(call("DELETE", "/v1/provider/domain", token=other), 204)
                comes_to(lambda: self.page()[0] == 404, 5)
            checked = subprocess.run([SERVER, "check", *where(folder)], capture_output=True, text=True)
            self.assertIn("nothing is wrong", checked.stdout + checked.stderr)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])
