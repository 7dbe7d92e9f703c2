"""The live book of volumes: what the site file holds, and what people put, take out, activate and deactivate since.

Pure: time comes with each step. Every change rises the version and is kept with its time, who made it and why, the last HISTORY of them. A
person's word on whether a volume is active holds against schedule, dates and file until a person says otherwise or puts it anew.

    book = Book.of(config.volume)
    book.step(tick.commands, tick.time_s)
    inside = book.active_at(tick.time_s)        # (n,) bool, in the order of book.volumes
"""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from tenere.airspace import sanity
from tenere.airspace.limits import AirspaceError
from tenere.airspace.model import VolumeKind
from tenere.airspace.setting import volume_of
from tenere.errors import Rejects

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from numpy.typing import NDArray

    from tenere.airspace.model import Volume

HISTORY = 2000
WHY_CHARS, WHO_CHARS = 200, 24
SITE = "site file"
OPERATIONS = ("put", "remove", "activate", "deactivate")
THURSDAY = 3
"""1 January 1970."""


class Change(NamedTuple):
    """One change of the book."""

    version: int
    time_s: float
    operation: str
    id: str
    name: str
    by: str
    signed: bool
    """Whether whoever did it was signed in."""
    reason: str


class VolumeRow(NamedTuple):
    """A volume as it stands, for people."""

    volume: Volume
    active: bool
    by_hand: str
    """Who activated or deactivated it; empty: nobody, it is as its file and schedule say."""


class _Columns(NamedTuple):
    """What decides whether volumes are active: (n,) of the volumes, (p,) of their periods."""

    held: NDArray[np.int8]
    starts_s: NDArray[np.float64]
    ends_s: NDArray[np.float64]
    always: NDArray[np.bool_]
    of: NDArray[np.int64]
    days: NDArray[np.bool_]
    from_min: NDArray[np.float64]
    to_min: NDArray[np.float64]


