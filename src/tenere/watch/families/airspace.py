"""Who is in a volume of airspace where it should not be, and who soon will be.

Each rule asks for one thing: call ATC, who talk to the pilot. Protection, a plan or an emergency changes the words and never takes an
alert away: a code must not hide a flight. A track is inside once it is clearly within the outline and the limits, and out once it is as
clearly outside, so that a flight along a boundary raises nothing, or one alert.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from tenere.airspace.index import Heights, Index
from tenere.airspace.model import VolumeKind
from tenere.batch import Emergency, Severity, TrackFlag
from tenere.watch.families import ways, zones
from tenere.watch.families.memory import Memory
from tenere.watch.families.places import amsl_m, callsign_of_plan, ground_m, joined, placed, spread_m, standing
from tenere.watch.naming import name_of
from tenere.watch.view import Because, Condition
from tenere.words import clean

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from tenere.airspace.index import Ahead
    from tenere.airspace.model import Volume
    from tenere.batch import F64, I64, Tracks
    from tenere.watch.config import WatchConfig
    from tenere.watch.view import View
    from tenere.world import World

RULES: dict[str, tuple[Severity, ...]] = {
    "airspace_entered": (Severity.CAUTION, Severity.WARNING),
    "airspace_entered_emergency": (Severity.EMERGENCY,),
    "airspace_entered_height": (Severity.INFORMATION, Severity.CAUTION),
    "airspace_predicted": (Severity.INFORMATION, Severity.CAUTION),
    **zones.RULES,
    **ways.RULES,
}
"""Every rule of this family and how grave it may be; each is a key of the phrase book."""

_CODES = (0o7500, 0o7600, 0o7700)
_COMES_S = 1e-6


@dataclass
class State:
    """index: of the volumes last seen; inside: since when each (track number, volume id) is in; off: since when a flight is off its way."""

    index: Index
    warned: NDArray[np.bool_]
    ways: ways.Ways
    zones: zones.Zones
    inside: dict[tuple[int, str], float] = field(default_factory=dict)
    off: Memory = field(default_factory=lambda: Memory(since_s=np.nan))


def init(config: WatchConfig, world: World) -> State:
    """Return the state before any volume is known."""
    index = Index.of(())
    return State(index, _of_kinds((), config.apw.kinds), ways.Ways(world.aerodromes), zones.Zones.of(()))


def step(state: State, view: View) -> Iterator[Condition]:
    """Yield the conditions of one tick."""
    apw = view.config.apw
    if view.volumes is not state.index.volumes:
        state.index = Index.of(view.volumes, state.index)
        state.warned = _of_kinds(state.index.volumes, apw.kinds)
        state.zones = zones.Zones.of(state.index.volumes, state.zones)
    tracks = view.tracks
    rows = view.rows[view.trusted[view.rows] & ((tracks.flags[view.rows] & (TrackFlag.ON_GROUND | TrackFlag.UNPLACED)) == 0)]
    rows = rows[placed(tracks, rows)]
    off = ways.off_route(state.ways, state.off, view, rows)
    yield from off.conditions
    if not len(view.volumes):
        state.inside.clear()
        return
    lat, lon = tracks.lat_rad[rows], tracks.lon_rad[rows]
    amsl = amsl_m(tracks, rows)
    ground = ground_m(view.world.ground, lat, lon)
    heights = Heights.of(amsl, tracks.pressure_altitude_m[rows], ground)
    yield from _warned(state, view, rows, heights, off.numbers)
    yield from zones.step(state.zones, state.index, view, zones.Placed(rows, lat, lon, heights, amsl, ground))


def _of_kinds(volumes: tuple[Volume, ...], kinds: tuple[VolumeKind, ...]) -> NDArray[np.bool_]:
    return np.array([v.kind in kinds for v in volumes], np.bool_)


def _warned(state: State, view: View, rows: I64, heights: Heights, off: frozenset[int]) -> Iterator[Condition]:
    """Yield who is in, and who will soon be in, the volumes whose entry is told."""
    apw, tracks, index = view.config.apw, view.tracks, state.index
    wanted = state.warned & view.active
    if not wanted.any():
        state.inside.clear()
        return
    sigma = spread_m(tracks, rows)
    margin = np.minimum(apw.predicted_sigmas * sigma, apw.most_margin_m)
    motion = _motion(tracks, rows)
    lat, lon = tracks.lat_rad[rows], tracks.lon_rad[rows]
    found = index.ahead(lat, lon, heights, motion, margin, apw.look_ahead_s, wanted, apw.height_margin_m)
    number = tracks.number[rows]
    coasting = (tracks.flags[rows] & TrackFlag.COASTING) != 0
    need = np.minimum(np.minimum(apw.sigmas * sigma, apw.most_margin_m)[found.row], 0.25 * index.cap_m[found.volume])
    known_enough = found.sure | (index.limits[found.volume, 0] < apw.unknown_floor_m)
    maybe = np.flatnonzero((found.vertical > 0) & (found.depth_m >= -need) & known_enough)
    before, state.inside = state.inside, {}
    for k in maybe.tolist():
        volume = index.volumes[found.volume[k]]
        key = (int(number[found.row[k]]), volume.id)
        enters = found.vertical[k] == 2 and found.depth_m[k] >= need[k] and not coasting[found.row[k]]
        if enters or key in before:
            state.inside[key] = before.get(key, view.time_s)
            row = int(rows[found.row[k]])
            yield _entered(view, row, volume, float(found.depth_m[k]), float(sigma[found.row[k]]), bool(found.sure[k]), off)
    yield from _predicted(state, view, rows, found, heights, motion, coasting)


def _motion(tracks: Tracks, rows: I64) -> tuple[F64, F64, F64]:
    """Return east, north and vertical speed of some tracks."""
    speed, course = tracks.speed_ms[rows], tracks.course_rad[rows]
    return speed * np.sin(course), speed * np.cos(course), tracks.vertical_rate_ms[rows]


def _entered(view: View, row: int, volume: Volume, depth_m: float, sigma_m: float, sure: bool, off: frozenset[int]) -> Condition:
    """Say that a track is in a volume."""
    config, number = view.config, int(view.tracks.number[row])
    flight, trouble = standing(view.identities, row), distress(view, row, off)
    grave = Severity.CAUTION if volume.kind == VolumeKind.DANGER else Severity.WARNING
    rule, hold_s = "airspace_entered", config.apw.hold_s
    if trouble is not None:
        rule, grave, hold_s = "airspace_entered_emergency", Severity.EMERGENCY, config.emergency_hold_s
    elif not sure:
        rule, grave = "airspace_entered_height", Severity(grave - 1)
    because = [Because("because.inside", 2.0 if depth_m > sigma_m else 1.0, f"{max(0.0, depth_m):.0f}".encode(), b"airspace")]
    if not sure:
        because.append(Because("because.height_unknown", -1.0))
    if depth_m < sigma_m:
        because.append(Because("because.uncertain", -0.5, f"{sigma_m:.0f}".encode()))
    because += reasons(view, row)
    if trouble is not None:
        because.append(trouble)
    detail = joined(name_of(view.tracks, row), clean(volume.name, 40), flight)
    return Condition(
        rule, grave, number, -1, detail, hold_s, volume=_id(volume), because=tuple(because), rise_s=0.0 if trouble else config.apw.rise_s
    )


def _predicted(
    state: State,
    view: View,
    rows: I64,
    found: Ahead,
    heights: Heights,
    motion: tuple[F64, F64, F64],
    coasting: NDArray[np.bool_],
) -> Iterator[Condition]:
    """Yield who will be in a volume soon. Who is within its margin already must be flying into the volume itself."""
    apw, tracks, index = view.config.apw, view.tracks, state.index
    soon = found.sure & ~coasting[found.row] & np.isfinite(found.after_s)
    beside = np.unique(found.row[soon & (found.after_s <= _COMES_S)])
    goes_in: set[tuple[int, int]] = set()
    if beside.size:
        at = rows[beside]
        place = (tracks.lat_rad[at], tracks.lon_rad[at])
        part = Heights(heights.low_m[beside], heights.high_m[beside])
        part_motion = (motion[0][beside], motion[1][beside], motion[2][beside])
        wanted = state.warned & view.active
        plain = index.ahead(*place, part, part_motion, np.zeros(len(at)), apw.look_ahead_s, wanted, buffers=False)
        goes_in = {(int(beside[r]), int(v)) for r, v in zip(plain.row.tolist(), plain.volume.tolist(), strict=True)}
    for k in np.flatnonzero(soon).tolist():
        r, v = int(found.row[k]), int(found.volume[k])
        row, volume, after_s = int(rows[r]), index.volumes[v], float(found.after_s[k])
        number = int(tracks.number[row])
        if (number, volume.id) in state.inside or (after_s <= _COMES_S and (r, v) not in goes_in):
            continue
        flight = standing(view.identities, row)
        grave = Severity.INFORMATION if volume.kind == VolumeKind.DANGER else Severity.CAUTION
        because = (Because("because.heading", 1.0, f"{after_s:.0f}".encode(), b"airspace"), *reasons(view, row))
        detail = joined(name_of(tracks, row), clean(volume.name, 40), flight)
        yield Condition(
            "airspace_predicted",
            grave,
            number,
            -1,
            detail,
            apw.hold_s,
            volume=_id(volume),
            predicted_s=view.time_s + after_s,
            because=because,
            rise_s=apw.predicted_rise_s,
        )


def reasons(view: View, row: int) -> list[Because]:
    """Return what speaks for a flight: its plan, its standing."""
    said = []
    if plan := callsign_of_plan(view, row):
        said.append(Because("because.planned", -0.5, clean(plan, 20), b"plan"))
    if view.identities.protected[row]:
        said.append(Because("because.protected", -0.5, b"", b"plan"))
    elif view.identities.civil[row]:
        said.append(Because("because.civil", -0.5))
    return said


def distress(view: View, row: int, off: frozenset[int]) -> Because | None:
    """Return what says that a flight is in an emergency or diverting; None where nothing does."""
    tracks, number = view.tracks, int(view.tracks.number[row])
    if tracks.mode_a[row] in _CODES:
        return Because("because.code", 1.0, f"{int(tracks.mode_a[row]):04o}".encode())
    said = int(tracks.emergency[row])
    if Emergency.NONE < said <= Emergency.DOWNED:
        return Because("because.emergency", 1.0, Emergency(said).name.lower().encode(), b"ADS-B")
    if (lost := view.entered.radio_lost(number)) is not None:
        return Because("because.radio", 1.0, lost.by, lost.by[:16])
    return Because("because.diverting", 1.0, b"", b"plan") if number in off else None


def _id(volume: Volume) -> bytes:
    return volume.id.encode()[:64]
