"""Verifies the deliveries on stdin by PyPI's standardwebhooks."""
import json
import random
import re
import sys

from standardwebhooks.webhooks import Webhook, WebhookVerificationError


def accepts(secret, body, headers):
    """False only for a refusal: a body that can no longer be parsed was accepted first, and ends the program."""
    try:
        Webhook(secret).verify(body, headers)
        return True
    except WebhookVerificationError:
        return False


def changed(text):
    """Another letter or digit in place of one of them, so that the text stays one."""
    place = random.choice([match.start() for match in re.finditer("[A-Za-z0-9]", text)])
    return text[:place] + ("3" if text[place] == "7" else "7") + text[place + 1:]


def check(condition, what, line):
    if not condition:
        sys.exit(f"standardwebhooks {what}: {line}")


count = 0
for line in sys.stdin:
    case = json.loads(line)
    headers, body = case["headers"], case["body"].encode()
    for secret, alone in zip(case["secrets"], headers["webhook-signature"].split(" "), strict=True):
        check(accepts(secret, body, headers), "refuses", line)
        check(not accepts(secret, changed(case["body"]).encode(), headers), "accepts another body", line)
        for name in ("webhook-id", "webhook-timestamp"):
            check(not accepts(secret, body, headers | {name: changed(headers[name])}), f"accepts another {name}", line)
        entry = "v1," + changed(alone[3:-2]) + alone[-2:]  # the last digit has bits that say nothing
        check(not accepts(secret, body, headers | {"webhook-signature": entry}), "accepts another signature", line)
    count += 1
print(count)
