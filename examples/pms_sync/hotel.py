"""The hotel's books (pms.sql) as rooms.py and bookings.py see them."""
import datetime as dt
import fcntl
import sqlite3
import zoneinfo

from orkestr_rest import Refused, call


class Hotel:
    def __init__(self, file):
        self.lock = open(file + ".lock", "w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)  # the hourly run waits for the nightly one
        self.db = sqlite3.connect(file)
        self.db.row_factory = sqlite3.Row
        self.zone = zoneinfo.ZoneInfo(call("GET", "/api/me")["tenant"]["timeZone"])
        self.now = dt.datetime.now(dt.timezone.utc)
        self.changes = self.refusals = 0

    def rows(self, query, *values):
        return self.db.execute(query, values).fetchall()

    def row(self, query, *values):
        return next(iter(self.rows(query, *values)), None)

    def write(self, statement, *values):
        """Each change here is on disk before the next call of Orkestr."""
        with self.db:
            self.db.execute(statement, values)

    def tell(self, line):
        self.changes += 1
        print(line, flush=True)

    def attempt(self, what, act, *arguments):
        try:
            act(*arguments)
        except Refused as refusal:
            self.refusals += 1
            print(f"! {what}: {refusal}", flush=True)
