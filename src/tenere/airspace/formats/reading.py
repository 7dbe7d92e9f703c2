"""What reading an airspace file gives, and how every reader gathers it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import msgspec

from tenere.airspace import sanity
from tenere.airspace.limits import AirspaceError

if TYPE_CHECKING:
    from collections.abc import Callable

    from tenere.airspace.model import Volume

MOST_NAMES = 20
"""Volumes that one remark names."""
MOST_REASONS = 200
LONGEST_NAME = 64


class Refusal(NamedTuple):
    """A volume that was refused: where ("line 45", "features[3]"), its name and why."""

    where: str
    name: str
    reason: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.where}: {self.name or 'no name'}: {self.reason}"


class Note(NamedTuple):
    """Something to know of volumes that were taken, or of what was passed over: how often, where first, and the first names."""

    reason: str
    times: int
    where: str
    names: tuple[str, ...]


class Read(NamedTuple):
    """What a file holds."""

    volumes: tuple[Volume, ...]
    refused: tuple[Refusal, ...]
    notes: tuple[Note, ...]


def tidy(text: str, most: int = LONGEST_NAME) -> str:
    """Return a text in one line of printable characters, at most so many."""
    return " ".join("".join(c if c.isprintable() else " " for c in text[: 4 * most]).split())[:most].strip()


class Gathered:
    """Gathers volumes, refusals and notes, and sees that ids are no one else's."""

    def __init__(self, tell: Callable[[float], None] | None = None) -> None:
        """Start with nothing. tell: is told now and then which share of the file is read."""
        self.volumes: list[Volume] = []
        self.refused: list[Refusal] = []
        self._notes: dict[str, tuple[int, str, list[str]]] = {}
        self._ids: set[str] = set()
        self._numbers: dict[str, int] = {}
        self._tell = tell

    def at(self, share: float) -> None:
        """Say that so much of the file is read."""
        if self._tell is not None:
            self._tell(share)

    def refuse(self, where: str, name: str, reason: str) -> None:
        """Refuse a volume."""
        self.refused.append(Refusal(where, tidy(name), tidy(reason, 500)))

    def note(self, reason: str, where: str, name: str = "") -> None:
        """Note something, counting what is noted again."""
        if reason not in self._notes and len(self._notes) >= MOST_REASONS:
            reason = "other remarks"
        count, first, names = self._notes.get(reason, (0, where, []))
        if name and len(names) < MOST_NAMES and name not in names:
            names.append(name)
        self._notes[reason] = (count + 1, first, names)

    def add(self, volume: Volume, where: str, own: str = "") -> None:
        """Take a volume if it is one. own: the id that the file gives it; without one, or where another has that, it is made of the name.

        Raises AirspaceError where the file holds more volumes than can be kept.
        """
        name = tidy(volume.name)
        if not name:
            name = "no name"
            self.note("volumes without a name", where)
        elif len(volume.name) > LONGEST_NAME:
            self.note(f"names longer than {LONGEST_NAME} characters were cut", where, name)
        remark = tidy(volume.remark, sanity.MOST_REMARK)
        made = msgspec.structs.replace(volume, name=name, id=name, remark=remark)
        try:
            made = sanity.settled(made)
            said = sanity.problem(made)
        except (ValueError, OverflowError) as e:  # a number beyond all measure
            said = f"a number cannot be read: {e}"
        if said:
            self.refuse(where, name, said)
            return
        if len(self.volumes) >= sanity.MOST_VOLUMES:
            raise AirspaceError(f"{where}: more than {sanity.MOST_VOLUMES:,} volumes: take out what is far away")
        if said := sanity.doubt(made):
            self.note(said, where, name)
        self.volumes.append(msgspec.structs.replace(made, id=self._id(name, tidy(own), where)))

    def _id(self, name: str, own: str, where: str) -> str:
        """Return an id that no other volume of the file has."""
        if own and own not in self._ids:
            self._ids.add(own)
            return own
        if own:
            self.note("ids that another volume has already were made anew", where, name)
        base = own or name
        chosen = base
        number = self._numbers.get(base, 1)
        while chosen in self._ids:
            number += 1
            chosen = f"{base[: LONGEST_NAME - 8].rstrip()} #{number}"
        self._numbers[base] = number
        self._ids.add(chosen)
        return chosen

    def done(self) -> Read:
        """Return what was gathered."""
        notes = tuple(Note(reason, count, where, tuple(names)) for reason, (count, where, names) in self._notes.items())
        return Read(tuple(self.volumes), tuple(self.refused), notes)
