"""What persons entered of tracks: what they heard or believe, radio contact, cleared levels. Claims to be held against what is measured.

Commands come from outside and are not trusted: what cannot be read is counted, and nothing raises. What was entered of a track is kept
for an hour after it was entered, and of so many tracks at most.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from tenere.words import clean

if TYPE_CHECKING:
    from tenere.errors import Rejects

KEPT_S = 3600.0
MOST = 10_000

CLAIMS = {"climbing": None, "descending": None, "level": None, "mode_a": (0, 0o7777), "speed_kt": (0, 4000), "level_ft": (-2000, 150_000)}
"""What a person may claim, and between what its value lies; None: it has none."""


class Word(NamedTuple):
    """One thing a person said of a track. value: NaN where it has none; text: of a callsign."""

    what: str
    value: float
    text: bytes
    by: bytes
    time_s: float


@dataclass
class Entered:
    """What is entered, by track number and kind: ("claim", what), ("radio", ""), ("cleared", "")."""

    words: dict[int, dict[tuple[str, str], Word]] = field(default_factory=dict)

    def of(self, number: int, kind: str) -> list[Word]:
        """Return what stands of a kind about a track, in the order it was said."""
        return [w for (k, _), w in self.words.get(number, {}).items() if k == kind]

    def cleared_level_m(self, number: int) -> float:
        """Return the level a flight is cleared to, pressure altitude in metres; NaN none is entered."""
        found = self.words.get(number, {}).get(("cleared", ""))
        return found.value * 0.3048 if found else math.nan

    def radio_lost(self, number: int) -> Word | None:
        """Return who entered that radio contact is lost; None while it is not."""
        found = self.words.get(number, {}).get(("radio", ""))
        return found if found and found.what == "lost" else None

    def take(self, command: object, time_s: float, rejects: Rejects) -> None:
        """Enter what a claim, radio or cleared command says; count what cannot be understood, pass over other commands."""
        if not isinstance(command, dict) or command.get("kind") not in ("claim", "radio", "cleared"):
            return
        kind, track, by = str(command["kind"]), command.get("track"), clean(command.get("by"), 24)
        if isinstance(track, bool) or not isinstance(track, int) or not 0 < track < 1 << 32:
            rejects.add(f"{kind} command without a track number")
        elif not by:
            rejects.add(f"{kind} command without a name")
        else:
            key, word = _read(kind, command, by, time_s)
            if word is None:
                rejects.add(f"{kind} command that says nothing known")
                return
            said = self.words.setdefault(track, {})
            said.pop(key, None)
            if word.what:
                said[key] = word
            if len(self.words) > MOST:
                del self.words[next(iter(self.words))]

    def forget(self, time_s: float) -> None:
        """Drop what was said too long ago."""
        for number in [n for n, said in self.words.items() if all(time_s - w.time_s > KEPT_S for w in said.values())]:
            del self.words[number]


def _read(kind: str, command: dict[str, object], by: bytes, time_s: float) -> tuple[tuple[str, str], Word | None]:
    """Understand one command; the word is None where it says nothing known, and says nothing ("") where it takes a word back."""
    if kind == "radio":
        state = command.get("state")
        return ("radio", ""), Word(str(state), math.nan, b"", by, time_s) if state in ("lost", "regained") else None
    if kind == "cleared":
        level = command.get("level_ft")
        good = level is None or _inside(level, (-2000, 150_000))
        return ("cleared", ""), Word("" if level is None else "level_ft", _number(level), b"", by, time_s) if good else None
    return _claim(command, by, time_s)


def _claim(command: dict[str, object], by: bytes, time_s: float) -> tuple[tuple[str, str], Word | None]:
    """Understand what a person claims; climbing, descending and level take each other's place."""
    what = command.get("what")
    if what == "callsign":
        text = clean(command.get("value"), 8).upper()
        return ("claim", "callsign"), Word("callsign", math.nan, text, by, time_s) if text else None
    if not isinstance(what, str) or what not in CLAIMS:
        return ("claim", ""), None
    bounds = CLAIMS[what]
    key = ("claim", "trend" if bounds is None else what)
    if bounds is None:
        return key, Word(what, math.nan, b"", by, time_s)
    return key, Word(what, _number(command.get("value")), b"", by, time_s) if _inside(command.get("value"), bounds) else None


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else math.nan


def _inside(value: object, bounds: tuple[float, float]) -> bool:
    """Say whether a value is a number within bounds."""
    return not isinstance(value, bool) and isinstance(value, int | float) and math.isfinite(value) and bounds[0] <= value <= bounds[1]
