"""The routes of the session: who am I, sign in, sign out."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import msgspec
from starlette.routing import Route

from tenere.errors import TenereError
from tenere.serve.accounts.desk import RefusedError
from tenere.serve.accounts.gate import address_of, cookie_of, token_of, who_of
from tenere.serve.accounts.roles import rights_of
from tenere.serve.answers import as_error, as_json, command_body
from tenere.serve.guard import same_origin

if TYPE_CHECKING:
    from starlette.requests import HTTPConnection, Request
    from starlette.responses import Response

    from tenere.serve.accounts.gate import Gate
    from tenere.serve.accounts.roles import Who


class SignIn(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a person shows to sign in."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=1024)]


_SIGN_IN: msgspec.json.Decoder[SignIn] = msgspec.json.Decoder(SignIn)


class SessionRoutes:
    """Answers for a gate."""

    def __init__(self, gate: Gate) -> None:
        """Answer for the gate of the server."""
        self.gate = gate

    def _told(self, who: Who, left_s: float) -> dict[str, Any]:
        accounts = self.gate.accounts is not None
        return {
            "accounts": accounts,
            "open": self.gate.local or accounts,
            "name": who.name or None,
            "role": who.role.value if who.role else None,
            "signed": who.signed,
            "commands": rights_of(who),
            "expires_in_s": math.ceil(left_s) if who.signed else None,
        }

    async def state(self, request: Request) -> Response:
        """GET /api/session."""
        left = self.gate.accounts.left_s(token_of(request)) if self.gate.accounts is not None else 0.0
        return as_json(self._told(who_of(request), left))

    async def sign_in(self, request: Request) -> Response:
        """POST /api/session."""
        accounts = self.gate.accounts
        if accounts is None:
            return as_error(404, 'this server has no accounts: name a file of them in the site file ([serve] accounts = "accounts.sqlite")')
        body = await command_body(request)
        if not isinstance(body, bytes):
            return body
        try:
            shown = _SIGN_IN.decode(body)
        except (msgspec.DecodeError, RecursionError) as e:
            return as_error(422, str(e))
        try:
            signed = await accounts.sign_in(shown.name, shown.password, address_of(request))
            accounts.sessions.end(token_of(request))  # the one that this browser had
        except RefusedError as e:
            answer = as_error(e.status, str(e))
            if e.wait_s > 0:
                answer.headers["Retry-After"] = str(math.ceil(e.wait_s))
            return answer
        except TenereError as e:
            return as_error(503, str(e))
        answer = as_json(self._told(signed.who, accounts.left_s(signed.token)))
        _keep(answer, request, signed.token, int(accounts.sessions.whole_s))
        return answer

    async def sign_out(self, request: Request) -> Response:
        """DELETE /api/session."""
        if not same_origin(request.headers):
            return as_error(403, "commands come from this server's own page")
        if self.gate.accounts is not None:
            try:
                await self.gate.accounts.sign_out(token_of(request), address_of(request))
            except TenereError as e:
                return as_error(503, f"signed out, but not written down: {e}")
        answer = as_json({"status": "signed out"})
        _keep(answer, request, "", 0)
        return answer


def _keep(answer: Response, request: HTTPConnection, token: str, seconds: int) -> None:
    """Set the session's cookie: never shown to scripts, never sent by other sites' pages, over TLS never without it."""
    secure = request.scope.get("scheme") in ("https", "wss")
    answer.set_cookie(cookie_of(request), token, max_age=seconds, path="/", secure=secure, httponly=True, samesite="strict")


def session_routes(gate: Gate) -> list[Route]:
    """Return the routes of the session."""
    of = SessionRoutes(gate)
    return [
        Route("/api/session", of.state),
        Route("/api/session", of.sign_in, methods=["POST"]),
        Route("/api/session", of.sign_out, methods=["DELETE"]),
    ]
