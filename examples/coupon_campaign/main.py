#!/usr/bin/env python3
"""C) Drives a coupon campaign from an e-mail tool: a code for each cohort, merged into the mails, followed, and ended.

    export ORKESTR_URL=https://booking.example ORKESTR_KEY=ork_…      a key with the scopes read and write
    main.py launch spring.json --percent 20 --until 2026-06-30T23:59:59Z subscribers.csv merge.csv
    main.py report spring.json [--every SECONDS]
    main.py end spring.json

subscribers.csv has the columns email, name and cohort; merge.csv, for the e-mail tool, coupon_code in place of the cohort.
"""
import argparse
import csv
import json
import pathlib
import secrets
import sys
import time
import uuid

sys.path.append(str(pathlib.Path(__file__).parent.parent))
from orkestr_rest import call  # noqa: E402


def save(file, campaign):
    part = file.with_suffix(".part")
    part.write_text(json.dumps(campaign, indent=2) + "\n")
    part.replace(file)


def launch(options):
    subscribers = list(csv.DictReader(options.subscribers.open(newline="")))
    # Codes and idempotency keys are drawn and written down before they are used: a launch that was interrupted goes on with the same.
    campaign = json.loads(options.campaign.read_text()) if options.campaign.exists() else {}
    for cohort in {person["cohort"] for person in subscribers} - campaign.keys():
        campaign[cohort] = {"code": f"{cohort}-{secrets.token_hex(3)}".upper(), "key": str(uuid.uuid4()), "id": None}
    save(options.campaign, campaign)
    for cohort in campaign.values():
        if not cohort["id"]:
            coupon = {"code": cohort["code"], "kind": "PERCENT", "amount": options.percent, "validUntil": options.until, "maxPerCustomer": 1}
            cohort["id"] = call("POST", "/api/coupons", coupon, cohort["key"])["id"]
            save(options.campaign, campaign)
    with options.merge.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "name", "coupon_code"])
        rows.writerows([person["email"], person["name"], campaign[person["cohort"]]["code"]] for person in subscribers)
    print(f"{len(campaign)} codes for {len(subscribers)} mails")


def report(options):
    campaign, told = json.loads(options.campaign.read_text()), {}
    while True:
        for name in sorted(campaign):
            coupon = call("GET", f"/api/coupons/{campaign[name]['id']}")
            line = f"{name}\t{coupon['code']}\t{coupon['redeemedCount']} redeemed\t{'on' if coupon['active'] else 'ended'}"
            if told.get(name) != line:
                print(line, flush=True)
            told[name] = line
        if not options.every:
            return
        time.sleep(options.every)


def end(options):
    campaign = json.loads(options.campaign.read_text())
    used = sum(call("PATCH", f"/api/coupons/{cohort['id']}", {"active": False})["redeemedCount"] for cohort in campaign.values())
    print(f"ended after {used} redemptions; bookings keep their discount")


parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
commands = parser.add_subparsers(required=True)
for command in (launch, report, end):
    sub = commands.add_parser(command.__name__)
    sub.set_defaults(run=command)
    sub.add_argument("campaign", type=pathlib.Path)
    if command is launch:
        sub.add_argument("--percent", type=int, required=True)
        sub.add_argument("--until", required=True, help="the last instant at which the codes work")
        sub.add_argument("subscribers", type=pathlib.Path)
        sub.add_argument("merge", type=pathlib.Path)
    if command is report:
        sub.add_argument("--every", type=float, help="asks again after so many seconds, and prints what has changed")
options = parser.parse_args()
options.run(options)
