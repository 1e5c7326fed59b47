"""The prices of quote() once more, on exact fractions and Python's zoneinfo, by ways slow enough to be obvious.

    compare.py PROGRAM [--count N] [--seed S] [--jobs J]
    compare.py PROGRAM --self-check

PROGRAM is quote_cases, built from cases.cpp beside this: it asks quote() random questions and writes each with its answer.
First this shows that it can fail: answers spoilt by a cent, and models wrong in one point each, must all be caught
(--self-check stops there). Then N answers are compared. The first that differs is shown in full, and the exit code is 1.

The model: HOURLY walks minute by minute (all times are whole minutes), DAILY day by day; what follows one another under the
same rules is a line. Times are minutes since 1970, in UTC (`minute`) or on the zone's wall clock (`wall`).
"""

import argparse
import collections
import functools
import itertools
import json
import multiprocessing
import subprocess
import sys
import time
import types
import zoneinfo
from datetime import date, datetime, timedelta
from fractions import Fraction
from unittest import mock

LARGEST = 2**63 - 1
DAY = 24 * 60
EPOCH = datetime(1970, 1, 1)
MINUTE = timedelta(minutes=1)
BLOCK = 120  # minutes, in which no zone changes its offset twice
CHUNK = 5_000  # cases to one run of the program

# ---- time --------------------------------------------------------------------------------------------------------


@functools.cache
def same_throughout(offset):
    return [offset] * BLOCK


@functools.lru_cache(1_000_000)
def offsets(name, block):
    """Minutes east of UTC at each minute of a block; asks for all of them only where the first and the last differ."""
    zone, first = zoneinfo.ZoneInfo(name), block * BLOCK

    def offset(minute):
        return zone.fromutc((EPOCH + minute * MINUTE).replace(tzinfo=zone)).utcoffset() // MINUTE

    if offset(first) == offset(first + BLOCK - 1):
        return same_throughout(offset(first))
    return [offset(minute) for minute in range(first, first + BLOCK)]


