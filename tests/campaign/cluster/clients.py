"""Clients of the campaign, and the ledger in which they keep what they were told."""

import collections
import concurrent.futures
import dataclasses
import datetime
import http.client
import json
import random
import threading
import time
import typing

CAPACITIES = (1, 2, 5)
STARTS = 23  # of an hour each, every half hour from 08:00 to 20:00: neighbours overlap
PATIENCE = 40  # seconds: longer than a server tries, so no answer within it is a hang
stopping = threading.Event()  # the campaign is told to end


class Report:
    """Counts, faults by the check that found them, and bookings by the tag that they carry as their notes."""

    def __init__(self):
        self.lock = threading.Lock()
        self.counts = collections.Counter()
        self.faults = collections.Counter()
        self.examples = []
        self.booked = {}  # tag: Booked, acknowledged
        self.unknown = set()  # tags never answered: one row or none
        self.refused = set()  # tags refused: no row

    def count(self, name, n=1):
        with self.lock:
            self.counts[name] += n

    def fault(self, check, text):
        with self.lock:
            self.faults[check] += 1
            if self.faults[check] <= 3:
                self.examples.append(f"{check}: {text}")


@dataclasses.dataclass
class Booked:
    """What an acknowledged booking must be. `sure` ends with the first change whose outcome is not known."""

    id: str
    tenant: int
    start: datetime.datetime
    manage: typing.Optional[str] = None
    status: str = "PENDING"
    moves: int = 0
    sure: bool = True


Answer = collections.namedtuple("Answer", "status body server")


def stamp(moment):
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


