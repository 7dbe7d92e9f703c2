"""What a person may do to tracks by hand: the commands, read as nobody vouches for them, and the answers.

A command is a table, as ticks carry it: `kind` names one of the classes below, the other keys are its fields. Whatever is wrong
with one is answered, in words, and changes nothing.

    >>> ask = End(track=7, by="Lt Issa", reason="a hill, not an aircraft")
    >>> as_command(ask)["kind"]
    'track_end'
"""

from __future__ import annotations

import math
from typing import Annotated, Any, Literal

import msgspec

from tenere.batch import AircraftClass
from tenere.words import clean

BY_BYTES, REASON_BYTES, WORDS_BYTES = 24, 80, 200
SIGNED = "signed"
"""What the server adds of a signed-in person; nothing done by hand asks for it."""
LONGEST_S = 43_200.0
"""The longest that anything done by hand lasts unrenewed."""

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
Words = Annotated[str, msgspec.Meta(min_length=1, max_length=400)]
Number = Annotated[int, msgspec.Meta(ge=1, le=0xFFFFFFFF)]
Hold = Annotated[float, msgspec.Meta(ge=10.0, le=LONGEST_S)]
ClassWord = Literal["unknown", "light", "airliner", "helicopter", "glider", "drone", "vehicle", "balloon", "high_performance", "other"]


class ReportCommand(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="track_report"):
    """Somebody saw, heard or was told of an aircraft. Without `track` it makes a track; with one, it is a further report of it."""

    by: Name
    """Who enters it."""
    words: Words
    """The report and its source, in words."""
    lat_deg: Annotated[float, msgspec.Meta(ge=-90.0, le=90.0)]
    """WGS-84 latitude."""
    lon_deg: Annotated[float, msgspec.Meta(ge=-180.0, le=180.0)]
    """WGS-84 longitude."""
    position_std_m: Annotated[float, msgspec.Meta(ge=10.0, le=200_000.0)]
    """One-sigma error of the place, on each axis."""
    track: Number | None = None
    """The track made by hand that it is about; None: a new one."""
    report_s: float | None = None
    """When it was there, seconds since 1970; None: now."""
    course_deg: Annotated[float, msgspec.Meta(ge=0.0, le=360.0)] | None = None
    """Course over ground, clockwise from north; None: unknown."""
    course_std_deg: Annotated[float, msgspec.Meta(gt=0.0, le=180.0)] | None = None
    """Its one-sigma error; None: 15 degrees."""
    speed_ms: Annotated[float, msgspec.Meta(ge=0.0, le=1000.0)] | None = None
    """Ground speed; None: unknown."""
    speed_std_ms: Annotated[float, msgspec.Meta(gt=0.0, le=1000.0)] | None = None
    """Its one-sigma error; None: a fifth of the speed."""
    low_m: Annotated[float, msgspec.Meta(ge=-1000.0, le=60_000.0)] | None = None
    """Foot of the height band; None: unknown."""
    high_m: Annotated[float, msgspec.Meta(ge=-1000.0, le=60_000.0)] | None = None
    """Top of the height band; None: unknown."""
    aircraft_class: ClassWord = "unknown"
    """What it is; of a further report, "unknown" leaves what was said before."""
    callsign: Annotated[str, msgspec.Meta(max_length=8, pattern="^[A-Z0-9]*$")] = ""
    """Its callsign, where that was said."""
    keep_s: Hold = 900.0
    """How long after the report the track is kept."""


class Correlate(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="track_correlate"):
    """A track made by hand is the same aircraft as another track: one row, that track's number, the remarks kept."""

    track: Number
    """The track made by hand."""
    other: Number
    """The track it is."""
    by: Name
    """Who says so."""
    reason: Words
    """Why."""


class Merge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="track_merge"):
    """Two tracks are one aircraft: the elder's number lives, and stays the only one while the order holds."""

    track: Number
    """One."""
    other: Number
    """The other."""
    by: Name
    """Who says so."""
    reason: Words
    """Why."""
    hold_s: Hold = 1800.0
    """How long the order holds."""


