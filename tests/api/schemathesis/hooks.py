"""Sends the admin key to /v1/provider, the admin's token to /v1/admin and the key with read and write to the rest, and keeps all alive."""
import datetime
import functools
import itertools
import json
import os
import re
import urllib.request

import schemathesis
from hypothesis import strategies

for media_type, start in ("application/pdf", b"%PDF-"), ("image/png", b"\x89PNG\r\n\x1a\n"), ("image/jpeg", b"\xff\xd8\xff"):
    schemathesis.openapi.media_type(media_type, strategies.binary().map(start.__add__))
schemathesis.openapi.media_type("text/csv", strategies.binary() | strategies.text().map(str.encode))


class Bearer:
    variable = ""

    def get(self, case, context):
        return os.environ[self.variable]

    def set(self, case, data, context):
        case.headers["Authorization"] = f"Bearer {data}"


@schemathesis.auth(refresh_interval=None).apply_to(path_regex=r"^/(v1/provider|scim)/")
class AdminKey(Bearer):
    variable = "ORKESTR_ADMIN_KEY"


@schemathesis.auth(refresh_interval=None).apply_to(path_regex=r"^/v1/admin/")
class AdminToken(Bearer):
    variable = "ORKESTR_ADMIN_TOKEN"


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
def made_booking(number=0):
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
            "offeringId": offering["id"], "startsAt": slots[number % len(slots)]["startsAt"],
            "endsAt": slots[number % len(slots)]["endsAt"],
            "customer": {"name": "Schema Thesis", "email": f"schema{number}@customers.example"},
        }
        request = urllib.request.Request(
            base + "/bookings", json.dumps(body).encode(), {"Content-Type": "application/json"}, method="POST")
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    raise RuntimeError("the demo has no slot to book")


def call(variable, method, path, body=None, content_type="application/json"):
    request = urllib.request.Request(
        os.environ["ORKESTR_BASE_URL"] + path,
        body if body is None or isinstance(body, bytes) else json.dumps(body).encode(),
        {"Authorization": "Bearer " + os.environ[variable], "Content-Type": content_type},
        method=method,
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        return json.load(answer)


as_admin = functools.partial(call, "ORKESTR_ADMIN_KEY")
as_platform = functools.partial(call, "ORKESTR_ADMIN_TOKEN")
as_other = functools.partial(call, "ORKESTR_OTHER_KEY")


@functools.cache
def own_tenant():
    return next(row["id"] for row in as_platform("GET", "/v1/admin/tenants?q=atlas")["data"] if row["subdomain"] == "atlas")


def made_dispute(number):
    booking = "/v1/provider/bookings/" + made_booking(number)["booking"]["id"]
    as_admin("POST", booking + "/approve", {})
    as_admin("POST", booking + "/payments", {"amountCents": 100})
    return as_admin("POST", booking + "/disputes", {"reason": "It was another room."})["id"]


def made_submission():
    """Of the other tenant, as the paths of its KYB name it."""
    tenant = next(row["id"] for row in as_platform("GET", "/v1/admin/tenants?status=PENDING")["data"])
    as_platform("POST", f"/v1/admin/tenants/{tenant}/approve", {})
    document = as_other("POST", "/v1/provider/kyb/documents?kind=REGISTRATION&fileName=a.pdf", b"%PDF-1.7", "application/pdf")["id"]
    submission = as_other("POST", "/v1/provider/kyb", {
        "legalName": "Cirrus GmbH", "registrationNumber": "HRB 1", "country": "DE", "insurance": True, "depositPolicy": True, "terms": True})
    return {"tenantId": tenant, "kybId": submission["id"], "documentId": document}


@functools.cache
def made_ids():
    """What there is to act on, by the paths below which it is: a webhook with a delivery that is DEAD, a notification, disputes, a
    submission of the other tenant."""
    webhook = as_admin("POST", "/v1/provider/webhooks", {"url": "https://hooks.example/in", "events": ["*"]})["id"]
    path = f"/v1/provider/webhooks/{webhook}"
    delivery = as_admin("POST", path + "/test", {})["id"]
    for status in ("DISABLED", "ACTIVE"):
        as_admin("PATCH", path, {"status": status})
    made_booking()  # for the provider to decide on, so they are told
    notification = as_admin("GET", "/v1/provider/notifications")["data"][0]["id"]
    submission = made_submission()
    imported = as_admin("POST", "/v1/provider/imports", b"title,productTypeKey,basePrice,currency\nStudio,space,1,USD\n", "text/csv")["id"]
    return {
        "/v1/provider/imports/": {"id": imported},
        "/v1/provider/webhooks/": {"id": webhook, "deliveryId": delivery},
        "/v1/provider/notifications/": {"id": notification},
        "/v1/provider/disputes/": {"id": made_dispute(1)},
        "/v1/admin/disputes/": {"tenantId": own_tenant(), "disputeId": made_dispute(2)},
        "/v1/admin/kyb/": submission,
        "/v1/admin/tenants/": {"tenantId": submission["tenantId"]},
    }


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
    keys = as_admin("GET", "/v1/provider/api-keys?limit=200")["data"]
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
    if case.operation.path == "/v1/provider/close" and isinstance(case.body, dict) and case.body.get("subdomain") == "atlas":
        case.body["subdomain"] = "acme"
    if case.path_parameters and re.fullmatch(r"/v1/admin/tenants/\{tenantId\}/(suspend|reinstate|approve)", case.operation.path):
        if case.path_parameters.get("tenantId") == own_tenant():
            case.path_parameters["tenantId"] = "tnt_" + "0" * 26
    for below, ids in made_ids().items():
        if case.path_parameters and case.operation.path.startswith(below):
            # Mostly what is there; the webhook stays, since it would be gone with its deliveries.
            for name, made in ids.items():
                if case.method.upper() == "DELETE":
                    if case.path_parameters.get(name) == made:
                        case.path_parameters[name] = "whs_" + "0" * 26
                elif name in case.path_parameters and next(count) % 4:
                    case.path_parameters[name] = made
    key = case.headers.get("Idempotency-Key") if case.headers else None
    if isinstance(key, str) and re.fullmatch(r"[!-~]{1,200}", key) and (number := next(count)) % 8:
        case.headers["Idempotency-Key"] = f"{number}-{key}"
