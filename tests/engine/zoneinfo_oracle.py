"""The availability rules and the zone arithmetic once more, on Python's zoneinfo and nothing else.

`zoneinfo_oracle.py slots`        reads one schedule per line (JSON) and answers each with its slots on a line:
                                  `startMs endMs capacity remaining …`
`zoneinfo_oracle.py transitions`  prints every change of offset in 2010–2037 of every zone, with times around it:
                                  `Z name…` then `L localSeconds earlier later` and `U utcSeconds localSeconds`
"""

import json
import os
import sys
import zoneinfo
from datetime import datetime, timedelta

EPOCH = datetime(1970, 1, 1)
ONE_SECOND = timedelta(seconds=1)


def seconds(naive):
    return (naive - EPOCH) // ONE_SECOND


def naive(count):
    return EPOCH + timedelta(seconds=count)


def offset_at(zone, utc):
    """Seconds east of UTC at a UTC second."""
    return zone.fromutc(naive(utc).replace(tzinfo=zone)).utcoffset() // ONE_SECOND


def first_change(zone, low, high):
    """The first second in (low, high] at which the offset of `low` no longer holds."""
    before = offset_at(zone, low)
    while high - low > 1:
        middle = (low + high) // 2
        if offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high


def both_instants(zone, local):
    """(earlier, later) UTC seconds of a wall clock reading; in a gap both are the first second after it (PEP 495)."""
    wall = naive(local)
    first = local - zone.utcoffset(wall.replace(fold=0)) // ONE_SECOND
    second = local - zone.utcoffset(wall.replace(fold=1)) // ONE_SECOND
    if first + offset_at(zone, first) != local:  # no round trip: nobody ever read this off the clock
        after = first_change(zone, second, first)
        return after, after
    return first, second


# ---- slots -------------------------------------------------------------------------------------------------------


def parse_wall(text):
    return seconds(datetime.fromisoformat(text))


def minutes_of(text):
    return int(text[:2]) * 60 + int(text[3:])


def holds(rule, day):
    return (
        day.isoweekday() % 7 == rule["dayOfWeek"]
        and (rule["validFrom"] is None or rule["validFrom"] <= day.isoformat())
        and (rule["validUntil"] is None or day.isoformat() <= rule["validUntil"])
    )


def windows(question, zone, first_day, last_day):
    """(start, end, slot length, step, capacity) of each window, times in UTC seconds, lengths in seconds."""
    for rule in question["rules"]:
        start, end = minutes_of(rule["startTime"]), minutes_of(rule["endTime"])
        if end <= start:
            end += 24 * 60
        day = first_day
        while day <= last_day:
            if holds(rule, day):
                midnight = seconds(datetime.combine(day, datetime.min.time()))
                yield (
                    both_instants(zone, midnight + start * 60)[0],
                    both_instants(zone, midnight + end * 60)[1],
                    rule["slotMinutes"] * 60,
                    (rule["stepMinutes"] or rule["slotMinutes"]) * 60,
                    rule["capacity"],
                )
            day += timedelta(days=1)
    for opening in question["exceptions"]:
        if opening["kind"] != "OPEN":
            continue
        day = datetime.fromisoformat(opening["startsAt"]).date()
        lenders = [rule for rule in question["rules"] if holds(rule, day)] + question["rules"][:1]
        lender = lenders[0] if lenders else {"slotMinutes": 60, "stepMinutes": None, "capacity": 1}
        length = opening["slotMinutes"] or lender["slotMinutes"]
        step = opening["stepMinutes"] or (None if opening["slotMinutes"] else lender["stepMinutes"]) or length
        yield (
            both_instants(zone, parse_wall(opening["startsAt"]))[0],
            both_instants(zone, parse_wall(opening["endsAt"]))[1],
            length * 60,
            step * 60,
            opening["capacity"] or lender["capacity"],
        )


def peak(taken, start, end):
    """The most units taken at one time in [start, end): reached at its start or where a claim begins."""
    moments = [start] + [claim[0] for claim in taken if start < claim[0] < end]
    return max(sum(units for begin, finish, units in taken if begin <= moment < finish) for moment in moments)


def slots(question):
    zone = zoneinfo.ZoneInfo(question["zone"])
    begin, finish, now = question["from"], question["to"], question["now"]
    first_day = naive(begin // 1000).date() - timedelta(days=4)
    last_day = naive(finish // 1000).date() + timedelta(days=2)
    blocks = [
        (both_instants(zone, parse_wall(block["startsAt"]))[0] * 1000, both_instants(zone, parse_wall(block["endsAt"]))[1] * 1000)
        for block in question["exceptions"]
        if block["kind"] == "BLOCK"
    ]
    blocks = [(start, end) for start, end in blocks if start < end]
    found = {}
    for start, end, length, step, capacity in windows(question, zone, first_day, last_day):
        for at in range(start, end - length + 1, step):
            if begin <= at * 1000 < finish:
                key = (at * 1000, (at + length) * 1000)
                found[key] = max(found.get(key, 0), capacity)

    today = naive(now // 1000 + offset_at(zone, now // 1000)).date()
    day_after = today + timedelta(days=question["advanceDays"] + 1)
    limit = both_instants(zone, seconds(datetime.combine(day_after, datetime.min.time())))[0] * 1000
    earliest = now + question["notice"] * 60_000
    out = []
    for (start, end), capacity in sorted(found.items()):
        if any(start < block_end and block_start < end for block_start, block_end in blocks):
            continue
        taken = peak(question["taken"], start - question["bufferBefore"] * 60_000, end + question["bufferAfter"] * 60_000)
        left = max(0, capacity - taken)
        if question["customer"] and (left == 0 or start < earliest or start >= limit):
            continue
        out += [start, end, capacity, left]
    return out


# ---- transitions -------------------------------------------------------------------------------------------------


def changes(zone):
    """UTC seconds of every change of offset: daily samples, then bisection."""
    noon = datetime(2010, 1, 1, 12)
    before = zone.utcoffset(noon)
    while noon.year < 2038:
        noon += timedelta(days=1)
        after = zone.utcoffset(noon)
        if after != before:
            at = seconds(noon)
            yield first_change(zone, at - 86_400 - before // ONE_SECOND, at - after // ONE_SECOND)
            before = after


def rows(zone):
    for change in changes(zone):
        before, after = change + offset_at(zone, change - 1), change + offset_at(zone, change)
        low, high = min(before, after), max(before, after)
        for local in sorted({low - 60, low - 1, low, low + 60, (low + high) // 2, high - 60, high - 1, high, high + 60}):
            earlier, later = both_instants(zone, local)
            yield f"L {local} {earlier} {later}"
        for utc in (change - 86_400, change - 60, change - 1, change, change + 60, change + 86_400):
            yield f"U {utc} {utc + offset_at(zone, utc)}"


def transitions(out):
    same = {}
    for name in sorted(zoneinfo.available_timezones()):
        for folder in zoneinfo.TZPATH:
            path = os.path.join(folder, name)
            if os.path.isfile(path):
                with open(path, "rb") as file:
                    same.setdefault(file.read(), []).append(name)  # aliases share their rows
                break
    for names in same.values():
        print("Z", *names, file=out)
        for row in rows(zoneinfo.ZoneInfo(names[0])):
            print(row, file=out)


if __name__ == "__main__":
    if sys.argv[1:] == ["slots"]:
        for line in sys.stdin:
            print(*slots(json.loads(line)))
    elif sys.argv[1:] == ["transitions"]:
        transitions(sys.stdout)
    else:
        sys.exit(__doc__)
