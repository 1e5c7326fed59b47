"""Signs and verifies events with Stripe's own library.

  events.py CASES COUNT SEED
"""
import json
import random
import subprocess
import sys
import time

import stripe

cases, count, seed = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
dice = random.Random(seed)
Signature = stripe.WebhookSignature


def accepts(body, header, secret):
    try:
        stripe.Webhook.construct_event(body, header, secret)
        return True
    except stripe.SignatureVerificationError:
        return False


def changed(text):
    """Another letter or digit in place of one of them."""
    place = dice.choice([i for i, c in enumerate(text) if c.isascii() and c.isalnum()])
    return text[:place] + ("3" if text[place] == "7" else "7") + text[place + 1:]


def check(condition, what, of):
    if not condition:
        sys.exit(f"{what}: {of} (seed {seed})")


# What we sign, they accept; and not when it was changed.
signed = subprocess.run([cases, "sign", str(count), str(seed)], check=True, capture_output=True, text=True).stdout
for line in signed.splitlines():
    case = json.loads(line)
    for secret in case["secrets"]:
        check(accepts(case["body"], case["header"], secret), "Stripe's library refuses", line)
    check(not accepts(case["body"].replace("event", "Event"), case["header"], case["secrets"][0]), "changed, and accepted", line)
    check(not accepts(case["body"], case["header"], case["secrets"][0] + "x"), "accepted by another secret", line)

# What they sign, we accept; and refuse what they refuse.
KINDS = {"payment_intent.succeeded": "payment_succeeded", "payment_intent.payment_failed": "payment_failed",
         "payment_intent.processing": "payment_processing", "payment_intent.canceled": "payment_cancelled",
         "charge.refunded": "payment_refunded", "refund.updated": "refund_updated", "charge.dispute.created": "dispute_opened",
         "customer.created": "other", "payout.paid": "other"}
OBJECTS = {"payment_intent": "payment_intent", "charge.refunded": "charge", "refund": "refund", "charge.dispute": "dispute"}
lines, wanted = [], []


def add(want, body, header, secrets, now):
    lines.append(json.dumps({"secrets": secrets, "header": header, "body": body, "now": now}))
    wanted.append(want)


for i in range(count):
    secret = "whsec_" + "".join(dice.choices("abcdefXYZ0189", k=dice.randrange(8, 90)))
    kind = dice.choice(list(KINDS))
    name = next((o for prefix, o in OBJECTS.items() if kind.startswith(prefix)), "customer")
    note = "".join(dice.choices(["a", "é", "日本", "🎉", "\\", "\"", "\n", " ", "."], k=dice.randrange(20)))
    body = json.dumps({
        "id": f"evt_{i}", "object": "event", "api_version": "2026-08-26.dahlia", "created": 1_800_000_000, "livemode": False, "type": kind,
        "data": {"object": {"id": "x_1", "object": name, "payment_intent": "pi_1", "amount": 500, "amount_received": 500,
                            "amount_refunded": 100, "currency": "eur", "status": "succeeded", "metadata": {"note": note}}}},
        indent=dice.choice([None, 2]), ensure_ascii=dice.choice([True, False]))
    at = int(time.time())
    header = Signature.generate_signature_header(body, secret, at)
    mine = header.split(",")[1]
    other = Signature.generate_signature_header(body, secret + "x", at).split(",")[1]
    fine = f"ok {KINDS[kind]} evt_{i}"
    add(fine, body, header, [secret], at + dice.randrange(-300, 301))
    add(fine, body, header, ["whsec_other", secret], at)
    add(fine, body, f"t={at},{other},{mine},v0={'0' * 64}", [secret], at)
    add("unauthenticated wrong_signature", body + " ", header, [secret], at)
    add("unauthenticated wrong_signature", body, f"t={at},{other}", [secret], at)
    add("unauthenticated wrong_signature", body, f"t={at + 1},{mine}", [secret], at)
    add("unauthenticated wrong_signature", body, f"t={at},v1={changed(mine[3:])}", [secret], at)
    add("unauthenticated wrong_signature", body, f"t={at},{mine.replace('v1', 'v0')}", [secret], at)
    add("unauthenticated too_old", body, header, [secret], at + 301)

got = subprocess.run([cases, "verify"], input="\n".join(lines) + "\n", check=True, capture_output=True, text=True).stdout.splitlines()
check(len(got) == len(wanted), "answers", len(got))
for line, want, answer in zip(lines, wanted, got):
    check(want == answer, f"wanted {want}, got {answer}", line)
print(f"stripe {stripe.VERSION if hasattr(stripe, 'VERSION') else ''}: {count} of our events and {len(wanted)} judgements of theirs, seed {seed}: all agree")
