"""Who has fallen silent, and where nobody looks: lost transponders, lost radios, changed codes, lost tracks, holes in the coverage.

Silence is weak evidence: a failure, a tunnel of terrain or a sensor at its end look the same. So each rule first asks whether the
sensors hear others there, says what speaks against it, and asks to call ATC, never more. No track is not empty sky.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import PlotKind, Severity, TrackFlag
from tenere.geo.borders import EARTH_M
from tenere.watch.distress import CODES
from tenere.watch.families.memory import Memory
from tenere.watch.families.places import HEARD_KINDS, amsl_m, distance_m, flown, joined, others_near, placed, standing
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.batch import I64
    from tenere.watch.config import WatchConfig
    from tenere.watch.view import View
    from tenere.world import World

    F64 = NDArray[np.float64]

RULES: dict[str, tuple[Severity, ...]] = {
    "transponder_silent": (Severity.CAUTION,),
    "radio_lost": (Severity.WARNING,),
    "code_changed": (Severity.INFORMATION, Severity.CAUTION),
    "coverage_hole": (Severity.INFORMATION,),
    "track_lost": (Severity.CAUTION,),
}
"""Every rule of this family and how grave it may be; each is a key of the phrase book."""

REASONS = (
    "because.code_was",
    "because.failure",
    "because.floor",
    "because.floor_known",
    "because.height",
    "because.last_heard",
    "because.others_heard",
    "because.radio",
)
"""Keys of its evidence in the phrase book."""

_RADAR = 1 << PlotKind.PSR | 1 << PlotKind.DETECTION
_FORGET_S = 900.0
_FOOT_M = 0.3048
_SAME_M = 5_000.0
"""A track that ended is found again in another this near to where it would be now."""
_MOST = 200
"""Silent tracks looked into in one tick; the others wait for the next."""


class Lost(NamedTuple):
    """A track that ended: since when it is missed, where, how it flew, what it was called."""

    number: int
    since_s: float
    lat_rad: float
    lon_rad: float
    altitude_m: float
    course_rad: float
    speed_ms: float
    address: int
    name: bytes
    flight: bytes


@dataclass
class State:
    """What is remembered of each track, and those that are missed."""

    tracks: Memory = field(
        default_factory=lambda: Memory(
            first_s=np.nan, heard_s=np.nan, had=0, code=-1, before=-1, changed_s=np.nan, lat=np.nan, lon=np.nan, live=0
        )
    )
    lost: list[Lost] = field(default_factory=list)
    last: tuple[View, F64] | None = None


def init(_config: WatchConfig, _world: World) -> State:
    """Return the state before the first tick."""
    return State()


def step(state: State, view: View) -> Iterator[Condition]:
    """Yield the conditions of one tick."""
    tracks, rows, memory = view.tracks, view.rows, state.tracks
    altitude = amsl_m(tracks, rows)
    at = memory.admit(tracks.number[rows].astype(np.int64), view.time_s, _FORGET_S)
    fresh = (tracks.flags[rows] & TrackFlag.COASTING) == 0
    heard = (tracks.kinds[rows] & HEARD_KINDS) != 0
    there = placed(tracks, rows)
    yield from _transponders(memory, view, at, fresh, heard, altitude)
    yield from _codes(memory, view, at)
    yield from _radios(view)
    yield from _holes(view, altitude, fresh & there)
    yield from _lost(state, view, at, altitude, rows[fresh & heard & there])


def _transponders(
    memory: Memory, view: View, at: I64, fresh: NDArray[np.bool_], heard: NDArray[np.bool_], altitude: F64
) -> Iterator[Condition]:
    """Yield who was heard and is seen by radar alone now, where the sensors still hear others."""
    config, tracks, rows = view.config.silence, view.tracks, view.rows
    memory["heard_s"][at[fresh & heard]] = view.time_s
    memory["had"][at[fresh & heard]] = 1
    seen = (tracks.kinds[rows] & _RADAR) != 0
    silent = fresh & ~heard & seen & (memory["had"][at] == 1) & (view.time_s - memory["heard_s"][at] >= config.transponder_s)
    silent &= (tracks.flags[rows] & TrackFlag.ON_GROUND) == 0
    there = placed(tracks, rows)
    others = rows[fresh & heard & there]
    asked = np.flatnonzero(silent & there)
    if asked.size:
        asked = asked[_company(tracks.lat_rad[rows[asked]], tracks.lon_rad[rows[asked]], tracks.lat_rad[others], tracks.lon_rad[others])]
    for k in asked[:_MOST].tolist():
        row = int(rows[k])
        place = (float(tracks.lat_rad[row]), float(tracks.lon_rad[row]))
        near = others_near(view, others, place, float(altitude[k]), config.near_m)
        if near < config.others or _below_floor(view, place, float(altitude[k])):
            continue  # it is the sensors that do not hear
        since = f"{view.time_s - memory['heard_s'][at[k]]:.0f}".encode()
        detail = joined(name_of(tracks, row), since, standing(view.identities, row))
        because = (
            Because("because.last_heard", 0.5, since),
            Because("because.others_heard", 0.5, f"{near}|{config.near_m / 1e3:.0f}".encode()),
            Because("because.failure", -0.5),
        )
        yield Condition("transponder_silent", Severity.CAUTION, int(tracks.number[row]), -1, detail, view.config.hold_s, because=because)


def _company(lat_rad: F64, lon_rad: F64, other_lat_rad: F64, other_lon_rad: F64) -> NDArray[np.bool_]:
    """Tell which places have any of the others in their degree of latitude and longitude, or next to it: worth a closer look."""
    placed = np.isfinite(other_lat_rad) & np.isfinite(other_lon_rad)
    there = np.zeros((182, 362), np.bool_)

    def cells(lat: F64, lon: F64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        east = (np.degrees(lon) + 180.0) % 360.0
        return np.clip(np.degrees(lat) + 91.0, 1, 180).astype(np.int64), np.clip(east + 1.0, 1, 360).astype(np.int64)

    i, j = cells(other_lat_rad[placed], other_lon_rad[placed])
    there[i, j] = True
    there[:, 0], there[:, 361] = there[:, 360], there[:, 1]
    i, j = cells(lat_rad, lon_rad)
    found = np.zeros(len(lat_rad), np.bool_)
    for di in (-1, 0, 1):
        for dj in (-1, 0, 1):
            found |= there[i + di, j + dj]
    return found


def _codes(memory: Memory, view: View, at: I64) -> Iterator[Condition]:
    """Yield who has just set, or left, one of the codes of distress."""
    tracks, rows = view.tracks, view.rows
    now = tracks.mode_a[rows].astype(np.int64)
    code, before, changed_s = memory["code"], memory["before"], memory["changed_s"]
    known = now >= 0
    other = known & (code[at] >= 0) & (code[at] != now) & (np.isin(now, CODES) | np.isin(code[at], CODES))
    before[at[other]], changed_s[at[other]] = code[at[other]], view.time_s
    code[at[known]] = now[known]
    for k in np.flatnonzero(view.time_s - changed_s[at] < view.config.hold_s).tolist():
        row, was, is_ = int(rows[k]), f"{int(before[at[k]]):04o}".encode(), f"{int(code[at[k]]):04o}".encode()
        grave = Severity.INFORMATION if int(code[at[k]]) in CODES else Severity.CAUTION
        detail = joined(name_of(tracks, row), was, is_)
        because = (Because("because.code_was", 0.5, was + b"|" + is_),)
        yield Condition("code_changed", grave, int(tracks.number[row]), -1, detail, view.config.emergency_hold_s, because=because)


def _radios(view: View) -> Iterator[Condition]:
    """Yield the flights whose radio contact somebody entered as lost."""
    told = [number for number in view.entered.words if view.entered.radio_lost(number) is not None]
    if not told:
        return
    row_of = {int(n): int(r) for n, r in zip(view.tracks.number[view.rows].tolist(), view.rows.tolist(), strict=True)}
    for number in told:
        word, row = view.entered.radio_lost(number), row_of.get(number)
        if word is None or row is None:
            continue
        because = (Because("because.radio", 1.0, word.by, word.by[:16]),)
        detail = joined(name_of(view.tracks, row), word.by, standing(view.identities, row))
        yield Condition("radio_lost", Severity.WARNING, number, -1, detail, view.config.emergency_hold_s, because=because)


def _holes(view: View, altitude: F64, fresh: NDArray[np.bool_]) -> Iterator[Condition]:
    """Yield who will soon be lower than any sensor sees there, away from aerodromes."""
    floor, config, tracks, rows = view.world.floor, view.config.silence, view.tracks, view.rows
    if floor is None or not fresh.any():
        return
    rows, altitude, fresh = rows[fresh], altitude[fresh], fresh[fresh]
    lat, lon, course = tracks.lat_rad[rows], tracks.lon_rad[rows], tracks.course_rad[rows]
    way_m = tracks.speed_ms[rows] * config.hole_look_s
    climb_m = np.nan_to_num(tracks.vertical_rate_ms[rows]) * config.hole_look_s
    to_lat, to_lon = flown(lat, lon, way_m * np.cos(course), way_m * np.sin(course))
    then, least = altitude + climb_m, floor.at(to_lat, to_lon)
    with np.errstate(invalid="ignore"):
        goes = fresh & (least > then) & ~(floor.at(lat, lon) > altitude) & ((tracks.flags[rows] & TrackFlag.ON_GROUND) == 0)
    if goes.any():
        goes[goes] = ~_by_aerodrome(view, to_lat[goes], to_lon[goes], then[goes])
    for k in np.flatnonzero(goes).tolist():
        row = int(rows[k])
        hole = int(floor.hole_of(to_lat[k], to_lon[k], then[k]))
        feet = f"{least[k] / _FOOT_M:.0f}".encode() if math.isfinite(least[k]) else b""
        detail = joined(name_of(tracks, row), feet, str(hole).encode() if hole else b"")
        because = (Because("because.floor", 1.0, feet, b"coverage"), Because("because.height", 0.5, f"{then[k] / _FOOT_M:.0f}".encode()))
        yield Condition(
            "coverage_hole", Severity.INFORMATION, int(tracks.number[row]), -1, detail, 2.0 * view.config.hold_s,
            predicted_s=view.time_s + config.hole_look_s, because=because, rise_s=5.0,
        )  # fmt: skip


def _lost(state: State, view: View, at: I64, altitude: F64, heard: I64) -> Iterator[Condition]:
    """Yield the tracks that ended inside the coverage, away from aerodromes, and that no other track took the place of."""
    config, tracks, rows, memory = view.config.silence, view.tracks, view.rows, state.tracks
    first = memory["first_s"]
    first[at[np.isnan(first[at])]] = view.time_s
    if state.last is not None:
        last, heights = state.last
        gone = np.flatnonzero(~np.isin(last.tracks.number[last.rows], tracks.number[rows]))[:_MOST]
        for k in gone.tolist():
            lost = _missed(last, int(last.rows[k]), float(heights[k]))
            since = memory.find(np.array([lost.number]))
            old = since[0] >= 0 and view.time_s - first[since[0]] >= config.lost_age_s
            if old and math.isfinite(lost.lat_rad + lost.lon_rad) and len(state.lost) < 4 * _MOST:
                state.lost.append(lost)
    state.last = (view, altitude)
    waiting = []
    for lost in state.lost:
        idle_s = view.time_s - lost.since_s
        if _found(view, lost, idle_s):
            continue
        if idle_s < config.lost_s:
            waiting.append(lost)
            continue
        place = np.array([lost.lat_rad]), np.array([lost.lon_rad]), np.array([lost.altitude_m])
        if _by_aerodrome(view, *place)[0]:
            continue
        known, below = _floor_there(view, lost)
        near = others_near(view, heard, (lost.lat_rad, lost.lon_rad), lost.altitude_m, config.near_m, lost.course_rad)
        if below or (not known and near < config.others):
            continue
        because = [Because("because.floor_known", 1.0, b"", b"coverage")] if known else []
        because.append(Because("because.others_heard", 0.5, f"{near}|{config.near_m / 1e3:.0f}".encode()))
        because.append(Because("because.failure", -0.5))
        where = f"{math.degrees(lost.lat_rad):.3f} {math.degrees(lost.lon_rad):.3f}".encode()
        detail = joined(lost.name, where, lost.flight)
        yield Condition("track_lost", Severity.CAUTION, lost.number, -1, detail, config.lost_hold_s, because=tuple(because))
    state.lost = waiting


def _missed(last: View, row: int, altitude_m: float) -> Lost:
    """Return what was known of a track in the last tick that held it."""
    t = last.tracks
    return Lost(
        number=int(t.number[row]),
        since_s=last.time_s,
        lat_rad=float(t.lat_rad[row]),
        lon_rad=float(t.lon_rad[row]),
        altitude_m=altitude_m,
        course_rad=float(t.course_rad[row]),
        speed_ms=float(t.speed_ms[row]),
        address=int(t.address[row]),
        name=name_of(t, row),
        flight=standing(last.identities, row),
    )


def _found(view: View, lost: Lost, idle_s: float) -> bool:
    """Say whether the track is back, under its number or address, or another flies where it would be."""
    tracks = view.tracks
    there = ((tracks.flags & TrackFlag.ENDED) == 0) & np.isfinite(tracks.lon_rad)
    if bool((there & ((tracks.number == lost.number) | ((lost.address > 0) & (tracks.address == lost.address)))).any()):
        return True
    way = lost.speed_ms * idle_s if math.isfinite(lost.speed_ms + lost.course_rad) else 0.0
    lat = lost.lat_rad + way * math.cos(lost.course_rad if way else 0.0) / EARTH_M
    lon = lost.lon_rad + way * math.sin(lost.course_rad if way else 0.0) / (EARTH_M * max(math.cos(lost.lat_rad), 0.01))
    close = there & (np.abs(tracks.lat_rad - lat) * EARTH_M < _SAME_M)
    return bool((distance_m(tracks.lat_rad[close], tracks.lon_rad[close], lat, lon) < _SAME_M).any())


def _by_aerodrome(view: View, lat_rad: F64, lon_rad: F64, altitude_m: F64) -> NDArray[np.bool_]:
    """Tell which places are near an aerodrome and low above it, or of no known height."""
    a, config = view.world.aerodromes, view.config.silence
    out = np.zeros(len(lat_rad), np.bool_)
    for k in range(len(lat_rad)):
        close = np.abs(a.lat_rad - lat_rad[k]) * EARTH_M < config.aerodrome_m
        away = distance_m(a.lat_rad[close], a.lon_rad[close], float(lat_rad[k]), float(lon_rad[k]))
        out[k] = bool(((away < config.aerodrome_m) & ~(altitude_m[k] - a.elevation_m[close] > config.aerodrome_height_m)).any())
    return out


def _below_floor(view: View, place: tuple[float, float], altitude_m: float) -> bool:
    """Say whether nobody sees at this height there, as far as the floor is known."""
    floor = view.world.floor
    return floor is not None and bool(floor.at(*place) > altitude_m)


def _floor_there(view: View, lost: Lost) -> tuple[bool, bool]:
    """Say whether the floor is known where a track was lost, and whether it was below it a little later on its way."""
    if view.world.floor is None or math.isnan(lost.altitude_m):
        return False, False
    least = float(view.world.floor.at(lost.lat_rad, lost.lon_rad))
    return math.isfinite(least), least > lost.altitude_m
