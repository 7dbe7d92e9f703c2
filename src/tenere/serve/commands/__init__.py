"""What an operator may ask of the picture: a closed list, checked before it enters a tick.

The core checks all of it again: a recording's commands come by no server.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from tenere.serve.commands import airspace, kinds, sense
from tenere.track import orders

if TYPE_CHECKING:
    from tenere.serve.accounts.roles import Who

BODY_LIMIT = 65_536
"""Bytes of the largest command: a volume of some thousand points."""
NAMELESS = "operator"
ANONYMOUS = frozenset({"acknowledge", "suppress", "unsuppress", "hand_over"})
"""Commands that whoever sits at a server without accounts may give without saying who."""

Command = kinds.Command | airspace.Command | orders.Command
"""Every command there is."""
KINDS: tuple[str, ...] = tuple(str(c.__struct_config__.tag) for c in Command.__args__)


class CommandError(ValueError):
    """A command that makes no sense, said in words."""


def parse_command(body: bytes, who: Who | None = None, now_s: float | None = None) -> dict[str, Any]:
    """Return a checked command as the plain data that ticks carry.

    who: a signed-in person is its `by`, and it is `signed`; otherwise `by` is what the body says. now_s: the picture's time.
    Raises CommandError.
    """
    try:
        said = msgspec.json.decode(body)
        if not isinstance(said, dict):
            raise CommandError("a command is a table with a kind")
        if who is not None and who.signed:
            said["by"] = who.name
        elif isinstance(said.get("kind"), str) and said["kind"] in ANONYMOUS:
            said.setdefault("by", NAMELESS)
        command = msgspec.convert(said, Command)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as e:
        raise CommandError(str(e)) from e
    if problem := sense.problem(command, now_s):
        raise CommandError(problem)
    try:
        made: dict[str, Any] = msgspec.msgpack.decode(msgspec.msgpack.encode(msgspec.to_builtins(command)))  # as a replay will read it
    except OverflowError as e:
        raise CommandError(f"a number is too large: {e}") from e
    if made["kind"] == "claim" and made["what"] == "mode_a":
        made["value"] = int(made["value"], 8)  # people write codes in octal digits
    if who is not None and who.signed:
        made["signed"] = True
    return made
