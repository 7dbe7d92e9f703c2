"""What an operator may ask of the picture: a closed list, checked before it enters a tick."""

from __future__ import annotations

from typing import Annotated, Any

import msgspec

Name = Annotated[str, msgspec.Meta(min_length=1, max_length=24)]
Number = Annotated[int, msgspec.Meta(ge=1, le=0xFFFFFFFF)]


class Acknowledge(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="acknowledge"):
    """An operator has seen an alert."""

    alert: Number
    """Its number."""
    by: Name = "operator"
    """Who."""


class Agree(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="agree"):
    """Someone answers for a sensor that contradicts others: its plots are to be used all the same."""

    sensor: Annotated[str, msgspec.Meta(min_length=1, max_length=64)]
    """Its id."""
    reason: Annotated[str, msgspec.Meta(min_length=1, max_length=80)]
    """Why."""
    by: Name
    """Who."""


class SetQnh(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind", tag="qnh"):
    """Someone sets the pressure of a place by hand: it holds like a report of now, until the station's next one."""

    station: Name
    """ICAO code of the station, or a name of your own."""
    lat_deg: Annotated[float, msgspec.Meta(ge=-90.0, le=90.0)]
    """WGS-84 latitude of the place it holds for."""
    lon_deg: Annotated[float, msgspec.Meta(ge=-180.0, le=180.0)]
    """WGS-84 longitude."""
    qnh_hpa: Annotated[float, msgspec.Meta(ge=850.0, le=1100.0)]
    """Hectopascals."""
    by: Name
    """Who."""


Command = Acknowledge | Agree | SetQnh
"""Every command there is."""

_DECODER: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


def parse_command(body: bytes) -> dict[str, Any]:
    """Return a checked command as the plain data that ticks carry. Raises msgspec.ValidationError or DecodeError."""
    command: dict[str, Any] = msgspec.to_builtins(_DECODER.decode(body))
    return command
