"""What the examples in Python share: calls of the REST API of ORKESTR_URL with the key ORKESTR_KEY. The standard library is enough."""
import json
import os
import urllib.error
import urllib.parse
import urllib.request


class Refused(Exception):
    """What the same request would be answered again: the slot is gone, the code is taken, there is no such thing."""

    def __init__(self, status, problem):
        super().__init__(problem["detail"])
        self.status, self.code = status, problem["code"]


def call(method, path, body=None, key=""):
    """The answer. Under the same idempotency key, the same request is answered the same for a day, and acts once."""
    headers = {"Authorization": f"Bearer {os.environ['ORKESTR_KEY']}", "Content-Type": "application/json", "Idempotency-Key": key}
    data = None if body is None else json.dumps(body).encode()
    try:
        with urllib.request.urlopen(urllib.request.Request(f"{os.environ['ORKESTR_URL']}/v1{path}", data, headers, method=method), timeout=30) as answer:
            return json.loads(answer.read() or "null")
    except urllib.error.HTTPError as error:
        if error.code >= 500 or error.code in (401, 429):
            raise
        raise Refused(error.code, json.load(error)) from None


def find(path):
    """None where there is no such thing."""
    try:
        return call("GET", path)
    except Refused as refusal:
        if refusal.status != 404:
            raise
    return None


def pages(path, **query):
    """All of a list, page by page."""
    while True:
        page = call("GET", f"{path}?{urllib.parse.urlencode(query)}")
        yield from page["data"]
        if not page["hasMore"]:
            return
        query["cursor"] = page["nextCursor"]
