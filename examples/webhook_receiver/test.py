"""Starts the receiver, sends what is good, what came before and what was changed, and reads what it says.

    test.py RECEIVER
"""
import base64
import hashlib
import hmac
import http.client
import os
import subprocess
import sys
import time

OLD, NEW = ("whsec_" + base64.b64encode(bytes([byte]) * 32).decode() for byte in (1, 2))


def headers(delivery, body, secret=NEW, sent=None):
    sent = str(int(time.time()) if sent is None else sent)
    mac = hmac.new(base64.b64decode(secret.removeprefix("whsec_")), b".".join([delivery.encode(), sent.encode(), body]), hashlib.sha256)
    return {"Content-Type": "application/json", "webhook-id": delivery, "webhook-timestamp": sent,
            "webhook-signature": "v1," + base64.b64encode(mac.digest()).decode()}


def expect(got, wanted):
    if got != wanted:
        sys.exit(f"expected {wanted!r}, got {got!r}")


receiver = subprocess.Popen([sys.argv[1], "0"], env=os.environ | {"ORKESTR_WEBHOOK_SECRET": f"{OLD} {NEW}"},
                            stdout=subprocess.PIPE, text=True)
try:
    address = receiver.stdout.readline().strip().removeprefix("http://").rstrip("/")
    connection = http.client.HTTPConnection(address, timeout=10)

    def send(body, lines, method="POST"):
        connection.request(method, "/", body, lines)
        answer = connection.getresponse()
        return answer.status, answer.read().decode()

    body = '{"type":"booking.confirmed", "data":{"title":"Café"}}'.encode()
    good = headers("dlv_1", body)
    wrong = (400, "webhook-signature is by none of the secrets, or the body is not the bytes that were sent.\n")
    expect(send(body, good), (200, "Thank you.\n"))
    expect(send(body, good), (200, "Thank you.\n"))
    expect(send(body.replace(b" ", b""), good), wrong)  # parsed and written again
    expect(send(body, good | {"webhook-id": "dlv_2"}), wrong)
    expect(send(body, headers("dlv_2", body, secret="whsec_" + "A" * 43 + "=")), wrong)
    expect(send(body, headers("dlv_2", body, sent="soon")), (400, "webhook-timestamp must be whole seconds since 1970, in digits.\n"))
    expect(send(body, headers("dlv_2", body, sent=int(time.time()) - 400)), (400, "webhook-timestamp is too far in the past.\n"))
    expect(send(body, {}), (400, "webhook-id is missing.\n"))
    expect(send(None, good, "GET")[0], 405)
    expect(send(body, headers("dlv_3", body, secret=OLD)), (200, "Thank you.\n"))
    connection.close()
finally:
    receiver.terminate()
said = receiver.communicate(timeout=10)[0].splitlines()
expect(said, ["booking.confirmed dlv_1", "booking.confirmed dlv_1 again", "booking.confirmed dlv_3"])

for secret in ("", "whsec_short"):
    run = subprocess.run([sys.argv[1], "0"], env=os.environ | {"ORKESTR_WEBHOOK_SECRET": secret}, stderr=subprocess.PIPE, text=True, timeout=10)
    expect((run.returncode, "ORKESTR_WEBHOOK_SECRET" in run.stderr), (2, True))
