"""Who lately said to be in distress: what a flight squawks or broadcasts comes and goes where others speak under its address."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import Emergency

if TYPE_CHECKING:
    from tenere.batch import I64, Tracks

CODES = (0o7500, 0o7600, 0o7700)
"""Mode A codes of distress: unlawful interference, radio failure, emergency (ICAO Annex 10 Volume IV, 2.1.4)."""


class Said(NamedTuple):
    """What a flight said last of its distress. code: -1 where it squawked none; emergency: as broadcast; until_s: how long it holds."""

    code: int
    emergency: int
    until_s: float


@dataclass
class Distress:
    """What each track said, by number, while it holds."""

    _held: dict[int, Said] = field(default_factory=dict)

    def step(self, tracks: Tracks, rows: I64, time_s: float, hold_s: float) -> None:
        """Take what the watched tracks say now, and forget what no longer holds."""
        for number in [n for n, said in self._held.items() if said.until_s < time_s]:
            del self._held[number]
        for row in rows[_says(tracks, rows)].tolist():
            code = int(tracks.mode_a[row])
            number = int(tracks.number[row])
            self._held.pop(number, None)
            self._held[number] = Said(code if code in CODES else -1, int(tracks.emergency[row]), time_s + hold_s)

    def of(self, number: int) -> Said | None:
        """Return what a track says, or said so lately that it holds; None where it said nothing."""
        return self._held.get(number)

    def numbers(self) -> tuple[int, ...]:
        """Return the tracks that said something."""
        return tuple(self._held)


def _says(tracks: Tracks, rows: I64) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    said = tracks.emergency[rows]
    return np.asarray(np.isin(tracks.mode_a[rows], CODES) | ((said > Emergency.NONE) & (said <= max(Emergency))))
