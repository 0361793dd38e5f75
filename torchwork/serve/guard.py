"""Who may talk to the server: its own page, from its own address, with its token."""

from __future__ import annotations

import asyncio
import hmac
import json
import secrets
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from torchwork.serve.login import login_page

HTTP = 80
"""The port that browsers leave away."""
SAFE = ("GET", "HEAD")
LARGEST_LOGIN = 4096  # bytes
PATIENCE = 1.0  # seconds that a wrong password costs
ASSETS = "/assets/"
"""The built page's own files: their names are hashes and they hold nothing of the user's, so they need no token."""
POLICY = (
    "default-src 'self'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; "
    "media-src 'self' data: blob:; connect-src 'self'; font-src 'self' data:; object-src 'none'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Access:
    """The hosts (`name:port`) under which the server may be called, its token, and a password beyond loopback."""

    hosts: frozenset[str]
    """as browsers name them: without a port where it is the one of all pages, 80"""
    password: str = ""
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    port: int = field(default=HTTP, kw_only=True)

    @property
    def cookie(self) -> str:
        """The name of the cookie: browsers share cookies between the ports of a host."""
        return f"torchwork-{self.port}"

    def knows(self, given: str) -> bool:
        """Whether that is the token; takes as long for any wrong one."""
        return hmac.compare_digest(given.encode(), self.token.encode())


class Guard:
    """ASGI middleware: refuses calls by other names (DNS rebinding), from other sites, and without the token."""

    def __init__(self, app: ASGIApp, access: Access) -> None:
        self.app, self.access = app, access
        self._logins = asyncio.Lock()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self.app(scope, receive, send)
            return
        why = self._foreign(scope)
        if why:
            await _refuse(scope, receive, send, 403, why)
        elif scope["type"] == "http" and scope["path"] == "/login" and self.access.password:
            await self._log_in(scope, receive, send)
        elif scope["path"].startswith(ASSETS) or self._entered(scope):
            await self.app(scope, receive, self._with_headers(scope, send))
        else:
            await self._ask(scope, receive, send)

    def _foreign(self, scope: Scope) -> str:
        """Why a call is not from the page: another name of this host, or another site's page."""
        headers = Headers(scope=scope)
        if headers.get("host", "").lower() not in self.access.hosts:
            return "this address is not the server's: use the one that `torchwork open` printed"
        origin = headers.get("origin")
        if origin is not None and _host(origin) not in self.access.hosts:
            return "calls from other sites are refused"
        unsafe = scope["type"] == "websocket" or scope["method"] not in SAFE
        if unsafe and headers.get("sec-fetch-site", "same-origin") not in ("same-origin", "none"):
            return "calls from other sites are refused"
        return ""

    def _entered(self, scope: Scope) -> bool:
        headers = Headers(scope=scope)
        given = [headers.get("authorization", "").removeprefix("Bearer "), self._cookie(headers), *_in_query(scope)]
        return any(self.access.knows(item) for item in given)

    def _cookie(self, headers: Headers) -> str:
        # Not http.cookies, which finds nothing behind a cookie that it takes for malformed, of whichever server here.
        return cookie_parser(headers.get("cookie", "")).get(self.access.cookie, "")

    def _with_headers(self, scope: Scope, send: Send) -> Send:
        """Adds the headers that every answer has; the token of the address becomes a cookie."""

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                headers.update(HEADERS)
                if not scope["path"].startswith(ASSETS):
                    headers.setdefault("cache-control", "no-store")
                if any(self.access.knows(item) for item in _in_query(scope)):
                    headers.append("set-cookie", self._set_cookie())
            await send(message)

        return sending

    def _set_cookie(self) -> str:
        # Not marked Secure: on loopback there is no TLS.
        return f"{self.access.cookie}={self.access.token}; Path=/; HttpOnly; SameSite=Strict"

    async def _ask(self, scope: Scope, receive: Receive, send: Send) -> None:
        wanted = scope["type"] == "http" and not scope["path"].startswith("/api/")
        if wanted and self.access.password:
            await login_page()(scope, receive, self._with_headers(scope, send))
        else:
            await _refuse(scope, receive, send, 401, "use the whole address that `torchwork open` printed, with token")

    async def _log_in(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The form's answer: a cookie and the page, or the form again."""
        body = b""
        while len(body) <= LARGEST_LOGIN:
            message = await receive()
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        given = parse_qs(body[:LARGEST_LOGIN].decode("utf-8", "replace")).get("password", [""])[0]
        async with self._logins:  # one at a time: many guesses at once are no quicker
            right = hmac.compare_digest(given.encode(), self.access.password.encode())
            await asyncio.sleep(0 if right else PATIENCE)
        if not right:
            await login_page(wrong=True)(scope, receive, self._with_headers(scope, send))
            return
        headers = [(b"location", b"/"), (b"set-cookie", self._set_cookie().encode()), (b"content-length", b"0")]
        await send({"type": "http.response.start", "status": 303, "headers": headers})
        await send({"type": "http.response.body", "body": b""})


def _host(origin: str) -> str:
    """The host and port of an origin; empty for what is none."""
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:
        return ""


def _in_query(scope: Scope) -> list[str]:
    return parse_qs(scope["query_string"].decode("latin-1")).get("token", [])[:1]


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, message: str) -> None:
    if scope["type"] == "websocket":
        await receive()  # the request to connect
        await send({"type": "websocket.close", "code": 4000 + status, "reason": message[:120]})
        return
    body = json.dumps({"message": message, "problems": []}).encode()
    headers: list[Any] = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
