"""Sends the admin key to /v1/provider and the key with read and write to the rest."""
import os
import re

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
