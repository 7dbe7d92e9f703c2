"""The gate before every route: who asks, and whether the table of roles lets them through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.requests import HTTPConnection
from starlette.routing import Mount, Route, WebSocketRoute

from tenere.errors import TenereError
from tenere.serve.accounts import roles
from tenere.serve.accounts.roles import COMMANDS, Role, Who
from tenere.serve.answers import as_error

if TYPE_CHECKING:
    from starlette.routing import BaseRoute
    from starlette.types import ASGIApp, Receive, Scope, Send

    from tenere.serve.accounts.desk import Accounts

LOCAL = Who("", Role.OPERATOR, signed=False)
"""Who reaches a server on the loopback that has no accounts: whoever sits at the machine."""
ONLOOKER = Who("", Role.VIEWER, signed=False)
"""Who reaches one on the network that has none."""
NOBODY = Who("", None, signed=False)

ONLY_SHOWS = (
    "this server is open to the network without accounts, so it only shows: name a file of accounts in the site file "
    '([serve] accounts = "accounts.sqlite") and make accounts with tenere account add, or bind it to 127.0.0.1'
)
NEEDS_PERSON = (
    "needs a signed-in person, and this server has no accounts: name a file of accounts in the site file "
    '([serve] accounts = "accounts.sqlite") and make accounts with tenere account add'
)
POLICY_VIOLATION = 1008
KEY = "tenere.who"


class Gate:
    """Says who asks. accounts: None where the site names none; local: whether only this machine reaches the server."""

    def __init__(self, accounts: Accounts | None = None, *, local: bool = True) -> None:
        """Guard with accounts, or without."""
        self.accounts = accounts
        self.local = local

    def who(self, connection: HTTPConnection) -> Who:
        """Return who asks. Raises TenereError where the file of accounts cannot be read."""
        if self.accounts is None:
            return LOCAL if self.local else ONLOOKER
        return self.accounts.who(token_of(connection)) or NOBODY

    def use(self, connection: HTTPConnection) -> None:
        """Keep the session of a connection from idling: its person did something."""
        if self.accounts is not None:
            self.accounts.use(token_of(connection))

    def ended(self, connection: HTTPConnection) -> bool:
        """Say whether what a connection was opened with holds no more."""
        try:
            return self.who(connection).role is None
        except TenereError:
            return True

    def refusal(self, who: Who, command: dict[str, Any]) -> str:
        """Say why somebody may not send a command; nothing where they may."""
        key = roles.key_of(command)
        if roles.may(who, key):
            return ""
        if self.accounts is None and not self.local:
            return ONLY_SHOWS
        right, said = COMMANDS.get(key), key.replace(".", " ").replace("_", " ")
        if right is not None and self.accounts is None and right.signed:
            return f"{said}: {NEEDS_PERSON}"
        able = " or ".join(r.value for r in Role if right is not None and r in right.roles)
        return f"{said}: that is not for the role {who.role or 'none'}; it is for {able or 'nobody'}"


def cookie_of(connection: HTTPConnection) -> str:
    """Return the name of the session's cookie: browsers keep them by host alone, and one host may serve several pictures."""
    server = connection.scope.get("server") or ("", 0)
    return f"tenere_{server[1] or 0}"


def token_of(connection: HTTPConnection) -> str:
    """Return the token that a request brings; empty where it brings none."""
    return connection.cookies.get(cookie_of(connection), "")[:128]


def address_of(connection: HTTPConnection) -> str:
    """Return where a request comes from."""
    return connection.client.host if connection.client is not None else ""


def who_of(connection: HTTPConnection) -> Who:
    """Return whom the gate let through."""
    who: Who = connection.scope[KEY]
    return who


class _Gated:
    """A route behind the gate."""

    def __init__(self, app: ASGIApp, gate: Gate, path: str) -> None:
        self.app, self.gate, self.path = app, gate, path

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        socket = scope["type"] == "websocket"
        method = "WS" if socket else "GET" if scope["method"] == "HEAD" else scope["method"]
        try:
            who = self.gate.who(HTTPConnection(scope))
            passes = roles.reaches(who, f"{method} {self.path}")
            answer = as_error(401, "sign in first") if who.role is None else as_error(403, f"that is not for the role {who.role}")
        except TenereError as e:
            passes, answer = False, as_error(503, str(e))
        if passes:
            await self.app({**scope, KEY: who}, receive, send)
        elif socket:
            await send({"type": "websocket.close", "code": POLICY_VIOLATION})
        else:
            await answer(scope, receive, send)


def path_of(route: BaseRoute) -> str:
    """Return the path of a route as the table of roles writes it."""
    return getattr(route, "path", "") or "/"


def gated(routes: list[BaseRoute], gate: Gate) -> list[BaseRoute]:
    """Return the routes, each behind the gate; one of a kind unknown here is left out, for nothing would guard it."""
    kept = [r for r in routes if isinstance(r, Route | WebSocketRoute | Mount)]
    for route in kept:
        route.app = _Gated(route.app, gate, path_of(route))
    return [*kept]
