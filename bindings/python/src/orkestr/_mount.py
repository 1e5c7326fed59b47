"""The whole REST API inside a WSGI or ASGI application."""

from __future__ import annotations

from typing import Any, Awaitable, Callable, Iterable, MutableMapping

from ._platform import Platform

_SAFE = "/:@!$&'()*+,;=-._~"  # of a path, RFC 3986
_LARGEST = 50 * 1024 * 1024  # what any route takes; the API has its own limits below


def wsgi(platform: Platform) -> Callable[[MutableMapping[str, Any], Callable[..., Any]], Iterable[bytes]]:
    """``DispatcherMiddleware(flask_app, {"/booking": orkestr.wsgi(platform)})``: below where it is mounted, paths are those of the API."""
    from urllib.parse import quote  # here, since who mounts nothing need not wait for it

    def app(environ: MutableMapping[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        target = quote(environ.get("PATH_INFO", "").encode("latin-1"), safe=_SAFE) or "/"
        if environ.get("QUERY_STRING"):
            target += "?" + environ["QUERY_STRING"]
        headers = [(name[5:].replace("_", "-"), value) for name, value in environ.items() if name.startswith("HTTP_")]
        if environ.get("CONTENT_TYPE"):
            headers.append(("Content-Type", environ["CONTENT_TYPE"]))
        length = int(environ.get("CONTENT_LENGTH") or 0)
        body = environ["wsgi.input"].read(min(length, _LARGEST + 1)) if length > 0 else b""
        answer = platform.handle(environ["REQUEST_METHOD"], target, headers=headers, body=body, peer=environ.get("REMOTE_ADDR", ""))
        start_response(f"{answer.status} {_reason(answer.status)}", [*answer.headers, ("Content-Length", str(len(answer.body)))])
        return [b"" if environ["REQUEST_METHOD"] == "HEAD" else answer.body]

    return app


def asgi(platform: Platform) -> Callable[..., Awaitable[None]]:
    """``fastapi_app.mount("/booking", orkestr.asgi(platform))``. Requests run on threads beside the event loop."""
    import asyncio
    from urllib.parse import quote

    async def app(scope: MutableMapping[str, Any], receive: Callable[[], Awaitable[Any]], send: Callable[[Any], Awaitable[None]]) -> None:
        if scope["type"] == "lifespan":
            while (await receive())["type"] == "lifespan.startup":
                await send({"type": "lifespan.startup.complete"})
            await send({"type": "lifespan.shutdown.complete"})
            return
        if scope["type"] != "http":
            raise ValueError(f"no {scope['type']} here")
        body = b""
        while True:
            event = await receive()
            if event["type"] == "http.disconnect":
                return
            body += event.get("body", b"")
            if not event.get("more_body") or len(body) > _LARGEST:
                break
        path = (scope.get("raw_path") or scope["path"].encode()).decode("ascii", "surrogateescape").split("?")[0]
        root = quote(scope.get("root_path", ""), safe=_SAFE)
        target = path[len(root):] if root and path.startswith(root) else path
        if scope.get("query_string"):
            target += "?" + scope["query_string"].decode("latin-1")
        headers = [(name.decode("latin-1"), value.decode("latin-1")) for name, value in scope["headers"]]
        peer = (scope.get("client") or ("", 0))[0]
        answer = await asyncio.to_thread(platform.handle, scope["method"], target or "/", headers=headers, body=body, peer=peer)
        sent = [(name.lower().encode("latin-1"), value.encode("latin-1")) for name, value in answer.headers]
        await send({"type": "http.response.start", "status": answer.status, "headers": [*sent, (b"content-length", str(len(answer.body)).encode())]})
        await send({"type": "http.response.body", "body": b"" if scope["method"] == "HEAD" else answer.body})

    return app


def _reason(status: int) -> str:
    from http import HTTPStatus

    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Answer"
