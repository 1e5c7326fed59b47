"""Mail from the running server: into the outbox of development, and by SMTP to a peer that is gone at first.

    mail_test.py SERVER [CLUSTER]

With the folder of a PostgreSQL cluster (scripts/postgres), the same on PostgreSQL.
"""

import contextlib
import email
import email.policy
import json
import re
import socket
import socketserver
import subprocess
import sys
import tempfile
import threading
import time
import unittest
import urllib.error
import urllib.request

import with_demo
from with_demo import Caller, comes_to, demo_server

SERVER = sys.argv[1]
with_demo.CLUSTER = sys.argv[2] if len(sys.argv) > 2 else None


class Peer(socketserver.StreamRequestHandler):
    """As much of SMTP as a client needs."""

    def handle(self):
        say = lambda line: self.wfile.write(line.encode() + b"\r\n")  # noqa: E731
        say("220 peer")
        while line := self.rfile.readline().decode():
            word = line[:4].upper().strip()
            if word == "DATA":
                say("354 go on")
                lines = []
                while (text := self.rfile.readline()) != b".\r\n":
                    lines.append(text[1:] if text.startswith(b"..") else text)
                self.server.mails.append(email.message_from_bytes(b"".join(lines), policy=email.policy.default))
            say("221 bye" if word == "QUIT" else "250 ok")


