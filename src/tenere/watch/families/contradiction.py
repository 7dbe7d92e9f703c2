"""The contradiction alarm: what a person said of a track against what is measured of it.

Iran Air 655 was called descending while every measurement said climbing. A claim that is entered stands beside the measurement, and
where the two differ by more than both could err, everybody hears of it at once, with both sides.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import msgspec
import numpy as np

from tenere.batch import Severity, TrackFlag, Trend
from tenere.units import FOOT_M, FPM_MS, KNOT_MS
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tenere.watch.config import WatchConfig
    from tenere.watch.entered import Word
    from tenere.watch.view import View
    from tenere.world import World

RULES = {"claim_contradicted": (Severity.WARNING,)}
"""Every rule of this family, and how grave its alerts may be."""
REASONS = ("claim_said", "claim_measured")


class ContradictionConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Table [watch.contradiction]: how far a claim may be from what is measured."""

    vertical_fpm: float = 300.0
    """A track that climbs or descends by less counts as level."""
    speed_kt: float = 60.0
    """A claimed speed may be off by this much."""
    level_ft: float = 500.0
    """A claimed level may be off by this much."""
    stale_s: float = 10.0
    """A track that was last seen longer ago contradicts nobody."""


def init(_config: WatchConfig, _world: World) -> None:
    """Return what the family carries from tick to tick: nothing."""


def step(_state: None, view: View) -> Iterator[Condition]:
    """Yield a condition for each claim that a fresh, trusted track contradicts."""
    if not view.entered.words:
        return
    tracks = view.tracks
    for row in np.flatnonzero(np.isin(tracks.number, np.fromiter(view.entered.words, np.uint32))).tolist():
        stale = view.time_s - float(tracks.update_s[row]) > view.config.contradiction.stale_s
        if stale or not view.trusted[row] or int(tracks.flags[row]) & (TrackFlag.NOT_LIVE | TrackFlag.COASTING):
            continue
        for word in view.entered.of(int(tracks.number[row]), "claim"):
            found = measured(view, row, word)
            if found is None:
                continue
            what, said, seen = found
            detail = b"|".join((name_of(tracks, row), what, said, seen, word.by[:8]))
            because = (
                Because("claim_said", -1.0, b"|".join((what, said, word.by)), b"person"),
                Because("claim_measured", 1.0, b"|".join((what, seen)), b"track"),
            )
            number = int(tracks.number[row])
            yield Condition("claim_contradicted", Severity.WARNING, number, -1, detail, view.config.hold_s, because=because)


def measured(view: View, row: int, word: Word) -> tuple[bytes, bytes, bytes] | None:
    """Return what was claimed, what was said and what is measured, where a claim and the track differ; None where they may agree."""
    tracks, config = view.tracks, view.config.contradiction
    if word.what in ("climbing", "descending", "level"):
        seen = trend(float(tracks.vertical_rate_ms[row]), int(tracks.trend[row]), config.vertical_fpm)
        return (b"trend", word.what.encode(), seen) if seen and seen.decode() != word.what else None
    if word.what == "mode_a":
        code = int(tracks.mode_a[row])
        return (b"mode_a", f"{int(word.value):04o}".encode(), f"{code:04o}".encode()) if code >= 0 and code != int(word.value) else None
    if word.what == "callsign":
        called = bytes(tracks.callsign[row]).strip()
        return (b"callsign", word.text, called) if called and called != word.text else None
    scale, allowed, value = (
        (KNOT_MS, config.speed_kt, float(tracks.speed_ms[row]))
        if word.what == "speed_kt"
        else (FOOT_M, config.level_ft, float(tracks.pressure_altitude_m[row]))
    )
    if math.isnan(value) or abs(value / scale - word.value) <= allowed:
        return None
    return word.what.encode(), f"{word.value:.0f}".encode(), f"{value / scale:.0f}".encode()


def trend(vertical_ms: float, told: int, level_fpm: float) -> bytes:
    """Return climbing, descending or level by a measured vertical rate, else by the track's trend; empty where neither is known."""
    if math.isnan(vertical_ms):
        return {Trend.LEVEL: b"level", Trend.CLIMBING: b"climbing", Trend.DESCENDING: b"descending"}.get(Trend(told), b"")
    if abs(vertical_ms) < level_fpm * FPM_MS:
        return b"level"
    return b"climbing" if vertical_ms > 0 else b"descending"