class Split(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="track_split"):
    """One track holds two aircraft: a second is shown beside it, and what begins beside it is not taken for the same."""

    track: Number
    """The track."""
    by: Name
    """Who says so."""
    reason: Words
    """Why."""
    hold_s: Hold = 900.0
    """How long the order holds."""


class Apart(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="track_apart"):
    """Two tracks are two aircraft: nothing, and nobody until this is undone, makes them one."""

    track: Number
    """One."""
    other: Number
    """The other."""
    by: Name
    """Who says so."""
    reason: Words
    """Why."""
    hold_s: Hold = 3600.0
    """How long the order holds."""


class End(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="track_end"):
    """A track is false, or is wanted no more: it leaves the picture."""

    track: Number
    """The track."""
    by: Name
    """Who says so."""
    reason: Words
    """Why."""
    hold_s: Hold = 3600.0
    """How long its number stays out of the picture, should plots go on feeding it."""


class Undo(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="track_undo"):
    """Take back a correlation, merge, split, apart or end that stands: what it hid is there again, under its number."""

    order: Number
    """The order's number, as its answer gave it."""
    by: Name
    """Who."""
    reason: Words
    """Why."""


Command = ReportCommand | Correlate | Merge | Split | Apart | End | Undo
KINDS = frozenset(str(c.__struct_config__.tag) for c in (ReportCommand, Correlate, Merge, Split, Apart, End, Undo))

ANSWERS = (
    "order.done",
    "order.far_report",
    "order.malformed",
    "order.no_name",
    "order.no_reason",
    "order.unknown_track",
    "order.gone_track",
    "order.part_of",
    "order.ended_by",
    "order.not_manual",
    "order.is_manual",
    "order.same_track",
    "order.far_apart",
    "order.no_common_place",
    "order.two_addresses",
    "order.civil_flight",
    "order.held_apart",
    "order.two_of_one",
    "order.unknown_order",
    "order.ended_order",
    "order.of_the_future",
    "order.too_old",
    "order.too_fast",
    "order.upside_down",
    "order.no_place",
    "order.full",
)
"""Every answer there is; each is a key of the phrase book."""


class Refused(Exception):  # noqa: N818 - it is an answer, and no fault of ours
    """Why a command is not obeyed: a key of ANSWERS and what fills its phrase."""

    def __init__(self, key: str, *details: object) -> None:
        """Keep key and details apart."""
        super().__init__(key)
        self.key = key
        self.details = tuple(str(d) for d in details)


def read(command: dict[str, Any]) -> Command:
    """Return a command that can be understood; raise Refused with the reason for any other."""
    try:
        asked: Command = msgspec.convert({k: v for k, v in command.items() if k != SIGNED}, type=Command)
    except (msgspec.ValidationError, OverflowError, RecursionError, TypeError, ValueError) as e:
        raise Refused("order.malformed", shorten(str(e), REASON_BYTES)) from e
    for name in asked.__struct_fields__:
        value = getattr(asked, name)
        if isinstance(value, float) and not math.isfinite(value):
            raise Refused("order.malformed", f"{name} is not a number")
    if not clean(asked.by, BY_BYTES):
        raise Refused("order.no_name")
    if not clean(asked.words if isinstance(asked, ReportCommand) else asked.reason, WORDS_BYTES):
        raise Refused("order.no_reason")
    return asked


def shorten(value: object, most: int) -> str:
    """Return a text of at most so many bytes, fit to be shown and kept."""
    return clean(value, most).decode()


def as_command(asked: Command) -> dict[str, Any]:
    """Return the plain table that a tick carries for a command."""
    plain: dict[str, Any] = msgspec.to_builtins(asked)
    return plain


def class_of(word: str) -> AircraftClass:
    """Return the class that a command's word names."""
    return AircraftClass[word.upper()]