@contextlib.contextmanager
def smtp_peer(port):
    class Server(socketserver.ThreadingTCPServer):
        allow_reuse_address = True
        daemon_threads = True
        mails = []
    with Server(("127.0.0.1", port), Peer) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server
        server.shutdown()


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class MailTest(unittest.TestCase):
    def done(self, answer, status=200):
        self.assertEqual(answer[0], status, answer[1])
        return answer[1]

    def book(self, call, address):
        offering = self.done(call("GET", "/v1/public/atlas/offerings/quiet-meeting-room-for-six", token=""))
        day = lambda n: time.strftime("%Y-%m-%d", time.gmtime(time.time() + n * 86400))  # noqa: E731
        slots = self.done(call("GET", f"/v1/public/atlas/offerings/{offering['slug']}/slots?from={day(5)}&to={day(15)}", token=""))["slots"]
        return self.done(call("POST", "/v1/public/atlas/bookings", {
            "offeringId": offering["id"], "startsAt": slots[0]["startsAt"], "endsAt": slots[0]["endsAt"],
            "customer": {"name": "Ada", "email": address}}, token=""), 201)

    def test_a_customer_comes_in_by_the_outbox_of_development(self):
        with demo_server(SERVER) as (handles, _):
            call = Caller(handles)
            outbox = lambda to: [m for m in self.done(call("GET", "/dev/mail", token="")) if m["to"] == to]  # noqa: E731
            made = self.book(call, "ada@mail.example")
            [mail] = comes_to(lambda: outbox("ada@mail.example"))
            self.assertEqual(set(mail), {"to", "subject", "text", "at"})
            port = handles["baseUrl"].rsplit(":", 1)[1]
            link = f"http://atlas.localhost:{port}/bookings/{made['booking']['id']}?token={made['manageToken']}"
            self.assertIn(link + "\n", mail["text"])
            # The link leads where it says: pages find the tenant by the host.
            request = urllib.request.Request(link.replace("atlas.localhost", "127.0.0.1"), headers={"Host": f"atlas.localhost:{port}"})
            opener = urllib.request.build_opener(type("Stay", (urllib.request.HTTPRedirectHandler,), {"redirect_request": lambda *_: None}))
            with self.assertRaises(urllib.error.HTTPError) as seen:
                opener.open(request)
            self.assertEqual(seen.exception.code, 303)
            self.assertIn("/bookings/" + made["booking"]["id"], seen.exception.headers["Location"])
            self.assertIn(made["booking"]["id"], seen.exception.headers["Set-Cookie"])  # the browser keeps it
            seen.exception.close()

            self.assertEqual(call("POST", "/v1/public/atlas/customer-links", {"email": "ADA@mail.example"}, token=""), (202, {}))
            self.assertEqual(call("POST", "/v1/public/atlas/customer-links", {"email": "eve@mail.example"}, token=""), (202, {}))
            mail = comes_to(lambda: [m for m in outbox("ada@mail.example") if "?link=" in m["text"]])[0]
            link = re.search(r"\?link=(clk_\w+)", mail["text"])[1]
            session = self.done(call("POST", "/v1/public/atlas/customer-sessions", {"link": link}, token=""), 201)
            self.assertEqual(call("POST", "/v1/public/atlas/customer-sessions", {"link": link}, token="")[0], 404)
            token = session["sessionToken"]
            listed = self.done(call("GET", "/v1/public/atlas/bookings", token=token))["data"]
            self.assertEqual([row["id"] for row in listed], [made["booking"]["id"]])
            self.done(call("POST", f"/v1/public/atlas/bookings/{listed[0]['id']}/cancel", token=token))
            comes_to(lambda: [m for m in outbox("ada@mail.example") if "cancelled" in m["subject"]])
            self.done(call("DELETE", "/v1/public/atlas/customer-sessions/current", token=token), 204)
            self.assertEqual(call("GET", "/v1/public/atlas/bookings", token=token)[0], 401)
            self.assertEqual(outbox("eve@mail.example"), [])
            # The outbox is for this machine, by its own names.
            for host in ("evil.example", "localhost.evil.example"):
                request = urllib.request.Request(handles["baseUrl"] + "/dev/mail", headers={"Host": host})
                with self.assertRaises(urllib.error.HTTPError) as refused:
                    urllib.request.urlopen(request)
                self.assertEqual(refused.exception.code, 404)
                refused.exception.close()

    def test_mail_goes_by_smtp_and_waits_for_a_server_that_is_gone(self):
        port = free_port()
        flags = ["--smtp-url", f"smtp://127.0.0.1:{port}", "--mail-from", "Orkestr Łódź <no-reply@orkestr.example>",
                 "--public-url", "https://{tenant}.orkestr.example"]
        with tempfile.TemporaryDirectory() as folder, demo_server(SERVER, *flags, data=folder) as (handles, _):
            call = Caller(handles)
            self.assertEqual(call("GET", "/dev/mail", token="")[0], 404)  # real mail is nobody's to read here
            made = self.book(call, "ada@mail.example")
            metric = lambda name: int((re.search(rf'orkestr_mail_attempts_total{{outcome="{name}"}} (\d+)', self.metrics(handles)) or [0, 0])[1])  # noqa: E731
            comes_to(lambda: metric("retried") > 0)
            with smtp_peer(port) as peer:
                comes_to(lambda: peer.mails)
                [mail] = peer.mails
                self.assertEqual((mail["To"].addresses[0].addr_spec, mail["From"]), ("ada@mail.example", "Orkestr Łódź <no-reply@orkestr.example>"))
                self.assertIn(f"https://atlas.orkestr.example/bookings/{made['booking']['id']}?token={made['manageToken']}\r\n", mail.get_content())
                comes_to(lambda: metric("sent") == 1)

    def metrics(self, handles):
        with urllib.request.urlopen(handles["baseUrl"] + "/metrics") as answer:
            return answer.read().decode()

    def test_settings_that_can_not_work_are_refused(self):
        for flags in (["--smtp-url", "http://mail.example"], ["--smtp-url", "smtp://mail.example"], ["--public-url", "https://orkestr.example"],
                      ["--smtp-url", "smtp://mail.example", "--mail-from", "nobody"]):
            with tempfile.TemporaryDirectory() as folder:
                ran = subprocess.run([SERVER, "--port", "0", "--data", folder, *flags], capture_output=True, text=True, check=False, timeout=30)
                self.assertEqual(ran.returncode, 1, flags)
                self.assertIn("orkestr-server: ", ran.stderr)

    def test_without_a_mail_server_no_mail_is_promised(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run([SERVER, "create-tenant", "--name", "Acme", "--subdomain", "acme", *with_demo.where(folder)], check=True, capture_output=True)
            process = subprocess.Popen([SERVER, "--json", "--port", "0", "--log-level", "warn", *with_demo.where(folder)], stdout=subprocess.PIPE, text=True)
            try:
                call = Caller(json.loads(process.stdout.readline()))
                answer = call("POST", "/v1/public/acme/customer-links", {"email": "ada@mail.example"}, token="")
                self.assertEqual((answer[0], answer[1]["code"]), (501, "mail_unavailable"))
                self.assertEqual(call("GET", "/dev/mail", token="")[0], 404)
            finally:
                process.terminate()
                process.wait(timeout=30)
                process.stdout.close()


if __name__ == "__main__":
    unittest.main(argv=[sys.argv[0]])