@dataclass
class Book:
    """Volumes by id, in the order in which they came."""

    _rows: dict[str, Volume] = field(default_factory=dict)
    _by_hand: dict[str, tuple[bool, str]] = field(default_factory=dict)
    version: int = 0
    """Rises with every change."""
    drawn: int = 0
    """The version of the last change of what volumes there are and where: whoever keeps an index of them builds it again."""
    history: deque[Change] = field(default_factory=lambda: deque(maxlen=HISTORY))
    rejects: Rejects = field(default_factory=Rejects)
    _volumes: tuple[Volume, ...] | None = None
    _corridors: tuple[int, ...] = ()
    _columns: _Columns | None = None

    @classmethod
    def of(cls, volumes: Iterable[Volume]) -> Book:
        """Return the book of a site file's volumes, which were checked with it."""
        return cls({v.id: v for v in volumes})

    @property
    def volumes(self) -> tuple[Volume, ...]:
        """Return every volume; the same object until one is put or removed."""
        if self._volumes is None:
            self._volumes = tuple(self._rows.values())
            self._corridors = tuple(k for k, v in enumerate(self._volumes) if v.kind == VolumeKind.CORRIDOR)
        return self._volumes

    def corridors(self, time_s: float) -> tuple[Volume, ...]:
        """Return the corridors that are active at a time; nothing is computed where there are none."""
        volumes = self.volumes
        if not self._corridors:
            return ()
        active = self.active_at(time_s)
        return tuple(volumes[k] for k in self._corridors if active[k])

    def get(self, key: str) -> Volume | None:
        """Return the volume of an id."""
        return self._rows.get(key)

    def held(self, key: str) -> bool | None:
        """Return what a person said of a volume: active, inactive, or None for nothing."""
        said = self._by_hand.get(key)
        return None if said is None else said[0]

    def step(self, commands: Sequence[object], time_s: float) -> bool:
        """Obey the commands of kind volume, in their order; return whether anything changed. What cannot be obeyed is counted."""
        before = self.version
        for command in commands:
            if isinstance(command, dict) and command.get("kind") == "volume":
                self._obey(command, time_s)
        return self.version != before

    def _obey(self, command: dict[str, Any], time_s: float) -> None:
        operation, key, by, reason = (command.get(k) for k in ("op", "id", "by", "reason"))
        signed = command.get("signed") is True
        if operation not in OPERATIONS or not isinstance(operation, str):
            self.rejects.add("volume command of no known operation")
        elif not isinstance(key, str) or not key.strip():
            self.rejects.add("volume command without an id")
        elif not isinstance(by, str) or not by.strip():
            self.rejects.add("volume command without a name of who gives it")
        elif reason is not None and not isinstance(reason, str):
            self.rejects.add("volume command whose reason is no text")
        elif operation == "put":
            if self._put_table(key, command.get("volume"), time_s, by, reason or "", signed=signed):
                said = command.get("active")
                if isinstance(said, bool):
                    self.hold(key, said, time_s, by, reason or "", signed=signed)
        elif key not in self._rows:
            self.rejects.add(f"volume command {operation} of a volume that is not there")
        elif operation == "remove":
            self.remove(key, time_s, by, reason or "", signed=signed)
        else:
            self.hold(key, operation == "activate", time_s, by, reason or "", signed=signed)

    def _put_table(self, key: str, table: object, time_s: float, by: str, reason: str, *, signed: bool) -> bool:
        if not isinstance(table, dict) or not all(isinstance(k, str) for k in table):
            self.rejects.add("volume put without its table")
            return False
        try:
            volume = volume_of({**table, "id": key})
        except AirspaceError:  # who takes the command from a person says why (setting.volume_of) before it gets here
            self.rejects.add("volume put that is no volume")
            return False
        if not self.put(volume, time_s, by, reason, signed=signed):
            self.rejects.add("volume put beyond the most that can be kept")
            return False
        return True

    def put(self, volume: Volume, time_s: float, by: str, reason: str, *, signed: bool = False) -> bool:
        """Add a volume, or put it in the place of the one of its id; False: there are too many.

        Any word of a person on the old one is gone.
        """
        if volume.id not in self._rows and len(self._rows) >= sanity.MOST_VOLUMES:
            return False
        self._rows[volume.id] = volume
        self._by_hand.pop(volume.id, None)
        self._changed("put", volume, time_s, by, reason, signed=signed, drawn=True)
        return True

    def remove(self, key: str, time_s: float, by: str, reason: str, *, signed: bool = False) -> None:
        """Take a volume out; nothing happens where there is none."""
        if (volume := self._rows.pop(key, None)) is not None:
            self._by_hand.pop(key, None)
            self._changed("remove", volume, time_s, by, reason, signed=signed, drawn=True)

    def hold(self, key: str, active: bool | None, time_s: float, by: str, reason: str, *, signed: bool = False) -> None:
        """Say that a volume is active or inactive from now on; None: as its file and schedule say again."""
        if (volume := self._rows.get(key)) is None:
            return
        if active is None:
            self._by_hand.pop(key, None)
        else:
            self._by_hand[key] = (active, by.strip()[:WHO_CHARS])
        operation = "release" if active is None else "activate" if active else "deactivate"
        self._changed(operation, volume, time_s, by, reason, signed=signed, drawn=False)

    def _changed(self, operation: str, volume: Volume, time_s: float, by: str, reason: str, *, signed: bool, drawn: bool) -> None:
        self.version += 1
        self._columns = None
        if drawn:
            self.drawn, self._volumes = self.version, None
        who, why = by.strip()[:WHO_CHARS], reason.strip()[:WHY_CHARS]
        self.history.append(Change(self.version, time_s, operation, volume.id, volume.name, who, signed, why))

    def active_at(self, time_s: float) -> NDArray[np.bool_]:
        """Tell which volumes are active at a time, (n,) bool.

        Each by the word of a person, else by its flag, its first and last time, and its schedule: days and minutes in UTC.
        """
        if self._columns is None:
            self._columns = self._made()
        c = self._columns
        day = math.floor(time_s / 86_400.0)
        minute = (time_s - day * 86_400.0) / 60.0
        today, before = (day + THURSDAY) % 7, (day + THURSDAY - 1) % 7
        past = c.to_min <= c.from_min
        within = np.where(
            past,
            (c.days[:, today] & (minute >= c.from_min)) | (c.days[:, before] & (minute < c.to_min)),
            c.days[:, today] & (minute >= c.from_min) & (minute < c.to_min),
        )
        by_time = c.always.copy()
        by_time[c.of[within]] = True
        by_itself = (c.held == 0) & by_time & (time_s >= c.starts_s) & (time_s < c.ends_s)
        return np.asarray(by_itself | (c.held == 1), bool)

    def _made(self) -> _Columns:
        """Build the columns: held is 1 active by hand, -1 inactive by hand or flag, 0 as times say."""
        volumes = self.volumes
        said = [self.held(v.id) for v in volumes]
        held = [(1 if h else -1) if h is not None else 0 if v.active else -1 for h, v in zip(said, volumes, strict=True)]
        periods = [(i, p) for i, v in enumerate(volumes) for p in v.schedule]
        days = np.zeros((len(periods), 7), bool)
        for row, (_, p) in enumerate(periods):
            days[row, list(p.days)] = True
        return _Columns(
            held=np.array(held, np.int8),
            starts_s=np.array([v.starts_s for v in volumes], float),
            ends_s=np.array([v.ends_s for v in volumes], float),
            always=np.array([not v.schedule for v in volumes], bool),
            of=np.array([i for i, _ in periods], np.int64),
            days=days,
            from_min=np.array([p.from_min for _, p in periods], float),
            to_min=np.array([p.to_min for _, p in periods], float),
        )

    def rows(self, time_s: float) -> tuple[VolumeRow, ...]:
        """Return every volume as it stands, for people."""
        active = self.active_at(time_s).tolist()
        return tuple(VolumeRow(v, a, self._by_hand.get(v.id, (a, ""))[1]) for v, a in zip(self.volumes, active, strict=True))
