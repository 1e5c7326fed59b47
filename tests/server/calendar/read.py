"""A calendar from stdin, as icalendar reads it: its name and its events, as JSON."""

import datetime
import json
import sys

import icalendar


def instant(value):
    at = value.dt.astimezone(datetime.timezone.utc)
    return at.strftime("%Y-%m-%dT%H:%M:%S.000Z")


calendar = icalendar.Calendar.from_ical(sys.stdin.buffer.read())
print(json.dumps({
    "name": str(calendar["X-WR-CALNAME"]),
    "method": str(calendar["METHOD"]),
    "refresh": int(calendar["REFRESH-INTERVAL"].dt.total_seconds()),
    "events": [{
        "uid": str(event["UID"]),
        "sequence": int(event["SEQUENCE"]),
        "status": str(event["STATUS"]),
        "start": instant(event["DTSTART"]),
        "end": instant(event["DTEND"]),
        "stamp": instant(event["DTSTAMP"]),
        "summary": str(event["SUMMARY"]),
        "description": str(event["DESCRIPTION"]),
        "url": str(event["URL"]),
    } for event in calendar.walk("VEVENT")],
}))
