"""The table of roles names every route and every command, and what it does not name is refused."""

from __future__ import annotations

import itertools
import re
import typing

import pytest
from accounts_kit import Person, desk
from starlette.responses import PlainTextResponse
from starlette.routing import Host, Mount, Route, WebSocketRoute

from tenere.cli.account_grammar import ROLES
from tenere.serve.accounts import roles
from tenere.serve.accounts.gate import Gate, gated, path_of
from tenere.serve.accounts.roles import COMMANDS, MEANING, ROUTES, Role, Who, key_of, may, reaches
from tenere.serve.app import make_app
from tenere.serve.commands import KINDS, Command
from tenere.serve.hub import Hub


def endpoints(app) -> set[str]:
    out = set()
    for route in app.routes:
        methods = ["WS"] if isinstance(route, WebSocketRoute) else ["GET"] if isinstance(route, Mount) else sorted(route.methods - {"HEAD"})
        out |= {f"{m} {path_of(route)}" for m in methods}
    return out


@pytest.mark.parametrize("built", [False, True])
def test_every_route_stands_in_the_table_and_every_line_has_a_route(tmp_path, built):
    if built:
        (tmp_path / "index.html").write_text("x")
    assert endpoints(make_app(Hub(), tmp_path if built else None)) == set(ROUTES)


def test_every_command_stands_in_the_table_and_every_line_is_a_command():
    ops = {c.__struct_config__.tag: c for c in Command.__args__ if "op" in c.__struct_fields__}
    lines = set()
    for kind in KINDS:
        words = typing.get_args(typing.get_type_hints(ops[kind])["op"]) if kind in ops else [""]
        keys = {key_of({"kind": kind, "op": op}) for op in words}
        assert keys <= set(COMMANDS), kind
        lines |= keys
    assert lines == set(COMMANDS)


def test_what_the_table_does_not_name_is_refused_to_everybody():
    for role in Role:
        assert not reaches(Who("x", role, signed=True), "GET /api/other")
        assert not reaches(Who("x", role, signed=True), "DELETE /api/status")
        assert not may(Who("x", role, signed=True), "launch")
    assert not reaches(Who("", None, signed=False), "GET /api/status")
    assert not may(Who("", None, signed=False), "acknowledge")


def test_a_route_without_a_line_is_reached_by_nobody_and_one_of_an_unknown_kind_is_left_out():
    async def hello(_):
        return PlainTextResponse("hello")

    routes = gated([Route("/api/new", hello), Host("a.example", PlainTextResponse("b"))], Gate())
    assert [r.path for r in routes] == ["/api/new"]
    assert Person(routes[0]).ask("GET", "/api/new").status_code == 403


def test_only_signed_in_persons_do_what_changes_the_watch():
    wanted = {"unprotect", "volume", "rules", "registry.remove", "closure.note", "closure.close", "closure.acknowledge", "closure.reopen"}
    assert {k for k, right in COMMANDS.items() if right.signed} == wanted
    for role, key in itertools.product(Role, wanted):
        assert not may(Who("", role, signed=False), key)
    assert not any(right.roles & {Role.VIEWER, Role.ADMIN, Role.INSTRUCTOR} for right in COMMANDS.values())


def test_the_command_line_knows_the_roles_and_each_has_a_meaning():
    assert tuple(Role) == ROLES
    assert set(MEANING) == set(Role)


def example(path: str) -> str:
    return re.sub(r"\{\w+:int\}", "7", path).replace("{time:float}", "7.5").replace("/api/events", "/api/events?once")


@pytest.mark.parametrize("role", [None, *Role])
def test_every_endpoint_answers_or_refuses_as_the_table_says(tmp_path, role):
    accounts = desk(tmp_path / "a.sqlite")
    person = Person(make_app(Hub(), None, accounts=accounts))
    if role is not None:
        assert person.sign_in(dict(zip(Role, ("vera", "omar", "sara", "eric", "ines", "adam"), strict=True))[role]).status_code == 200
    for endpoint, allowed in ROUTES.items():
        method, path = endpoint.split(" ")
        if method == "WS" or endpoint == "DELETE /api/session":
            continue
        status = person.ask(method, example(path), b"{}" if method == "POST" else None).status_code
        if allowed is None or role in allowed:
            assert status not in (401, 403), endpoint
        else:
            assert status == (401 if role is None else 403), endpoint
    accounts.close()


def test_the_lines_of_the_table_are_short_enough_to_read():
    assert len(ROUTES) + len(COMMANDS) < 120
    assert roles.ANYONE is None
