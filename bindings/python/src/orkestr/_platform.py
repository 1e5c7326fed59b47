from __future__ import annotations

import atexit
import json
import os
import weakref
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Callable, Iterable, Iterator, Mapping, Optional, Union

from . import _native
from ._engine import dumps, to_ms

Headers = Union[Mapping[str, str], Iterable[tuple[str, str]]]


@dataclass(frozen=True)
class Response:
    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def json(self) -> Any:
        return json.loads(self.body)


class Platform:
    """Bookings on a store: ``memory:``, the name of an SQLite file, or ``postgresql://…``. May be used by many threads.

    :param secrets: keys for what is sealed at rest, base64 of 32 bytes each, separated by commas; without, there are no webhooks
    :param webhooks: with ``secrets``, threads of the platform's own send them, as docs/webhooks.md says; False: another process does
    :param allow_loopback: they may lead to this machine, and there by http: for development and tests
    :param clock: another clock than the computer's; it may be asked on any thread
    :param on_events: told after each commit that made an event, on any thread; it must return soon and use the platform elsewhere
    """

    def __init__(self, store: Union[str, os.PathLike[str]] = "memory:", *, secrets: str = "", storefront: str = "", base_domain: str = "",
                 rate_limit: int = 0, webhooks: bool = True, allow_loopback: bool = False, clock: Optional[Callable[[], datetime]] = None,
                 on_events: Optional[Callable[[], object]] = None) -> None:
        flags = (0 if webhooks else 1) | (2 if allow_loopback else 0)
        now_ms = None if clock is None else lambda: to_ms(clock())
        self._native: Optional[_native.Platform] = _native.Platform(
            os.fspath(store), secrets, storefront, base_domain, rate_limit, flags, now_ms, on_events)
        _all.add(self)

    def _open(self) -> _native.Platform:
        if self._native is None:
            raise ValueError("the platform is closed")
        return self._native

    def close(self) -> None:
        """Lets go of the store, once calls that are under way have ended; webhooks have five seconds for it."""
        native, self._native = self._native, None
        if native is not None:
            native.close()

    def __enter__(self) -> "Platform":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def create_tenant(self, name: str, subdomain: str, *, currency: str = "USD", time_zone: str = "UTC", locale: str = "en") -> tuple[dict[str, Any], str]:
        """A business, and a key with every scope, which is shown this once."""
        made = json.loads(self._open().create_tenant(dumps({
            "name": name, "subdomain": subdomain, "displayCurrency": currency, "timeZone": time_zone, "locale": locale})))
        return made["tenant"], made["apiKey"]

    def handle(self, method: str, target: str, *, headers: Headers = (), body: bytes = b"", peer: str = "") -> Response:
        """The REST API as a function."""
        pairs = headers.items() if isinstance(headers, Mapping) else headers
        return Response(*self._open().handle(method, target, [(name, value) for name, value in pairs], body, peer))

    def request(self, key: str, method: str, target: str, json_body: Any = None, **headers: str) -> Any:
        """Calls the API with a key, and returns what it answers as JSON. Raises Error for what it refuses."""
        from ._error import Error

        sent = {"Authorization": f"Bearer {key}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        body = b""
        if json_body is not None:
            sent["Content-Type"] = "application/json"
            body = dumps(json_body).encode()
        answer = self.handle(method, target, headers=sent, body=body)
        if answer.status >= 400:
            problem = answer.json()
            raise Error(problem["code"], answer.status, problem["detail"], answer.body.decode())
        return answer.json() if answer.body else None

    def events(self, tenant_id: str, after: str = "", limit: int = 100) -> list[dict[str, Any]]:
        """Events behind the one with the id ``after``, in the order of their commits; who goes on behind the last misses nothing."""
        found: list[dict[str, Any]] = json.loads(self._open().events(tenant_id, after, limit))["data"]
        return found

    def all_events(self, tenant_id: str, after: str = "") -> Iterator[dict[str, Any]]:
        while page := self.events(tenant_id, after, 1000):
            yield from page
            after = page[-1]["id"]

    def run_due(self) -> dict[str, Any]:
        """Does what is due; to be called every second or so."""
        done: dict[str, Any] = json.loads(self._open().run_due())
        return done


_all: "weakref.WeakSet[Platform]" = weakref.WeakSet()


def _close_all() -> None:
    for platform in list(_all):
        platform.close()


atexit.register(_close_all)  # no thread may come back to an interpreter that is gone
