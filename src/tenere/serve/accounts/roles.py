"""The one table of who may do what. What it does not name is refused to everybody.

A new endpoint needs a line in ROUTES, a new command one in COMMANDS; a test walks both.
"""

from __future__ import annotations

import enum
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping


class Role(enum.StrEnum):
    """What a person is here for. No role contains another: the table says each one's rights."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    SUPERVISOR = "supervisor"
    ENGINEER = "engineer"
    INSTRUCTOR = "instructor"
    ADMIN = "admin"


MEANING: dict[Role, str] = {
    Role.VIEWER: "sees the picture and its reasons",
    Role.OPERATOR: "works the picture: alerts, identities, what was said on the radio, tracks by hand",
    Role.SUPERVISOR: "the same, and what changes the watch itself: airspace, closures, rules, protection",
    Role.ENGINEER: "sees the picture; answers for sensors and pressures",
    Role.INSTRUCTOR: "sees the picture; an exercise's controls will be its own",
    Role.ADMIN: "sees the picture; keeps the accounts, on the command line",
}


class Who(NamedTuple):
    """Who asks: a person who signed in, or whoever reaches a server without accounts."""

    name: str
    """The account; empty where nobody signed in."""
    role: Role | None
    """None: nobody yet; only what ANYONE may do is open."""
    signed: bool


class Right(NamedTuple):
    """Who may do a thing, and whether a signed-in person must stand behind it."""

    roles: frozenset[Role]
    signed: bool = False


ANYONE: frozenset[Role] | None = None
"""Open before anybody signed in."""
EVERYONE = frozenset(Role)
WORK = frozenset({Role.OPERATOR, Role.SUPERVISOR})
SENSORS = WORK | {Role.ENGINEER}
LEAD = frozenset({Role.SUPERVISOR})

ROUTES: dict[str, frozenset[Role] | None] = {
    "GET /": ANYONE,  # the page and its assets: they hold nothing of the picture
    "GET /api/health": ANYONE,  # who did not sign in learns only that it runs
    "GET /api/schema": ANYONE,
    "GET /api/openapi.json": ANYONE,  # what may be asked, nothing of the picture
    "GET /api/session": ANYONE,
    "POST /api/session": ANYONE,
    "DELETE /api/session": ANYONE,
    "GET /api/picture.json": EVERYONE,
    "GET /api/status": EVERYONE,
    "GET /api/tracks/{number:int}": EVERYONE,
    "GET /api/tracks.geojson": EVERYONE,
    "GET /api/tracks.arrow": EVERYONE,
    "GET /data/aircraft.json": EVERYONE,
    "GET /data/receiver.json": EVERYONE,
    "GET /api/past": EVERYONE,
    "GET /api/past/{time:float}": EVERYONE,
    "GET /api/past/{time:float}/status": EVERYONE,
    "GET /api/events": EVERYONE,
    "GET /api/tracks/{number:int}/history": EVERYONE,
    "GET /api/plans": EVERYONE,
    "GET /api/performance": EVERYONE,
    "GET /api/places": EVERYONE,
    "GET /api/airspace": EVERYONE,
    "GET /api/airspace/export": EVERYONE,  # what they see, as a file
    "POST /api/airspace/check": LEAD,  # reads a file that a person brings; changes nothing
    "GET /api/rules": EVERYONE,
    "GET /api/coverage": EVERYONE,
    "GET /api/coverage/layer": EVERYONE,
    "GET /api/coverage/at": EVERYONE,
    "GET /api/coverage/holes": EVERYONE,
    "GET /api/terrain": EVERYONE,
    "GET /api/terrain/{z:int}/{x:int}/{y:int}": EVERYONE,
    "POST /api/coverage/try": EVERYONE,  # it changes nothing of the picture
    "POST /api/commands": EVERYONE,  # each command by COMMANDS
    "WS /api/stream": EVERYONE,
}
"""Which roles reach an endpoint, by method and path as its route declares it."""

COMMANDS: dict[str, Right] = {
    "acknowledge": Right(WORK),
    "suppress": Right(WORK),
    "unsuppress": Right(WORK),
    "hand_over": Right(WORK),
    "identity": Right(WORK),
    "claim": Right(WORK),
    "radio": Right(WORK),
    "cleared": Right(WORK),
    "track_report": Right(WORK),
    "track_correlate": Right(WORK),
    "track_merge": Right(WORK),
    "track_split": Right(WORK),
    "track_apart": Right(WORK),
    "track_end": Right(WORK),
    "track_undo": Right(WORK),
    "registry.add": Right(WORK),
    "registry.remove": Right(LEAD, signed=True),
    "unprotect": Right(WORK, signed=True),  # two persons: one of them may be an operator
    "agree": Right(SENSORS),
    "qnh": Right(SENSORS),
    "volume": Right(LEAD, signed=True),
    "closure.note": Right(LEAD, signed=True),
    "closure.close": Right(LEAD, signed=True),
    "closure.acknowledge": Right(WORK, signed=True),
    "closure.reopen": Right(LEAD, signed=True),
    "rules": Right(LEAD, signed=True),
}
"""Who may send a command, by its kind, or by kind.op where its operations differ."""


def key_of(command: Mapping[str, Any]) -> str:
    """Return the line of COMMANDS that a checked command falls under; its kind where there is none."""
    kind = str(command.get("kind"))
    fine = f"{kind}.{command.get('op')}"
    return fine if fine in COMMANDS else kind


def may(who: Who, key: str) -> bool:
    """Say whether somebody may send a command, by its line of the table."""
    right = COMMANDS.get(key)
    return right is not None and who.role in right.roles and (who.signed or not right.signed)


def rights_of(who: Who) -> list[str]:
    """Return the lines of COMMANDS that somebody may send, in the table's order."""
    return [key for key in COMMANDS if may(who, key)]


def reaches(who: Who, endpoint: str) -> bool:
    """Say whether somebody reaches an endpoint ("GET /api/status")."""
    if endpoint not in ROUTES:
        return False
    roles = ROUTES[endpoint]
    return roles is None or who.role in roles
