"""A small Stripe on loopback, for tests: payment intents, refunds, idempotency keys, and events that are signed and posted. It keeps state, as
stripe-mock does not; that requests are of Stripe's API is what stripe-mock is asked (tests/payments/stripe_interop)."""

import hashlib
import hmac
import http.client
import http.server
import itertools
import json
import threading
import time
import urllib.parse

SECRET = "whsec_peer"


class Stripe(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def __init__(self):
        self.intents, self.refunds, self.answers, self.calls = {}, {}, {}, []
        self.lock, self.numbers, self.mute = threading.RLock(), itertools.count(1), False
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def handle_one(handler):
                length = int(handler.headers.get("Content-Length") or 0)
                form = dict(urllib.parse.parse_qsl(handler.rfile.read(length).decode()))
                path = urllib.parse.urlsplit(handler.path)
                status, answer = peer.answer(handler.command, path.path, form, dict(urllib.parse.parse_qsl(path.query)), handler.headers.get("Idempotency-Key"))
                body = json.dumps(answer).encode()
                handler.send_response(status)
                handler.send_header("Content-Type", "application/json")
                handler.send_header("Content-Length", str(len(body)))
                handler.end_headers()
                handler.wfile.write(body)

            do_GET = do_POST = handle_one

            def log_message(self, *_):
                pass

        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server_port}"

    def new_id(self, prefix):
        return f"{prefix}_{next(self.numbers):024d}"

    def answer(self, method, path, form, query, key):
        with self.lock:
            self.calls.append((method, path, key))
            if key is not None and key in self.answers:
                return self.answers[key]
            answer = self.act(method, path.strip("/").split("/")[1:], form, query)
            if key is not None:
                self.answers[key] = answer
            return answer

    @staticmethod
    def metadata(form):
        return {name[9:-1]: value for name, value in form.items() if name.startswith("metadata[")}

    def act(self, method, parts, form, query):
        missing = (404, {"error": {"type": "invalid_request_error", "code": "resource_missing", "message": "No such object"}})
        if parts == ["payment_intents", "search"]:
            key, value = query["query"].replace("metadata['", "").replace("'", "").split("]:")
            found = [self.shown(i) for i in self.intents.values() if i["metadata"].get(key) == value]
            return 200, {"object": "search_result", "data": found[:1], "has_more": False}
        if parts[0] == "payment_intents" and len(parts) == 1:
            intent = {"id": self.new_id("pi"), "object": "payment_intent", "amount": int(form["amount"]), "amount_received": 0, "currency": form["currency"],
                      "created": int(time.time()), "status": "requires_payment_method", "metadata": self.metadata(form), "refunded": 0}
            intent["client_secret"] = intent["id"] + "_secret_x"
            self.intents[intent["id"]] = intent
            return 200, self.shown(intent)
        if parts[0] == "payment_intents":
            intent = self.intents.get(parts[1])
            if intent is None:
                return missing
            if parts[2:] == ["cancel"]:
                if intent["status"] in ("succeeded", "processing"):
                    return 400, {"error": {"type": "invalid_request_error", "code": "payment_intent_unexpected_state", "message": "It has been paid.",
                                           "payment_intent": self.shown(intent)}}
                intent["status"] = "canceled"
                self.post("payment_intent.canceled", self.shown(intent))
            return 200, self.shown(intent)
        if parts == ["refunds"]:
            intent = self.intents.get(form["payment_intent"])
            if intent is None:
                return missing
            amount = int(form["amount"])
            if intent["refunded"] + amount > intent["amount_received"]:
                return 400, {"error": {"type": "invalid_request_error", "code": "charge_already_refunded", "message": "It has been refunded."}}
            intent["refunded"] += amount
            refund = {"id": self.new_id("re"), "object": "refund", "amount": amount, "currency": intent["currency"], "payment_intent": intent["id"],
                      "status": "succeeded", "metadata": self.metadata(form)}
            self.refunds[refund["id"]] = refund
            self.post("refund.created", refund)
            return 200, refund
        if parts[0] == "refunds":
            return (200, self.refunds[parts[1]]) if parts[1] in self.refunds else missing
        return missing

    @staticmethod
    def shown(intent):
        shown = {name: value for name, value in intent.items() if name != "refunded"}
        if intent["amount_received"]:
            shown["latest_charge"] = {"id": "ch_" + intent["id"][3:], "object": "charge", "amount_refunded": intent["refunded"], "currency": intent["currency"]}
        return shown

    def pay(self, secret):
        """What the customer's browser does."""
        with self.lock:
            intent = self.intents[secret.removesuffix("_secret_x")]
            if intent["status"] == "canceled":
                return False
            intent["status"], intent["amount_received"] = "succeeded", intent["amount"]
            self.post("payment_intent.succeeded", self.shown(intent))
            return True

    # Events, which are Stripe's to post, once the server is there to take them.
    target, posted = None, []

    def post(self, kind, of):
        body = json.dumps({"id": self.new_id("evt"), "object": "event", "type": kind, "created": int(time.time()), "livemode": False,
                           "data": {"object": of}}).encode()
        self.posted = [*self.posted, body]
        if self.target and not self.mute:
            threading.Thread(target=self.deliver, args=(body,), daemon=True).start()

    def deliver(self, body, secret=SECRET, at=None):
        at = int(time.time()) if at is None else at
        mark = hmac.new(secret.encode(), f"{at}.".encode() + body, hashlib.sha256).hexdigest()
        connection = http.client.HTTPConnection(urllib.parse.urlsplit(self.target).netloc, timeout=30)
        try:
            connection.request("POST", "/v1/gateways/stripe/events", body, {"Stripe-Signature": f"t={at},v1={mark}", "Content-Type": "application/json"})
            return connection.getresponse().status
        except OSError:
            return None
        finally:
            connection.close()
