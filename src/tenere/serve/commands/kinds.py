"""What an operator may ask of alerts, identities and tracks: each command with its bounds."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
Number = Annotated[int, msgspec.Meta(ge=1, le=0xFFFFFFFF)]
Reason = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Time = Annotated[float, msgspec.Meta(ge=0.0, le=1e11)]
IdentityWord = Literal["unknown", "assumed_friend", "friend", "neutral", "suspect", "automatic"]
ClaimWord = Literal["climbing", "descending", "level", "mode_a", "speed_kt", "level_ft", "callsign"]


class Asked(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"):
    """What every command holds."""

    by: Name
    """Who: of a signed-in person the account's name, whatever the body says."""


class OfAlert(Asked, frozen=True):
    """What every command about an alert holds."""

    alert: Number
    """Its number."""


class OfTrack(Asked, frozen=True):
    """What every command about a track holds."""

    track: Number
    """Its number."""


class Acknowledge(OfAlert, frozen=True, tag="acknowledge"):
    """An operator has seen an alert."""


class Suppress(OfAlert, frozen=True, tag="suppress"):
    """An alert is not to call for attention until a time."""

    until_s: Time
    """Until when, of the picture's clock."""
    reason: Reason
    """Why."""


class Unsuppress(OfAlert, frozen=True, tag="unsuppress"):
    """A suppressed alert calls for attention again."""


class HandOver(OfAlert, frozen=True, tag="hand_over"):
    """An alert is another position's to work."""

    to: Name
    """The position."""


class SetIdentity(OfTrack, frozen=True, tag="identity"):
    """A person says who a track is; automatic: the rules decide again."""

    identity: IdentityWord
    """What it is held to be."""
    reason: Annotated[str, msgspec.Meta(max_length=200)] = ""
    """Why; suspect needs one."""


class Registry(Asked, frozen=True, tag="registry"):
    """A flight is put on the register of the protected, or taken off it."""

    op: Literal["add", "remove"]
    """Which."""
    address: Annotated[str, msgspec.Meta(pattern="^[0-9A-Fa-f]{6}$")] | None = None
    """Its Mode S address, six hexadecimal digits."""
    callsign: Annotated[str, msgspec.Meta(pattern="^[A-Z0-9]{2,8}$")] | None = None
    """Its callsign."""
    label: Annotated[str, msgspec.Meta(max_length=40)] = ""
    """What it is; adding needs one."""


class Unprotect(OfTrack, frozen=True, tag="unprotect"):
    """One of the two persons who together take protection off a flight."""

    reason: Reason
    """Why."""


class Claim(OfTrack, frozen=True, tag="claim"):
    """What somebody says a track does or is, to be held against what is measured."""

    what: ClaimWord
    """What is said of it."""
    value: float | str | None = None
    """Of mode_a four octal digits, of callsign its letters, of speed_kt and level_ft a number; of the others none."""


class Radio(OfTrack, frozen=True, tag="radio"):
    """A track's radio contact was lost, or is there again."""

    state: Literal["lost", "regained"]
    """Which."""


class Cleared(OfTrack, frozen=True, tag="cleared"):
    """The level that a track is cleared to."""

    level_ft: Annotated[float, msgspec.Meta(ge=-2000.0, le=150_000.0)] | None
    """Feet of pressure altitude; null: no longer known."""


class Agree(Asked, frozen=True, tag="agree"):
    """Someone answers for a sensor that contradicts others: its plots are to be used all the same."""

    sensor: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    """Its id."""
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    """Why."""


class SetQnh(Asked, frozen=True, tag="qnh"):
    """Someone sets the pressure of a place by hand: it holds like a report of now, until the station's next one."""

    station: Name
    """ICAO code of the station, or a name of your own."""
    lat_deg: Annotated[float, msgspec.Meta(ge=-90.0, le=90.0)]
    """WGS-84 latitude of the place it holds for."""
    lon_deg: Annotated[float, msgspec.Meta(ge=-180.0, le=180.0)]
    """WGS-84 longitude."""
    qnh_hpa: Annotated[float, msgspec.Meta(ge=850.0, le=1100.0)]
    """Hectopascals."""


Command = Acknowledge | Suppress | Unsuppress | HandOver | SetIdentity | Registry | Unprotect | Claim | Radio | Cleared | Agree | SetQnh
"""The commands about alerts, identities, tracks and sensors."""
