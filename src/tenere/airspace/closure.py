"""Closing airspace: a note of risk, the closure at one word, every station's acknowledgement on the clock, and the reopening.

MH17 fell where nobody had weighed the risk; over AZAL 8243 the airspace closed eight minutes too late. So: a person notes a risk and
the volumes it is about (`note`); any person closes them (`close`), and then each station of the site must say it knows
(`acknowledge`); who has not after `acknowledge_s` is reported until it has; `reopen` gives the volumes back as they were. Every step
keeps its time and who took it.

What closing does to a volume: one that is of itself no place to fly through once it is active (SHUT) is activated; over any other a copy of
kind `closed` is put, for as long as the closure lasts. Both stand in the book's history.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import msgspec

from tenere.airspace.book import WHO_CHARS
from tenere.airspace.model import VolumeKind
from tenere.errors import Rejects

if TYPE_CHECKING:
    from collections.abc import Sequence

    from tenere.airspace.book import Book

SHUT = (
    VolumeKind.PROHIBITED,
    VolumeKind.RESTRICTED,
    VolumeKind.DANGER,
    VolumeKind.TEMPORARY,
    VolumeKind.NO_FLY,
    VolumeKind.CLOSED,
)
LIMIT = 1000
"""Closures kept; the oldest that is reopened or was never closed goes first."""
MOST_VOLUMES = 1000
"""Of one closure."""
TEXT_CHARS, ID_CHARS = 1000, 64
OPERATIONS = ("note", "close", "acknowledge", "reopen")
NOTED, CLOSED, REOPENED = "noted", "closed", "reopened"


class Step(NamedTuple):
    """One step of a closure: when, and by whom."""

    time_s: float = math.nan
    by: str = ""
    signed: bool = False


class StationRow(NamedTuple):
    """How a station stands to a closure, for people."""

    station: str
    acknowledged_s: float
    """When it acknowledged; NaN: it has not."""
    by: str
    waited_s: float
    """From the closure to its acknowledgement, or to now."""
    overdue: bool


class ClosureRow(NamedTuple):
    """A closure, for people."""

    id: str
    state: str
    """noted, closed or reopened."""
    text: str
    volumes: tuple[str, ...]
    noted: Step
    closed: Step
    reopened: Step
    stations: tuple[StationRow, ...]


class Overdue(NamedTuple):
    """A station that has not acknowledged a closure in its time: what an alert is made of."""

    closure: str
    station: str
    closed_s: float
    since_s: float
    """From when it is overdue."""


class _Undo(NamedTuple):
    """How one volume was before: a copy to remove, or what a person had said of it."""

    volume: str
    copy: str
    held: bool | None


@dataclass
class _Closure:
    id: str
    text: str
    volumes: tuple[str, ...]
    noted: Step
    closed: Step = Step()
    reopened: Step = Step()
    undo: tuple[_Undo, ...] = ()
    order: int = 0
    """Which closing of all it was."""
    acknowledged: dict[str, Step] = field(default_factory=dict)

    @property
    def state(self) -> str:
        """Return noted, closed or reopened."""
        return NOTED if math.isnan(self.closed.time_s) else CLOSED if math.isnan(self.reopened.time_s) else REOPENED


@dataclass
class Closures:
    """Every closure by id, in the order in which they were noted.

    stations: who must acknowledge. acknowledge_s: in what time.
    """

    stations: tuple[str, ...] = ()
    acknowledge_s: float = 60.0
    rejects: Rejects = field(default_factory=Rejects)
    version: int = 0
    """Rises with every step anybody takes."""
    _rows: dict[str, _Closure] = field(default_factory=dict)
    _closings: int = 0

    def step(self, book: Book, commands: Sequence[object], time_s: float) -> bool:
        """Obey the commands of kind closure, in their order; return whether anything changed. What cannot be obeyed is counted."""
        before = self.version
        for command in commands:
            if isinstance(command, dict) and command.get("kind") == "closure":
                said = self._obey(book, command, time_s)
                if said:
                    self.rejects.add(said)
                else:
                    self.version += 1
        return self.version != before

    def _obey(self, book: Book, command: dict[str, Any], time_s: float) -> str:  # noqa: PLR0911 - a reason each
        """Obey a command; return why not, empty where it was."""
        operation, key, by = command.get("op"), command.get("id"), command.get("by")
        if not isinstance(operation, str) or operation not in OPERATIONS:
            return "closure command of no known operation"
        if not isinstance(key, str) or not key.strip() or len(key) > ID_CHARS or not key.isprintable():
            return "closure command without an id"
        if not isinstance(by, str) or not by.strip():
            return "closure command without a name of who gives it"
        step = Step(time_s, by.strip()[:WHO_CHARS], command.get("signed") is True)
        if operation == "note":
            return self._note(book, key, command, step)
        held = self._rows.get(key)
        if held is None and operation == "close" and command.get("volumes"):  # noted and closed with one word
            if said := self._note(book, key, command, step):
                return said
            held = self._rows[key]
        if held is None:
            return f"closure command {operation} of a closure that is not there"
        if operation == "acknowledge":
            return self._acknowledge(held, command.get("station"), step)
        return self._close(book, held, step) if operation == "close" else self._reopen(book, held, step)

    def _note(self, book: Book, key: str, command: dict[str, Any], step: Step) -> str:
        """Keep a note, or change one that is not closed yet."""
        text, volumes = command.get("text"), command.get("volumes")
        if not isinstance(text, str) or not text.strip():
            return "closure noted without its risk in words"
        if not isinstance(volumes, list | tuple) or not 0 < len(volumes) <= MOST_VOLUMES:
            return "closure noted without volumes, or with too many"
        if not all(isinstance(v, str) and book.get(v) is not None for v in volumes):
            return "closure noted of a volume that is not there"
        old = self._rows.get(key)
        if old is not None and old.state == CLOSED:
            return "closure noted again while it is closed"
        if old is None and len(self._rows) >= LIMIT and not self._forget():
            return "closure noted beyond the most that can be kept"
        self._rows[key] = _Closure(key, text.strip()[:TEXT_CHARS], tuple(dict.fromkeys(volumes)), step)
        return ""

    def _forget(self) -> bool:
        """Drop the oldest closure that closes nothing; return whether there was one."""
        old = next((k for k, c in self._rows.items() if c.state != CLOSED), None)
        if old is not None:
            del self._rows[old]
        return old is not None

    def _close(self, book: Book, held: _Closure, step: Step) -> str:
        if held.state == CLOSED:
            return "closure closed again"
        there = [v for key in held.volumes if (v := book.get(key)) is not None]
        if not there:
            return "closure closed of volumes that are gone"
        undo = []
        for volume in there:
            if volume.kind in SHUT:
                undo.append(_Undo(volume.id, "", book.held(volume.id)))
                book.hold(volume.id, True, step.time_s, step.by, held.text, signed=step.signed)
                continue
            copy = msgspec.structs.replace(
                volume,
                id=_copy_id(book, held.id, volume.id),
                kind=VolumeKind.CLOSED,
                schedule=(),
                starts_s=-math.inf,
                ends_s=math.inf,
                active=True,
                remark=held.text,
            )
            if not book.put(copy, step.time_s, step.by, held.text, signed=step.signed):
                for done in undo:
                    _restore(book, done, step, held.text)
                return "closure closed with more volumes than can be kept"
            undo.append(_Undo(volume.id, copy.id, None))
        self._closings += 1
        held.closed, held.reopened, held.undo, held.acknowledged, held.order = step, Step(), tuple(undo), {}, self._closings
        return ""

    def _acknowledge(self, held: _Closure, station: object, step: Step) -> str:
        if not isinstance(station, str) or station not in self.stations:
            return "closure acknowledged for a station that is not the site's"
        if held.state != CLOSED:
            return "closure acknowledged that is not closed"
        if station in held.acknowledged:
            return "closure acknowledged again for a station"
        held.acknowledged[station] = step
        return ""

    def _reopen(self, book: Book, held: _Closure, step: Step) -> str:
        if held.state != CLOSED:
            return "closure reopened that is not closed"
        for done in held.undo:
            if done.copy or not self._handed_on(held, done):
                _restore(book, done, step, f"reopened: {held.text}")
        held.reopened = step
        return ""

    def _handed_on(self, held: _Closure, undo: _Undo) -> bool:
        """Tell whether another closure keeps a volume active; the next after this one then remembers how the volume was before both."""
        others = [c for c in self._rows.values() if c is not held and c.state == CLOSED]
        others = [c for c in others if any(u.volume == undo.volume and not u.copy for u in c.undo)]
        later = min((c for c in others if c.order > held.order), key=lambda c: c.order, default=None)
        if later is not None:
            later.undo = tuple(undo if u.volume == undo.volume and not u.copy else u for u in later.undo)
        return bool(others)

    def rows(self, time_s: float) -> tuple[ClosureRow, ...]:
        """Return every closure, for people."""
        return tuple(
            ClosureRow(c.id, c.state, c.text, c.volumes, c.noted, c.closed, c.reopened, self._stations(c, time_s))
            for c in self._rows.values()
        )

    def _stations(self, c: _Closure, time_s: float) -> tuple[StationRow, ...]:
        if c.state == NOTED:
            return ()
        until = time_s if c.state == CLOSED else c.reopened.time_s
        out = []
        for station in self.stations:
            step = c.acknowledged.get(station, Step())
            answered = not math.isnan(step.time_s)
            waited = max(0.0, (step.time_s if answered else until) - c.closed.time_s)
            out.append(StationRow(station, step.time_s, step.by, waited, not answered and waited > self.acknowledge_s))
        return tuple(out)

    def overdue(self, time_s: float) -> tuple[Overdue, ...]:
        """Return which stations have not acknowledged which standing closures in time."""
        return tuple(
            Overdue(c.id, s.station, c.closed.time_s, c.closed.time_s + self.acknowledge_s)
            for c in self._rows.values()
            if c.state == CLOSED
            for s in self._stations(c, time_s)
            if s.overdue
        )


def _copy_id(book: Book, closure: str, volume: str) -> str:
    """Return an id for the closed copy of a volume that no other has."""
    base = f"closed {closure} {volume}"[:ID_CHARS].rstrip()
    number, chosen = 1, base
    while book.get(chosen) is not None:
        number += 1
        chosen = f"{base[: ID_CHARS - 6].rstrip()} #{number}"
    return chosen


def _restore(book: Book, undo: _Undo, step: Step, why: str) -> None:
    """Give a volume back as it was."""
    if undo.copy:
        book.remove(undo.copy, step.time_s, step.by, why, signed=step.signed)
    else:
        book.hold(undo.volume, undo.held, step.time_s, step.by, why, signed=step.signed)