class Client:
    """One connection at a time, renewed now and then so that all servers are met."""

    def __init__(self, world, number):
        self.world, self.number = world, number
        self.dice = random.Random(world.seed * 100_000 + number)
        self.connection, self.left = None, 0

    def close(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None

    def connect(self):
        self.close()
        self.connection = http.client.HTTPConnection("127.0.0.1", self.world.balancer.port, timeout=PATIENCE)
        self.connection.connect()
        self.left = self.dice.randint(1, 16)

    def once(self, method, path, body=None, key=None, token=None):
        """@returns the answer; None when it is not known whether the request took effect (503, or cut off)"""
        report = self.world.report
        headers = {"X-Forwarded-For": f"10.0.{self.number // 250}.{self.number % 250 + 1}"}
        if token:
            headers["Authorization"] = "Bearer " + token
        if key:
            headers["Idempotency-Key"] = key
        if body is not None:
            headers["Content-Type"] = "application/json"
        report.count("requests")
        try:
            if self.connection is None or self.left <= 0:
                self.connect()
            self.left -= 1
            self.connection.request(method, path, None if body is None else json.dumps(body), headers)
            response = self.connection.getresponse()
            text = response.read()
            if response.will_close:
                self.close()
        except TimeoutError:
            self.close()
            report.fault("answers", f"{method} {path} had no answer within {PATIENCE} s")
            return None
        except (OSError, http.client.HTTPException):
            self.close()
            report.count("connections cut")
            return None
        answer = Answer(response.status, json.loads(text) if text else {}, response.getheader("X-Request-Id", "")[:16])
        if answer.status == 503 and answer.body.get("code") in ("busy", "store_unavailable"):
            report.count("answers 503")
            if self.world.calm():
                report.count("answers 503 while nothing was killed")
            return None
        if answer.status >= 500:
            report.fault("answers", f"{method} {path} was answered {answer.status} {answer.body}")
            return None
        return answer

    def settle(self, method, path, body=None, key=None, token=None):
        """once(), again with the same key until there is an answer. What is sent so may be sent twice."""
        until = time.monotonic() + self.world.patience
        while True:
            answer = self.once(method, path, body, key, token)
            if answer is not None or stopping.is_set():
                return answer
            if time.monotonic() > until:
                if self.world.calm():
                    text = f"{method} {path} is not answered for {self.world.patience} s, and nothing was killed"
                    self.world.report.fault("answers", text)
                return None
            self.world.report.count("retries")
            time.sleep(0.05 + 0.1 * self.dice.random())

    def unexpected(self, what, answer):
        self.world.report.fault("answers", f"{what} was answered {answer.status} {answer.body.get('code')}: {answer.body.get('detail')}")

    # ---- bookings ----------------------------------------------------------------------------------------------

    def body(self, tag, offering, start, hold=None, coupon=None):
        body = {"customer": {"name": "Guest", "email": f"guest{self.number}@customers.example"}, "notes": tag}
        if hold:
            body["holdId"] = hold
        else:
            body.update(offeringId=offering, startsAt=stamp(start), endsAt=stamp(start + datetime.timedelta(hours=1)))
        if coupon:
            body["couponCode"] = coupon
        return body

    def place(self, public, tenant=0):
        """@returns path and token of bookings"""
        if public:
            return f"/v1/public/{self.world.subdomains[tenant]}/bookings", None
        return "/v1/api/bookings", self.world.keys[tenant]

    def book(self, tag, offering, start, hold=None, coupon=None):
        """@returns the booking, or the code of its refusal, or None"""
        report = self.world.report
        public = self.dice.random() < 0.5
        path, token = self.place(public)
        answer = self.settle("POST", path, self.body(tag, offering, start, hold, coupon), tag, token)
        if answer is None:
            report.unknown.add(tag)
            return None
        if answer.status == 201:
            made = answer.body["booking"] if public else answer.body
            booked = report.booked[tag] = Booked(made["id"], 0, start, answer.body.get("manageToken"))
            report.count("booked")
            return booked
        report.refused.add(tag)
        if answer.body.get("code") not in ("slot_unavailable", "hold_expired", "coupon_exhausted"):
            self.unexpected("a booking", answer)
        report.count("refused")
        return answer.body.get("code")

    def hold(self, tag, offering, start):
        body = {"offeringId": offering, "startsAt": stamp(start), "endsAt": stamp(start + datetime.timedelta(hours=1))}
        return self.settle("POST", f"/v1/public/{self.world.subdomains[0]}/holds", body, "hold-" + tag)

    def act(self, booked, verb, method, path, body=None, token=None):
        """A change of an own booking. @returns the answer; without one the booking is not sure any more"""
        key = f"{verb}-{self.number}-{self.dice.getrandbits(64)}" if method == "POST" else None
        answer = self.settle(method, path, body, key, token)
        if answer is None:
            booked.sure = False
        return answer

    def approve(self, booked):
        answer = self.act(booked, "approve", "POST", f"/v1/api/bookings/{booked.id}/approve", token=self.world.keys[0])
        if answer is None:
            return
        if answer.status == 200 and booked.status == "PENDING":
            booked.status = "CONFIRMED"
            self.world.report.count("approved")
        elif answer.body.get("code") != "invalid_transition" or booked.status == "PENDING":
            self.unexpected(f"approval of an own booking that is {booked.status}", answer)

    def change(self, booked):
        """@returns path and token for a change by the customer, or by the provider"""
        if booked.manage and self.dice.random() < 0.5:
            return f"/v1/public/{self.world.subdomains[0]}/bookings/{booked.id}", booked.manage
        return f"/v1/api/bookings/{booked.id}", self.world.keys[0]

    def move(self, booked, start):
        path, token = self.change(booked)
        body = {"startsAt": stamp(start), "endsAt": stamp(start + datetime.timedelta(hours=1))}
        answer = self.act(booked, "move", "PATCH", path, body, token)
        if answer is None:
            return
        if answer.status == 200:
            booked.moves += booked.start != start
            booked.start = start
            self.world.report.count("moved")
        elif answer.body.get("code") != "slot_unavailable":
            self.unexpected("a move of an own booking", answer)

    def cancel(self, booked):
        path, token = self.change(booked)
        answer = self.act(booked, "cancel", "POST", path + "/cancel", token=token)
        if answer is None:
            return
        if answer.status == 200:
            booked.status = "CANCELLED"
            self.world.report.count("cancelled")
        else:
            self.unexpected(f"cancelling of an own booking that is {booked.status}", answer)


def guest(world, number):
    """Holds, books, approves, moves, cancels and lets holds lapse, where many want few units."""
    client, own, made = Client(world, number), [], 0
    dice = client.dice
    while not world.over():
        offering = world.rooms[dice.randrange(3)]
        start = world.day + datetime.timedelta(minutes=8 * 60 + 30 * dice.randrange(world.starts))
        action = dice.randrange(10)
        if not own or action < 4:
            made += 1
            tag, hold = f"guest-{number}-{made}", None
            if action < 2:
                held = client.hold(tag, offering, start)
                if held is None or held.status != 201:
                    if held is not None and held.body.get("code") not in ("slot_unavailable", "too_many_holds"):
                        client.unexpected("a hold", held)
                    continue
                world.report.count("held")
                if dice.random() < 0.3:
                    continue  # left to lapse
                hold = held.body["id"]
            booked = client.book(tag, offering, start, hold)
            if isinstance(booked, Booked):
                own.append(booked)
            continue
        at = dice.randrange(len(own))
        if action < 6:
            client.approve(own[at])
        elif action < 8:
            client.move(own[at], start)
        else:
            client.cancel(own[at])
        if not own[at].sure or own[at].status == "CANCELLED":
            own.pop(at)
    client.close()


def rusher(world, number):
    """Checks out with the coupon that has a cap, and gives some of it back."""
    client, own, made = Client(world, number), [], 0
    dice = client.dice
    while not world.over():
        made += 1
        booked = client.book(f"rush-{number}-{made}", world.halls[0], world.anywhere(dice), coupon="RUSH")
        world.report.count("checkouts with the coupon")
        if isinstance(booked, Booked):
            own.append(booked)
            if dice.random() < 0.02:
                client.approve(booked)
        # A confirmed booking keeps its redemption when it is cancelled; a pending one gives it back. So few are approved,
        # and the coupon changes hands for long.
        pending = [b for b in own if b.status == "PENDING" and b.sure]
        if pending and (booked == "coupon_exhausted" or dice.random() < 0.3):
            chosen = dice.choice(pending)
            client.cancel(chosen)
            own.remove(chosen)
    client.close()


def repeater(world, number):
    """Sends each idempotency key five times at once, twice as another tenant, and then with another body."""
    report = world.report
    clients = [Client(world, number + n) for n in range(7)]
    dice, made = clients[0].dice, 0
    with concurrent.futures.ThreadPoolExecutor(len(clients)) as pool:
        while not world.over():
            made += 1
            key, public, start = f"repeat-{number}-{made}", dice.random() < 0.5, world.anywhere(dice)
            barrier = threading.Barrier(len(clients))

            def send(n, settle=False, notes=None):
                tenant, client = int(n >= 5), clients[n]
                path, token = client.place(public, tenant)
                body = clients[0].body(notes or f"{key}-{tenant}", world.halls[tenant], start)
                if settle:
                    return client.settle("POST", path, body, key, token)
                try:
                    client.connect()  # the next server's
                except OSError:
                    pass
                barrier.wait()
                return client.once("POST", path, body, key, token)

            answers = list(pool.map(send, range(len(clients))))
            report.count("idempotency keys", 2)
            report.count("sends of keys", len(clients) + 1)
            report.count("keys answered by several servers", len({a.server for a in answers if a is not None}) > 1)
            for tenant, some in ((0, answers[:5]), (1, answers[5:])):
                known = [a for a in some if a is not None]
                report.count("keys with a send cut off", len(known) < len(some))
                if len(known) < len(some):  # a client that was cut off asks again, and must find the one booking
                    known += filter(None, [send(tenant * 5, settle=True)])
                for answer in known:
                    if answer.status != 201:
                        clients[0].unexpected("a repeated booking", answer)
                ids = {(a.body["booking"] if public else a.body)["id"] for a in known if a.status == 201}
                tokens = {a.body.get("manageToken") for a in known if a.status == 201}
                if len(ids) > 1 or len(tokens) > 1:
                    report.fault("idempotency", f"one key, {len(ids)} bookings, {len(tokens)} tokens")
                if ids:
                    report.booked[f"{key}-{tenant}"] = Booked(ids.pop(), tenant, start)
                else:
                    report.unknown.add(f"{key}-{tenant}")
            if f"{key}-0" in report.booked and f"{key}-1" in report.booked:
                if report.booked[f"{key}-0"].id == report.booked[f"{key}-1"].id:
                    report.fault("idempotency", "another tenant was given this one's answer")
            if f"{key}-0" in report.booked:
                changed = send(0, settle=True, notes=f"{key}-changed")
                report.refused.add(f"{key}-changed")
                if changed is not None and (changed.status, changed.body.get("code")) != (422, "idempotency_mismatch"):
                    report.fault("idempotency", f"another body was answered {changed.status}")
    for client in clients:
        client.close()


def revoker(world, number, threads, most):
    """Makes a key, has it used on all servers, revokes it: nothing that starts after the revoke's answer is accepted."""
    report, admin = world.report, Client(world, number)
    hammers = [Client(world, number + 1 + n) for n in range(threads)]
    booked = admin.book("revoked-key", world.halls[0], world.anywhere(admin.dice))
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        made = 0
        while not world.over() and made < most:
            made += 1
            draft = {"name": "hot", "scopes": ["read", "write"]}
            issued = admin.settle("POST", "/v1/provider/api-keys", draft, f"key-{number}-{made}", world.keys[0])
            if issued is None or issued.status != 201:
                if issued is not None:
                    admin.unexpected("a new key", issued)
                continue
            done, log = threading.Event(), []

            def hammer(client, token=issued.body["token"], done=done, log=log):
                while not done.is_set():
                    if client.left > 3:
                        client.left = 3
                    write = client.dice.random() < 0.1 and isinstance(booked, Booked)
                    begun = time.monotonic()
                    if write:
                        answer = client.once("PATCH", f"/v1/api/bookings/{booked.id}", {"notes": "revoked-key"}, token=token)
                    else:
                        answer = client.once("GET", "/v1/api/me", token=token)
                    if answer is not None:
                        log.append((begun, answer.status, answer.server))
                        if answer.status not in (200, 401):
                            client.unexpected("a request with the hot key", answer)

            running = [pool.submit(hammer, client) for client in hammers]
            world.wait(lambda log=log: len({server for _, status, server in log if status == 200}) >= world.servers, 4)
            revoked = admin.settle("DELETE", f"/v1/provider/api-keys/{issued.body['id']}", token=world.keys[0])
            acknowledged = time.monotonic()
            if revoked is not None and revoked.status in (204, 404):  # 404 when the first answer was cut off
                world.wait(lambda log=log, t=acknowledged: len({server for begun, _, server in log if begun > t}) >= world.servers, 2)
            done.set()
            concurrent.futures.wait(running)
            if revoked is None:
                continue
            if revoked.status not in (204, 404):
                admin.unexpected("a revoke", revoked)
                continue
            late = [status for begun, status, _ in log if begun > acknowledged]
            report.count("revokes")
            report.count("accepted before a revoke", sum(status == 200 for begun, status, _ in log if begun <= acknowledged))
            report.count("refused after a revoke", sum(status == 401 for status in late))
            report.count("accepted after a revoke", sum(status == 200 for status in late))
            if 200 in late:
                report.fault("revoke", f"{late.count(200)} requests that began after a revoke's answer were accepted")
    for client in [admin, *hammers]:
        client.close()
