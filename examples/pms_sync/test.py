"""A hotel and Orkestr become alike and stay so, and a run that is killed after any of its requests is made good by the next.   test.py SERVER"""
import datetime as dt
import http.client
import http.server
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile
import threading
import urllib.parse
import zoneinfo

HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))
from patterns import demo, expect  # noqa: E402


class Proxy(http.server.ThreadingHTTPServer):
    """Between the program and the server. After the `fatal`th request has been answered, the program is killed and never hears of it."""

    def __init__(self, base):
        self.fatal, self.program, self.methods = 0, None, []

        class Handler(http.server.BaseHTTPRequestHandler):
            def pass_on(handler):
                upstream = http.client.HTTPConnection(urllib.parse.urlsplit(base).netloc, timeout=30)
                body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
                upstream.request(handler.command, handler.path, body, {k: v for k, v in handler.headers.items() if k not in ("Host", "Connection")})
                answer = upstream.getresponse()
                text = answer.read()
                self.methods.append(handler.command)
                if len(self.methods) == self.fatal:
                    self.program.kill()
                    self.program.wait()
                    return
                handler.send_response(answer.status)
                handler.send_header("Content-Length", str(len(text)))
                handler.end_headers()
                handler.wfile.write(text)

            do_GET = do_POST = do_PATCH = do_DELETE = pass_on

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()


FIRST = dt.date.today() + dt.timedelta(days=40)


def day(n):
    return (FIRST + dt.timedelta(days=n)).isoformat()


def nights(first, last):
    """As instants: the demo's business is in New York."""
    starts, ends = (dt.datetime.fromisoformat(day(n)).replace(tzinfo=zoneinfo.ZoneInfo("America/New_York")).isoformat() for n in (first, last))
    return {"startsAt": starts, "endsAt": ends}


class World:
    def __init__(self, orkestr, folder):
        self.orkestr, self.file, self.proxy = orkestr, str(folder / "hotel.db"), Proxy(orkestr.handles["baseUrl"])
        self.db = sqlite3.connect(self.file, isolation_level=None)
        self.db.executescript((HERE / "pms.sql").read_text())
        self.environment = os.environ | {"ORKESTR_URL": f"http://127.0.0.1:{self.proxy.server_port}", "ORKESTR_KEY": orkestr.handles["adminKey"]}

    def run(self, *flags, fatal=0, code=0):
        """What it said, or None where it was killed."""
        self.proxy.methods, self.proxy.fatal = [], fatal
        program = self.proxy.program = subprocess.Popen([sys.executable, HERE / "main.py", self.file, *flags], env=self.environment,
                                                        stdout=subprocess.PIPE, text=True)
        said = program.communicate(timeout=60)[0]
        if fatal and program.returncode == -9:
            return None
        expect((program.returncode, said), (code, said))
        return said.splitlines()

    def room(self, code, title="Double room", price=9000):
        self.db.execute("INSERT INTO rooms (code, title, price_cents, currency) VALUES (?, ?, ?, 'USD')", (code, title, price))

    def sell(self, room, first, last):
        """The hotel sells a room."""
        cursor = self.db.execute("INSERT INTO bookings (room, arrives, departs, guest, email) VALUES (?, ?, ?, 'Ada', ?)",
                                 (room, day(first), day(last), f"ada{first}@guests.example"))
        return cursor.lastrowid

    def book(self, room, first, last):
        """A visitor books a room with Orkestr."""
        offering = self.orkestr("GET", f"/v1/api/offerings/pms-{room}")["id"]
        return self.orkestr("POST", "/v1/api/bookings", {"offeringId": offering, **nights(first, last),
                                                         "customer": {"name": "Bo", "email": f"bo{first}@guests.example"}})

    def move(self, booking, first, last):
        self.orkestr("PATCH", f"/v1/api/bookings/{booking['id']}", nights(first, last))

    def ours(self):
        return sorted(self.db.execute("SELECT room, arrives, departs, status FROM bookings WHERE orkestr_id IS NOT NULL"))

    def theirs(self):
        """What the offerings and bookings of the hotel are there, however they came to be."""
        everything, cursor = [], ""
        while cursor is not None:
            page = self.orkestr("GET", f"/v1/api/bookings?limit=200{cursor}")
            everything += page["data"]
            cursor = f"&cursor={page['nextCursor']}" if page["hasMore"] else None
        rooms = dict(self.db.execute("SELECT offering_id, code FROM rooms"))
        return sorted((rooms[item["offeringId"]], item["startsAt"][:10], item["endsAt"][:10], booking["status"])
                      for booking in everything for item in booking["items"] if item["offeringId"] in rooms)

    def alike(self):
        expect(self.theirs(), self.ours())
        offerings = self.orkestr("GET", "/v1/api/offerings?limit=200")["data"]
        expect(sorted((o["slug"], o["title"], o["basePriceCents"]) for o in offerings if o["slug"].startswith("pms-")),
               sorted(self.db.execute("SELECT 'pms-' || code, title, price_cents FROM rooms WHERE NOT retired")))

    def nothing_to_do(self, *flags):
        expect(self.run(*flags), ["0 changes, 0 refused"])
        expect(set(self.proxy.methods), {"GET"})


