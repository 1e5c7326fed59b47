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
import os
import pathlib
import secrets
import time
import urllib.error
import urllib.request
import uuid


def call(method, path, body=None, **headers):
    """The status, the answer and its ETag. 304 is an answer too; whatever else is no 2xx raises HTTPError."""
    request = urllib.request.Request(os.environ["ORKESTR_URL"] + "/v1/api" + path, method=method, data=json.dumps(body).encode() if body else None, headers={
        "Authorization": f"Bearer {os.environ['ORKESTR_KEY']}", "Content-Type": "application/json", **{k.replace("_", "-"): v for k, v in headers.items() if v}})
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            return response.status, json.load(response), response.headers["ETag"]
    except urllib.error.HTTPError as error:
        if error.code != 304:
            raise SystemExit(f"{method} {path}: {error.read().decode()}") from None
        return 304, None, error.headers["ETag"]


def save(file, campaign):
    part = file.with_suffix(".part")
    part.write_text(json.dumps(campaign, indent=2) + "\n")
    part.replace(file)


def launch(options):
    subscribers = list(csv.DictReader(options.subscribers.open(newline="")))
    # Codes are drawn and written down before they are made: a launch that was interrupted goes on with the same ones.
    campaign = json.loads(options.campaign.read_text()) if options.campaign.exists() else {}
    for person in subscribers:
        campaign.setdefault(person["cohort"], {"code": f"{person['cohort']}-{secrets.token_hex(3)}".upper(), "key": str(uuid.uuid4()), "id": None})
    save(options.campaign, campaign)
    for cohort in campaign.values():
        if not cohort["id"]:
            coupon = {"code": cohort["code"], "kind": "PERCENT", "amount": options.percent, "validUntil": options.until, "maxPerCustomer": 1}
            cohort["id"] = call("POST", "/coupons", coupon, Idempotency_Key=cohort["key"])[1]["id"]
            save(options.campaign, campaign)
    with options.merge.open("w", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["email", "name", "coupon_code"])
        rows.writerows([person["email"], person["name"], campaign[person["cohort"]]["code"]] for person in subscribers)
    print(f"{len(campaign)} codes for {len(subscribers)} mails")


def report(options):
    etags = {}
    while True:
        for name, cohort in json.loads(options.campaign.read_text()).items():
            status, coupon, etags[name] = call("GET", f"/coupons/{cohort['id']}", If_None_Match=etags.get(name))
            if status != 304:  # nothing has changed since it was asked for last
                print(f"{name}\t{coupon['code']}\t{coupon['redeemedCount']} redeemed\t{'on' if coupon['active'] else 'ended'}", flush=True)
        if not options.every:
            return
        time.sleep(options.every)


def end(options):
    campaign = json.loads(options.campaign.read_text())
    used = sum(call("PATCH", f"/coupons/{cohort['id']}", {"active": False})[1]["redeemedCount"] for cohort in campaign.values())
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
