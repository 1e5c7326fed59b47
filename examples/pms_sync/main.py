#!/usr/bin/env python3
"""E) Keeps a hotel's PMS and Orkestr alike. For cron, each night and each hour:

    export ORKESTR_URL=https://booking.example ORKESTR_KEY=ork_…      a key with the scopes read, write and admin
    main.py hotel.db                  compares all rooms, and the bookings of the next two years
    main.py hotel.db --last-hour      what has changed since, on either side

It may be killed at any point and run again. What Orkestr refuses is told, tried again next time, and makes the exit code 1.
"""
import argparse
import datetime as dt
import pathlib
import sys

sys.path.append(str(pathlib.Path(__file__).parent.parent))
import bookings  # noqa: E402
import rooms  # noqa: E402
from hotel import Hotel  # noqa: E402
from orkestr_rest import call  # noqa: E402

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("file")
parser.add_argument("--last-hour", action="store_true")
options = parser.parse_args()

hotel = Hotel(options.file)
cursor = hotel.row("SELECT cursor FROM orkestr")["cursor"]
ids, last = bookings.touched(cursor)  # before anything is listed: what happens meanwhile is seen next time
hourly = options.last_hour and cursor
rooms.sync(hotel, hotel.now - dt.timedelta(hours=1) if hourly else None)
bookings.sync(hotel, (call("GET", f"/api/bookings/{booking}") for booking in sorted(ids)) if hourly else bookings.of_two_years(hotel.now))
hotel.write("UPDATE orkestr SET cursor = ?", last)
print(f"{hotel.changes} changes, {hotel.refusals} refused")
sys.exit(1 if hotel.refusals else 0)
