"""What the endpoints of the working page answer: a track's history, flight plans, rules, airspace files, shaded ground."""

from __future__ import annotations

from typing import Any, Literal

import msgspec

from tenere.serve.shapes import Shape, Words


class Profile(Shape, kw_only=True):
    """A sample each step; the columns are as long as each other."""

    time: list[float]
    level_ft: list[float | None]
    altitude_ft: list[float | None]
    speed_kt: list[float | None]
    vertical_fpm: list[float | None]


class Name(Shape, kw_only=True):
    """A callsign, code or address that a track had from a time on."""

    since: float
    kind: str
    name: str


class Plot(Shape, kw_only=True):
    """One plot that updated a track."""

    time: float
    sensor: str | None
    kind: str
    range_m: float | None
    azimuth_deg: float | None
    lat: float | None
    lon: float | None
    level_ft: float | None
    mode_a: str | None
    address: str | None
    callsign: str | None
    remote_id: str | None
    flags: list[str]


class Saw(Shape, kw_only=True):
    """A sensor that saw a track."""

    id: str
    last: float | None
    plots: int


class History(Shape, kw_only=True):
    """What a track did lately."""

    number: int
    time: float
    step_s: float
    profile: Profile
    names: list[Name]
    plots: list[Plot]
    sensors: list[Saw]


class Plan(Shape, kw_only=True):
    """A flight plan and where its flight is in its life."""

    row: int
    callsign: str
    departure: str | None
    destination: str | None
    off_block: float | None
    landing: float | None
    route: str | None
    aircraft_type: str | None
    operator: str | None
    address: str | None
    remote_id: str | None
    mode_a: str | None
    sts: list[str]
    protected: bool
    state: Literal["flying", "seen", "expected", "overdue", "unwatched", "ended"]
    tracks: list[int]
    last_seen: float | None
    flags: list[str]


class Plans(Shape, kw_only=True):
    """The flight plans that were asked for; found: how many there are, though fewer may be told."""

    time: float | None
    total: int
    found: int
    plans: list[Plan]


class Setting(Shape, kw_only=True):
    """What a rule is set to; a time that is left to the rule is null."""

    enabled: bool
    severity: str
    rise_s: float | None
    hold_s: float | None
    escalate_s: float | None


class Rule(Setting, kw_only=True):
    """A rule, its words without their details, and what it may be set to."""

    rule: str
    words: Words
    severities: list[str]
    changed: bool


class RuleEdit(Shape, kw_only=True):
    """Who set which rules to what."""

    time: float
    by: str
    signed: bool
    before: dict[str, Setting]
    after: dict[str, Setting]


class RuleBook(Shape, kw_only=True):
    """The rules as they are set."""

    rules: list[Rule]
    severities: list[str] = msgspec.field(default_factory=list)
    escalate_s: float | None = None
    longest_s: float | None = None
    tables: dict[str, list[dict[str, Any]]]
    edits: list[RuleEdit]


class FileRead(Shape, kw_only=True):
    """A file of airspace as it was read: nothing of the picture is changed."""

    format: str
    volumes: list[dict[str, Any]]
    refused: list[dict[str, Any]]
    refused_total: int
    notes: list[dict[str, Any]]


class Ground(Shape, kw_only=True):
    """Whether shaded ground can be had, in which zooms, and the pixels along a tile."""

    state: Literal["on", "off"]
    why: str
    zoom: tuple[int, int] | None = None
    tile: int | None = None
