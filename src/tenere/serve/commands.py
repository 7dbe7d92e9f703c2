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


Command = Acknowledge
"""Every command there is (a union, once there are several)."""

_DECODER: msgspec.json.Decoder[Command] = msgspec.json.Decoder(Command)


def parse_command(body: bytes) -> dict[str, Any]:
    """Return a checked command as the plain data that ticks carry. Raises msgspec.ValidationError or DecodeError."""
    command: dict[str, Any] = msgspec.to_builtins(_DECODER.decode(body))
    return command