def one_night_after_another(world):
    world.room("101")
    world.room("102", "Single room", 6000)
    ref = world.sell("101", 0, 3)
    expect(world.run(), ["> room 101: status", "> room 102: status", f"> booking {ref}: {day(0)} {day(3)} PENDING",
                         f"> booking {ref}: {day(0)} {day(3)} CONFIRMED", "4 changes, 0 refused"])
    world.alike()
    world.nothing_to_do()
    world.nothing_to_do("--last-hour")

    visitor = world.book("102", 0, 2)
    expect(world.run("--last-hour"), [f"< room 102: {day(0)} {day(2)} PENDING", "1 changes, 0 refused"])
    # One is moved there and confirmed here at once: both come through.
    world.move(visitor, 1, 3)
    world.db.execute("UPDATE bookings SET status = 'CONFIRMED' WHERE orkestr_id = ?", (visitor["id"],))
    world.db.execute("UPDATE bookings SET departs = ? WHERE ref = ?", (day(5), ref))
    world.db.execute("UPDATE rooms SET price_cents = 9500 WHERE code = '101'")
    expect(len(world.run("--last-hour")), 5)
    expect(world.ours(), [("101", day(0), day(5), "CONFIRMED"), ("102", day(1), day(3), "CONFIRMED")])
    world.alike()

    # The same nights are sold on both sides. Orkestr keeps what it has; the hotel sees both, and is told until somebody has decided.
    late = world.book("102", 5, 7)
    twin = world.sell("102", 6, 8)
    refusal = f"! booking {twin}: Not enough units are left on these days."
    expect(world.run(code=1), [f"< room 102: {day(5)} {day(7)} PENDING", refusal, "1 changes, 1 refused"])
    expect(world.run(code=1), [refusal, "0 changes, 1 refused"])
    world.orkestr("POST", f"/v1/api/bookings/{late['id']}/cancel", {})
    expect(world.run("--last-hour"), [f"< booking {twin + 1}: {day(5)} {day(7)} CANCELLED", f"> booking {twin}: {day(6)} {day(8)} PENDING",
                                      f"> booking {twin}: {day(6)} {day(8)} CONFIRMED", "3 changes, 0 refused"])
    world.db.execute("UPDATE bookings SET status = 'CANCELLED' WHERE ref = ?", (ref,))
    world.db.execute("UPDATE rooms SET retired = 1 WHERE code = '102'")
    expect(len(world.run("--last-hour")), 3)
    world.alike()
    world.nothing_to_do()


def killed_far_ahead(world):
    """A booking that no list of the next run would show: the idempotency key alone tells that it was made."""
    world.sell("101", 1000, 1001)
    expect(world.run(fatal=len(world.proxy.methods) + 1), None)
    expect(world.proxy.methods[-1], "POST")
    expect(len(world.run()), 3)
    world.alike()


def killed_anywhere(world):
    world.room("103")
    world.run()
    visitor = sold = gone = None
    for n in range(1, 100):
        start = 10 * n
        world.room(f"2{n:02}")
        world.db.execute("UPDATE rooms SET price_cents = price_cents + 100 WHERE code = '101'")
        if visitor:
            world.move(visitor, start - 8, start - 6)
            world.db.execute("UPDATE bookings SET departs = ? WHERE ref = ?", (day(start - 6), sold))
            world.db.execute("UPDATE rooms SET retired = 1 WHERE code = ?", (f"2{n - 1:02}",))
            world.db.execute("UPDATE bookings SET status = 'CANCELLED' WHERE ref = ?", (gone,))
        visitor, sold, gone = world.book("103", start, start + 1), world.sell("101", start, start + 3), world.sell("101", start + 4, start + 5)
        said = world.run(*["--last-hour"][: n % 2], fatal=n)
        world.run(*["--last-hour"][: n // 2 % 2])
        world.alike()
        if n % 4 == 0:
            world.nothing_to_do(*["--last-hour"][: n // 4 % 2])
        if said:
            return n
    sys.exit("it was never done")


with demo(sys.argv[1]) as orkestr, tempfile.TemporaryDirectory() as folder:
    world = World(orkestr, pathlib.Path(folder))
    one_night_after_another(world)
    killed_far_ahead(world)
    print(f"killed after each of {killed_anywhere(world) - 1} requests")
