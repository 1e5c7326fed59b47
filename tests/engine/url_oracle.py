"""URLs taken apart by Python's urlsplit: reads one a line, and writes `scheme host port path-and-query` for each."""

import sys
import urllib.parse

for line in sys.stdin:
    url = line.rstrip("\n")
    try:
        parts = urllib.parse.urlsplit(url)
        if parts.username is not None or "#" in url:
            print("refused")
            continue
        host = parts.hostname.removesuffix(".")
        port = parts.port or (443 if parts.scheme == "https" else 80)
        # What stands behind the authority, as it stands there: urlsplit forgets an empty query.
        target = url[url.index("://") + 3 + len(parts.netloc) :]
        print(parts.scheme, host, port, target if target.startswith("/") else "/" + target)
    except ValueError as error:
        print("refused:", error)