def wall_at(zone, minute):
    return minute + offsets(zone, minute // BLOCK)[minute % BLOCK]


def time_of_day(zone, minute):
    wall = wall_at(zone, minute)
    if wall_at(zone, minute - 1) // DAY < wall // DAY:  # the day's first instant, whatever the clock shows
        return 0
    return wall % DAY


def days_touched(zone, start, end):
    """By the calendar: the day that Samoa skipped in 2011 counts, and never less than one where clocks return to the day before."""
    days = wall_at(zone, end) // DAY - wall_at(zone, start) // DAY + checkout_counts(zone, start, end)
    return max(1, days)


def checkout_counts(zone, start, end):
    return time_of_day(zone, end) > time_of_day(zone, start)


# ---- rules -------------------------------------------------------------------------------------------------------


Rule = collections.namedtuple("Rule", "id adjust days span first last")  # span: minutes of the day; first, last: days since 1970


@functools.cache
def minutes_of(text):
    return int(text[:2]) * 60 + int(text[3:])


@functools.cache
def day_of(text):
    return (date.fromisoformat(text) - EPOCH.date()).days


def readied(rule):
    when = rule["when"]
    span, dates = when["localTimeRange"], when["localDateRange"] or {"from": None, "to": None}
    return Rule(
        rule["id"],
        rule["adjust"],
        when["daysOfWeek"] or range(7),
        span and (minutes_of(span["from"]), minutes_of(span["to"])),
        day_of(dates["from"] or "1900-01-01"),
        day_of(dates["to"] or "9999-12-31"),
    )


def day_judged(day, time, begin, end):
    """The day to which a wall time within [begin, end) belongs; None outside."""
    if begin < end:
        return day if begin <= time < end else None
    if time >= begin:
        return day
    return day - 1 if time < end else None


def holds(rule, wall):
    day = wall // DAY
    if rule.span:
        day = day_judged(day, wall % DAY, *rule.span)
    return day is not None and rule.first <= day <= rule.last and (day + 4) % 7 in rule.days  # 1970 began on a Thursday


def within(given, value):
    low, high = (given["min"], given["max"]) if given else (None, None)
    return (low is None or low <= value) and (high is None or value < high)


def lead_hours(case):
    return Fraction(case["start"] - case["now"], 3_600_000)


def occupancy(case):
    return Fraction(100 * case["taken"], case["capacity"]) if case["capacity"] else Fraction(0)


def is_active(rule):
    return rule["active"]


def turn(rule):
    return rule["priority"], rule["id"].encode()


def candidates(case):
    """The rules that may apply at some time of the booking, in the order in which they do."""
    lead, percent = lead_hours(case), occupancy(case)
    rules = [
        rule
        for rule in case["rules"]
        if is_active(rule) and within(rule["when"]["leadTimeHours"], lead) and within(rule["when"]["occupancyPct"], percent)
    ]
    return [readied(rule) for rule in sorted(rules, key=turn)]


def not_negative(rate):
    return max(rate, Fraction(0))


def bounded(rate, low, high):
    if low is not None:
        rate = max(rate, Fraction(low))
    return rate if high is None else min(rate, Fraction(high))


def adjusted(rate, adjust):
    value = adjust["value"]
    if adjust["kind"] == "PERCENT":
        return rate * Fraction(100 + value, 100)
    return rate + value if adjust["kind"] == "FIXED" else Fraction(value)


def rates(case, rules):
    """(whose step, the rate after it): the base's, each rule's, and the bounds' where they bind."""
    rate = Fraction(case["base"])
    found = [(None, rate)]
    for rule in rules:
        rate = not_negative(adjusted(rate, rule.adjust))
        found.append((rule.id, rate))
    last = bounded(rate, case["min"], case["max"])
    return found + [(None, last)] * (last != rate)


# ---- money -------------------------------------------------------------------------------------------------------


def rounded(amount):
    """Half away from zero; nothing here is below zero."""
    return (2 * amount.numerator + amount.denominator) // (2 * amount.denominator)


def unit_price(rate, amount, _quantity):
    return rounded(rate * amount)


def first_in_line(index):
    return index


def allocate(total, weights):
    """Largest remainder; ties go to the earlier line, and everything to the first where all weights are zero."""
    whole = sum(weights)
    if whole == 0:
        return [total] + [0] * (len(weights) - 1)
    parts = [total * weight // whole for weight in weights]
    by_remainder = sorted(range(len(weights)), key=lambda i: (-(total * weights[i] % whole), first_in_line(i)))
    for index in by_remainder[: total - sum(parts)]:
        parts[index] += 1
    return parts


def discount_of(case, subtotal):
    coupon = case["coupon"]
    if coupon is None:
        return min(case["discount"], subtotal)
    return rounded(Fraction(subtotal * coupon["amount"], 100)) if coupon["kind"] == "PERCENT" else min(coupon["amount"], subtotal)


def tax_of(case, net):
    bps = case["taxBps"]
    return rounded(Fraction(net * bps, 10_000 + bps if case["taxInclusive"] else 10_000))


# ---- the model ---------------------------------------------------------------------------------------------------

Line = collections.namedtuple("Line", "unit quantity subtotal discount tax total steps")


def hourly_walls(zone, start, end):
    return [wall_at(zone, minute) for minute in range(start, end)]


def stretches(case):
    """(the rules that apply, for how much time) of each line."""
    zone, start, end, rules = case["zone"], case["start"] // 60_000, case["end"] // 60_000, candidates(case)
    if case["model"] == "HOURLY":
        walls, unit = hourly_walls(zone, start, end), Fraction(1, 60)
    elif case["model"] == "DAILY":
        walls, unit = [wall_at(zone, start) + day * DAY for day in range(days_touched(zone, start, end))], Fraction(1)
    else:
        walls, unit = [wall_at(zone, start)], Fraction(1)
    for applying, run in itertools.groupby(walls, lambda wall: [rule for rule in rules if holds(rule, wall)]):
        yield applying, unit * len(list(run))


def steps(case, rules, amount):
    """(whose, what it changes in the rounded unit price) of each step."""
    way, before = [], 0
    for whose, rate in rates(case, rules):
        price = unit_price(rate, amount, case["quantity"])
        way.append((whose, price - before))
        before = price
    return way


@functools.cache
def is_zone(name):
    return name in zoneinfo.available_timezones()


def model(case):
    """The code of an error, or (lines, subtotal, discount, tax, total).

    Too large is any amount on the way: the price after a step, and what would be paid without the coupon.
    """
    if not is_zone(case["zone"]):
        return "invalid_parameter"
    quantity, coupon, extra = case["quantity"], case["coupon"], 0 if case["taxInclusive"] else 1
    ways = [steps(case, rules, amount) for rules, amount in stretches(case)]
    prices = [list(itertools.accumulate(change for _, change in way)) for way in ways]
    units = [after[-1] for after in prices]
    subtotals = [unit * quantity for unit in units]
    subtotal = sum(subtotals)
    if max([subtotal, *map(max, prices)]) > LARGEST or (coupon and subtotal + tax_of(case, subtotal) * extra > LARGEST):
        return "amount_overflow"
    if coupon and coupon["currency"] not in (None, case["currency"]):
        return "coupon_currency"
    discount = discount_of(case, subtotal)
    discounts = allocate(discount, subtotals)
    nets = [line - off for line, off in zip(subtotals, discounts)]
    net = subtotal - discount
    tax = tax_of(case, net)
    taxes = allocate(tax, nets)
    total = net + tax * extra
    if total > LARGEST:
        return "amount_overflow"
    totals = [line + own_tax * extra for line, own_tax in zip(nets, taxes)]
    lines = [Line(*columns) for columns in zip(units, itertools.repeat(quantity), subtotals, discounts, taxes, totals, ways)]
    return lines, subtotal, discount, tax, total


def answered(case):
    """What the program said, in the model's form."""
    if "error" in case:
        return case["error"]
    quote = case["quote"]
    lines = [
        Line(
            *(line[key] for key in ("unitPriceCents", "quantity", "subtotalCents", "discountCents", "taxCents", "totalCents")),
            [(step["ruleId"], step["amountCents"]) for step in line["steps"]],
        )
        for line in quote["lines"]
    ]
    return lines, quote["subtotalCents"], quote["discountCents"], quote["taxCents"], quote["totalCents"]


def sums_up(case):
    """Lines sum to the quote, steps to their line, a full refund is the total, and the currency stays."""
    if "error" in case:
        return True
    quote = case["quote"]
    return (
        all(quote[key] == sum(line[key] for line in quote["lines"]) for key in ("subtotalCents", "discountCents", "taxCents", "totalCents"))
        and all(line["unitPriceCents"] == sum(step["amountCents"] for step in line["steps"]) for line in quote["lines"])
        and case["fullRefund"] == quote["totalCents"]
        and quote["currency"] == case["currency"]
    )


def agrees(case, wanted):
    return sums_up(case) and answered(case) == wanted


# ---- whether it can fail -----------------------------------------------------------------------------------------


def lines_of(case):
    return case["quote"]["lines"] if "quote" in case else []


def add(amount, *keys, index=-1):
    def spoil(case):
        for line in lines_of(case)[index:][:1]:
            for key in keys:
                line[key] += amount

    return spoil


def tax_to_neighbour(case):
    for one, other in zip(lines_of(case)[:1], lines_of(case)[1:2]):
        if one["taxCents"] > 0:
            for key in ("taxCents", "totalCents") if not case["taxInclusive"] else ("taxCents",):
                one[key] -= 1
                other[key] += 1


def cent_everywhere(case):
    """One cent less, in all sums alike."""
    for line in lines_of(case)[:1]:
        for target, keys in (
            (line, ("unitPriceCents", "subtotalCents", "totalCents")),
            (line["steps"][0], ("amountCents",)),
            (case["quote"], ("subtotalCents", "totalCents")),
            (case, ("fullRefund",)),
        ):
            for key in keys:
                target[key] -= 1


def refund_short(case):
    if "fullRefund" in case:
        case["fullRefund"] -= 1


def swap_steps(case):
    for line in lines_of(case):
        line["steps"][:2] = line["steps"][:2][::-1]


def swap_lines(case):
    lines_of(case)[:2] = lines_of(case)[:2][::-1]


def drop_line(case):
    del lines_of(case)[-1:]


def other_error(case):
    if "error" in case:
        case["error"] = "internal"


SPOILT = {
    "a cent more on the last line's total": add(1, "totalCents"),
    "a cent less on the first line's unit price": add(-1, "unitPriceCents", index=0),
    "a cent of discount too many on a line": add(1, "discountCents"),
    "a cent of tax moved to the next line": tax_to_neighbour,
    "a cent less everywhere, all sums right": cent_everywhere,
    "a full refund short of a cent": refund_short,
    "two steps swapped": swap_steps,
    "two lines swapped": swap_lines,
    "a line lost": drop_line,
    "another error": other_error,
}

TRUE = types.SimpleNamespace(**globals())  # the functions as they are, for those that stand in for them

# A model that is wrong in one point: what it replaces by what.
WRONG = {
    "rounding half to even": {"rounded": round},
    "rounding down": {"rounded": int},
    "the line rounded, not its unit": {"unit_price": lambda rate, amount, quantity: rounded(rate * amount * quantity) // quantity},
    "rules by falling priority": {"turn": lambda rule: (-rule["priority"], rule["id"])},
    "ties of priority as they come": {"turn": lambda rule: rule["priority"]},
    "inactive rules apply": {"is_active": lambda rule: True},
    "upper bounds included": {"within": lambda given, value: TRUE.within(given, value) or (given["max"] == value != given["min"])},
    "lead time rounded to hours": {"lead_hours": lambda case: round(TRUE.lead_hours(case))},
    "occupancy rounded to percent": {"occupancy": lambda case: round(TRUE.occupancy(case))},
    "no capacity counts as full": {"occupancy": lambda case: TRUE.occupancy(case) if case["capacity"] else 100},
    "rates below 0 until the last rule": {"not_negative": lambda rate: rate, "bounded": lambda rate, *to: TRUE.bounded(max(rate, 0), *to)},
    "no bounds": {"bounded": lambda rate, low, high: rate},
    "rates in whole cents": {"adjusted": lambda rate, adjust: Fraction(round(TRUE.adjusted(rate, adjust)))},
    "after midnight is the next day": {"day_judged": lambda day, *rest: None if TRUE.day_judged(day, *rest) is None else day},
    "a range from a time to itself is empty": {"day_judged": lambda *given: None if given[2] == given[3] else TRUE.day_judged(*given)},
    "hours by the wall clock": {"hourly_walls": lambda zone, start, end: range(wall_at(zone, start), wall_at(zone, end))},
    "the start's offset throughout": {
        "hourly_walls": lambda zone, start, end: range(wall_at(zone, start), wall_at(zone, start) + end - start)
    },
    "the checkout day always counts": {"checkout_counts": lambda *_: True},
    "days of 24 hours": {"days_touched": lambda zone, start, end: -((start - end) // DAY)},
    "a day's first instant at its clock time": {"time_of_day": lambda zone, minute: wall_at(zone, minute) % DAY},
    "ties of remainders to the later line": {"first_in_line": lambda index: -index},
    "discounts above the subtotal": {"discount_of": lambda case, sub: TRUE.discount_of(case, sub) if case["coupon"] else case["discount"]},
    "inclusive tax as if exclusive": {"tax_of": lambda case, net: rounded(Fraction(net * case["taxBps"], 10_000))},
}


def self_check(program, seed, count=5_000):
    """Whether every spoilt answer and every wrong model is caught; says what is not."""
    texts = list(answers(program, seed, count))
    cases = [json.loads(text) for text in texts]
    wanted = [model(case) for case in cases]
    missed = []
    for name, spoil in SPOILT.items():
        changed = 0
        for text, case, want in zip(texts[:1000], cases, wanted):
            spoilt = json.loads(text)
            spoil(spoilt)
            if spoilt == case or answered(case) != want:
                continue
            changed += 1
            if agrees(spoilt, want):
                missed.append(f"{name}: {text}")
                break
        if not changed:
            missed.append(f"{name}: no answer to spoil")
    for name, replacements in WRONG.items():
        with mock.patch.dict(globals(), replacements):
            if not any(model(case) != want for case, want in zip(cases, wanted)):
                missed.append(f"a model with {name}")
    for text in missed:
        print("NOT CAUGHT:", text)
    print(f"self-check: {len(SPOILT)} ways to spoil an answer and {len(WRONG)} wrong models, {len(missed)} not caught")
    return not missed


# ---- running -----------------------------------------------------------------------------------------------------


def answers(program, seed, count):
    with subprocess.Popen([program, str(seed), str(count)], stdout=subprocess.PIPE, text=True) as process:
        yield from process.stdout
    if process.returncode:
        raise RuntimeError(f"{program} ended with exit code {process.returncode}")


def compare(job):
    """What was compared, and the first case that differs."""
    seen = collections.Counter()
    for text in answers(*job):
        case = json.loads(text)
        if not agrees(case, model(case)):
            return seen, case
        lines = lines_of(case)
        seen.update(quotes=1, lines=len(lines), split=len(lines) > 1, errors=not lines)
    return seen, None


def describe(case):
    """The case in full, with its times on the wall."""
    print(json.dumps(case, indent=1))
    if is_zone(case["zone"]):
        for key in ("start", "end", "now"):
            print(f"{key:6}", datetime.fromtimestamp(case[key] / 1000, zoneinfo.ZoneInfo(case["zone"])).isoformat(" "))
    print("sums up  ", sums_up(case))
    print("quote()  ", answered(case))
    print("expected ", model(case))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--count", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=20260512)
    parser.add_argument("--jobs", type=int, default=1)
    parser.add_argument("--self-check", action="store_true", help="only show that errors are caught")
    options = parser.parse_args()
    began, first_seed = time.monotonic(), options.seed * 1_000_000
    if not self_check(options.program, first_seed):
        return 1
    if options.self_check:
        return 0
    jobs = [(options.program, first_seed + at // CHUNK, min(CHUNK, options.count - at)) for at in range(0, options.count, CHUNK)]
    seen = collections.Counter()
    with multiprocessing.Pool(options.jobs) as pool:
        for job, (counts, case) in zip(jobs, pool.imap(compare, jobs)):
            seen += counts
            if case:
                describe(case)
                print(f"DIFFERS after {seen['quotes']} that agree: the last case of `quote_cases {job[1]} {counts['quotes'] + 1}`")
                return 1
    print(
        f"{seen['quotes']} quotes agree: {seen['lines']} lines, {seen['split']} quotes of several, {seen['errors']} errors; "
        f"{time.monotonic() - began:.1f} s"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
