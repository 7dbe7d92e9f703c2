"""What a supervisor may ask of the airspace and its rules. The core knows the volumes and rules, and checks them again."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec

from tenere.serve.commands.kinds import Asked, Name, Reason

Id = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
RuleName = Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,39}$")]
Word = Annotated[str, msgspec.Meta(max_length=80)]
Value = bool | int | float | Word | Annotated[list[bool | int | float | Word], msgspec.Meta(max_length=100)]
Settings = Annotated[dict[RuleName, Value], msgspec.Meta(max_length=40)]


class VolumeOrder(Asked, frozen=True, tag="volume"):
    """A volume of airspace is put, removed, activated or deactivated."""

    op: Literal["put", "remove", "activate", "deactivate"]
    """Which."""
    id: Id
    """The volume."""
    volume: dict[str, Any] | None = None
    """What it is now, to be put: a table like a [[volume]] of the site file."""
    active: bool | None = None
    """What the person who puts it says of it in the same breath: active, inactive; null: it is as its times say."""
    reason: Reason | None = None
    """Why."""


class Closure(Asked, frozen=True, tag="closure"):
    """A step of closing airspace: the risk noted, closed, acknowledged by a station, open again."""

    op: Literal["note", "close", "acknowledge", "reopen"]
    """Which."""
    id: Id
    """The closure."""
    text: Annotated[str, msgspec.Meta(max_length=400)] | None = None
    """The risk, in words; a note needs it."""
    volumes: Annotated[list[Id], msgspec.Meta(max_length=200)] | None = None
    """The volumes that it closes."""
    station: Name | None = None
    """Who was told; an acknowledgement needs it."""


class Rules(Asked, frozen=True, tag="rules"):
    """Other settings of the rules."""

    set: Annotated[dict[RuleName, Settings], msgspec.Meta(min_length=1, max_length=100)]
    """By rule, then by setting."""


Command = VolumeOrder | Closure | Rules
"""The commands about airspace and rules."""
