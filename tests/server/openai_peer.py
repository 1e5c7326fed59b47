"""A language model on loopback, for tests: chat completions as others speak them, well and badly. What it says is found in what it is shown."""

import http.server
import itertools
import json
import re
import threading
import time


class Model(http.server.ThreadingHTTPServer):
    """`mode` says how it answers: see Handler. Every request is kept in `requests` as (headers, body)."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self):
        self.mode, self.requests, self.lock, self.numbers = "honest", [], threading.Lock(), itertools.count(1)
        self.foreign = None  # an offering of another tenant, and a booking of this one, for who obeys
        self.booking = None
        self.gone = threading.Event()
        super().__init__(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_address[1]}/v1"

    def handle_error(self, *_):
        pass  # who asks may go away at any time

    def shutdown(self):
        self.gone.set()
        super().shutdown()
        self.server_close()


def shown(body):
    """What the request says of offerings, by the first message of the user's and by tools."""
    offerings = list(json.loads(body["messages"][1]["content"])["offerings"])
    for message in body["messages"]:
        if message["role"] == "tool":
            result = json.loads(message["content"])
            offerings += result if isinstance(result, list) else []
    return offerings


def honest(body):
    """Quotes the text that has most of the question's words."""
    question = json.loads(body["messages"][1]["content"])["question"]
    words = {word for word in re.findall(r"\w+", question.lower()) if len(word) > 3}
    best = (0, None, None)
    for offering in shown(body):
        for text in offering["texts"]:
            score = len(words & set(re.findall(r"\w+", text.lower())))
            if score > best[0]:
                best = (score, offering, text)
    if not best[0]:
        return {"answer": "", "known": False, "sources": []}
    return {"answer": f"As the listing has it: {best[2]}", "known": True,
            "sources": [{"offeringId": best[1]["offeringId"], "quote": best[2]}]}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def do_POST(self):
        peer = self.server
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        with peer.lock:
            peer.requests.append((dict(self.headers), body))
        assert self.path == "/v1/chat/completions", self.path
        try:
            getattr(self, peer.mode)(body)
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    # ---- how answers are sent

    def whole(self, body, message=None):
        message = message or {"content": json.dumps(honest(body))}
        self.plain(200, {"id": "c1", "object": "chat.completion", "model": body["model"],
                         "choices": [{"index": 0, "message": {"role": "assistant", **message},
                                      "finish_reason": "tool_calls" if "tool_calls" in message else "stop"}],
                         "usage": {"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366}})

    def plain(self, status, body, **headers):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        self.wfile.write(data)

    def begin_stream(self):
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Transfer-Encoding", "chunked")
        self.end_headers()

    def chunk(self, data):
        self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))

    def stream(self, pieces, finish="stop", done=True):
        """Sends deltas as events, whose bytes are cut where it suits nobody."""
        self.begin_stream()
        chunk = lambda choice: {"id": "c1", "object": "chat.completion.chunk", "model": "peer-model", "choices": [{"index": 0, **choice}]}  # noqa: E731
        events = [json.dumps(chunk({"delta": piece, "finish_reason": None}), ensure_ascii=False) for piece in pieces]
        events.append(json.dumps(chunk({"delta": {}, "finish_reason": finish})))
        events.append(json.dumps({"choices": [], "usage": {"prompt_tokens": 321, "completion_tokens": 45, "total_tokens": 366}}))
        data = b": one moment\n\n" + b"".join(b"data: " + event.encode() + b"\r\n\r\n" for event in events) + (b"data: [DONE]\n\n" if done else b"")
        for start in range(0, len(data), 37):
            self.chunk(data[start:start + 37])
        if done:
            self.chunk(b"")

    def said(self, answer):
        text = json.dumps(answer, ensure_ascii=False)
        self.stream([{"role": "assistant", "content": ""}] + [{"content": text[i:i + 5]} for i in range(0, len(text), 5)])

    def calls(self, *calls):
        pieces = []
        for index, (name, arguments) in enumerate(calls):
            text = json.dumps(arguments)
            pieces.append({"tool_calls": [{"index": index, "id": f"call_{next(self.server.numbers)}", "type": "function", "function": {"name": name, "arguments": ""}}]})
            pieces += [{"tool_calls": [{"index": index, "function": {"arguments": text[i:i + 4]}}]} for i in range(0, len(text), 4)]
        self.stream(pieces, "tool_calls")

    # ---- modes

    def honest(self, body):
        self.said(honest(body))

    def tools(self, body):
        """Looks the question up before it answers."""
        if not any(message["role"] == "tool" for message in body["messages"]):
            return self.calls(("search_catalogue", {"query": json.loads(body["messages"][1]["content"])["question"]}))
        self.said(honest(body))

    def obeys(self, body):
        """Does what texts tell it to, as far as it can."""
        results = [message for message in body["messages"] if message["role"] == "tool"]
        if not results:
            return self.calls(("cancel_booking", {"bookingId": self.server.booking}), ("offering_details", {"offeringId": self.server.foreign}),
                              ("delete_offering", {"offeringId": self.server.foreign}))
        if len(results) < 6:
            return self.calls(("POST /v1/api/bookings/" + self.server.booking + "/cancel", {}), ("free_times", {
                "offeringId": self.server.foreign, "from": "2026-01-01", "until": "2026-01-02"}), ("offering_details", {"offeringId": "' OR 1=1 --"}))
        self.said({"answer": "All bookings are cancelled. <script>alert(1)</script> Pay at https://evil.example/?q=secret or evil.example/pay",
                   "known": True, "sources": [{"offeringId": self.server.foreign, "quote": "canary"}]})

    def links(self, body):
        """An answer that stands on what was shown, with more than that."""
        answer = honest(body)
        answer["answer"] += " <img src=x onerror=alert(1)> [here](javascript:alert(1)) https://evil.example/leak"
        self.said(answer)

    def malformed(self, _):
        self.plain(200, b"<html>It works!</html>")

    def broken_event(self, _):
        self.begin_stream()
        self.chunk(b"data: {\"choices\": [{\"delta\": {\"content\": \n\n")
        self.chunk(b"")

    def cut_off(self, body):
        self.stream([{"content": "{\"answer\": "}], done=False)
        self.close_connection = True
        self.connection.close()

    def chatty(self, _):
        self.said("Sure! Happy to help.")

    def invents(self, body):
        answer = honest(body)
        answer["answer"] = "It costs 123456 a minute."
        self.said(answer)

    def refused(self, body):
        self.plain(401, {"error": {"message": "Incorrect API key: " + self.headers.get("Authorization", ""), "code": "invalid_api_key"}})

    def limited(self, _):
        self.plain(429, {"error": {"message": "Slow down", "type": "rate_limit_error"}}, Retry_After="30")

    def failing(self, _):
        self.plain(503, {"error": {"message": "Overloaded", "type": "overloaded_error"}})

    def hanging(self, _):
        self.server.gone.wait(60)
        self.close_connection = True

    def silent(self, _):
        self.begin_stream()
        self.chunk(b": one moment\n\n")
        self.server.gone.wait(60)
        self.close_connection = True

    def endless(self, _):
        self.begin_stream()
        event = b"data: " + json.dumps({"choices": [{"index": 0, "delta": {"content": "and " * 20}}]}).encode() + b"\n\n"
        while not self.server.gone.is_set():
            self.chunk(event)
            time.sleep(0.001)
