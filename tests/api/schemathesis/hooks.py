"""Sends the admin key to /v1/provider and the key with read and write to the rest, and keeps both alive."""
import datetime
import functools
import itertools
import json
import os
import re
import urllib.request

import schemathesis


class Bearer:
    variable = ""

    def get(self, case, context):
        return os.environ[self.variable]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(path_regex=r"^/v1/provider/")
class AdminKey(Bearer):
    variable = "ORKESTR_ADMIN_KEY"


@schemathesis.auth(refresh_interval=None).apply_to(path_regex=r"^/v1/api/")
class WriteKey(Bearer):
    variable = "ORKESTR_WRITE_KEY"


@schemathesis.auth(refresh_interval=None).apply_to(path_regex=r"^/v1/public/[^/]+/bookings/")
class ManageToken:
    """Of a booking that is made once, by the first example of the document that still fits."""

    def get(self, case, context):
        return made_booking()["manageToken"]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@functools.cache
def made_booking():
    base = os.environ["ORKESTR_BASE_URL"] + "/v1/public/atlas"
    with urllib.request.urlopen(base + "/offerings?limit=200", timeout=10) as answer:
        offerings = json.load(answer)["data"]
    today = datetime.date.today()
    for offering in offerings:
        path = f"/offerings/{offering['slug']}/slots?from={today}&to={today + datetime.timedelta(days=30)}"
        with urllib.request.urlopen(base + path, timeout=10) as answer:
            slots = json.load(answer)["slots"]
        if not slots:
            continue
        body = {
            "offeringId": offering["id"], "startsAt": slots[0]["startsAt"], "endsAt": slots[0]["endsAt"],
            "customer": {"name": "Schema Thesis", "email": "schema@customers.example"},
        }
        request = urllib.request.Request(
            base + "/bookings", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    raise RuntimeError("the demo has no slot to book")


CURSOR = re.compile(r"[A-Za-z0-9_-]{1,512}")
DAY_OR_INSTANT = re.compile(r"\d{4}-\d\d-\d\d([Tt]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:\d\d))?")


@schemathesis.hook
def map_query(context, query):
    """Makes most queries ones that find something: random cursors are refused, and random days are rarely in order.

    What is malformed stays as it is, since it may be what makes a negative case negative.
    """
    if not isinstance(query, dict):
        return query
    cursor, start, end = (str(query.get(name)) for name in ("cursor", "from", "to"))
    if "cursor" in query and CURSOR.fullmatch(cursor) and sum(map(ord, cursor)) % 4:
        del query["cursor"]
    if DAY_OR_INSTANT.fullmatch(start) and DAY_OR_INSTANT.fullmatch(end) and sum(map(ord, start + end)) % 4:
        query["from"], query["to"] = start[:4] + "-05-01", start[:4] + "-06-15T12:00:00+05:30"
    return query


@functools.cache
def own_key_ids():
    request = urllib.request.Request(
        os.environ["ORKESTR_BASE_URL"] + "/v1/provider/api-keys?limit=200",
        headers={"Authorization": "Bearer " + os.environ["ORKESTR_ADMIN_KEY"]},
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        keys = json.load(answer)["data"]
    tokens = os.environ["ORKESTR_ADMIN_KEY"], os.environ["ORKESTR_WRITE_KEY"]
    return {key["id"] for key in keys if any(token.startswith(f"ork_{key['prefix']}.") for token in tokens)}


count = itertools.count()


@schemathesis.hook
def before_call(context, case, kwargs):
    """Keeps the keys in use alive, and most idempotency keys apart.

    Ids are taken from answers too, so it would soon come upon its own keys and revoke them. Idempotency keys are taken from
    the examples, where nearly every POST would meet the one before it.
    """
    if case.method.upper() == "DELETE" and case.operation.path == "/v1/provider/api-keys/{id}":
        if (case.path_parameters or {}).get("id") in own_key_ids():
            case.path_parameters["id"] = "key_" + "0" * 26
    if case.path_parameters and case.operation.path.startswith("/v1/public/"):
        # Mostly the storefront and the booking that are there.
        if next(count) % 8:
            case.path_parameters["tenant"] = "atlas"
        if "bookingId" in case.path_parameters and next(count) % 4:
            case.path_parameters["bookingId"] = made_booking()["booking"]["id"]
    key = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,200}", key) and (number := next(count)) % 8:
        case.headers["Idempotency-Key"] = f"{number}-{key}"
