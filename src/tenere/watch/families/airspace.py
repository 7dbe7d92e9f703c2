"""Who is in a volume of airspace where it should not be, and who soon will be.

Each rule asks for one thing: call ATC, who talk to the pilot. Protection, a plan or an emergency changes the words and never takes an
alert away: a code must not hide a flight. A track is inside once it is clearly within the outline and the limits, and out once it is as
clearly outside, so that a flight along a boundary raises nothing, or one alert.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

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

REASONS = (
    "because.bird",
    "because.civil",
    "because.code",
    "because.diverting",
    "because.emergency",
    "because.heading",
    "because.height_unknown",
    "because.in_zone",
    "because.inside",
    "because.named",
    "because.no_plan",
    "because.no_transponder",
    "because.off_route",
    "because.outside",
    "because.planned",
    "because.protected",
    "because.radio",
    "because.remote_id",
    "because.slow",
    "because.uncertain",
)
"""Keys of its evidence in the phrase book."""

_COMES_S = 1e-6
_AGAIN_S = 5.0
"""So old may the words and the evidence of an alert be."""
_DEEP = 2
"""``Ahead.vertical`` of what is within the limits by the margin."""


class Called(NamedTuple):
    """What alerts say of a volume, made once: its name, its id as a column holds it, how grave an entry is."""

    name: bytes
    id: bytes
    grave: Severity


class Said(NamedTuple):
    """What was said of a track and a volume, and of which state of things: said again until that changes or it grows old."""

    signature: int
    made_s: float
    condition: Condition


@dataclass
class State:
    """What is remembered.

    volumes: as last seen; index, others: of those whose entry is told, and of zones; warned, zoned: which those are. inside, coming: what
    is said of each (track number, volume id). off: since when each flight is off its way.
    """

    index: Index
    others: Index
    warned: I64
    zoned: I64
    ways: ways.Ways
    zones: zones.Zones
    inside: dict[tuple[int, str], Said] = field(default_factory=dict)
    coming: dict[tuple[int, str], Said] = field(default_factory=dict)
    volumes: tuple[Volume, ...] = ()
    called: dict[int, Called] = field(default_factory=dict)
    off: Memory = field(default_factory=lambda: Memory(since_s=np.nan, been=0.0))


def init(_config: WatchConfig, world: World) -> State:
    """Return the state before any volume is known."""
    none = np.zeros(0, np.int64)
    return State(Index.of(()), Index.of(()), none, none, ways.Ways(world.aerodromes), zones.Zones.of(()))


def step(state: State, view: View) -> Iterator[Condition]:
    """Yield the conditions of one tick."""
    apw = view.config.apw
    if view.volumes is not state.volumes:
        _index(state, view, apw.kinds)
    tracks = view.tracks
    rows = view.rows[view.trusted[view.rows] & ((tracks.flags[view.rows] & (TrackFlag.ON_GROUND | TrackFlag.UNPLACED)) == 0)]
    rows = rows[placed(tracks, rows)]
    off = ways.off_route(state.ways, state.off, view, rows)
    yield from off.conditions
    if not len(view.volumes):
        state.inside, state.coming = {}, {}
        return
    lat, lon = tracks.lat_rad[rows], tracks.lon_rad[rows]
    amsl = amsl_m(tracks, rows)
    ground = ground_m(view.world.ground, lat, lon)
    heights = Heights.of(amsl, tracks.pressure_altitude_m[rows], ground)
    yield from _warned(state, view, rows, heights, off.numbers)
    mine = view._replace(active=view.active[state.zoned])
    yield from zones.step(state.zones, state.others, mine, zones.Placed(rows, lat, lon, heights, amsl, ground))


def _index(state: State, view: View, kinds: tuple[VolumeKind, ...]) -> None:
    """Take a new list of volumes: one index of those whose entry is told, one of zones, for each question asks only its own kinds."""
    volumes = view.volumes
    state.volumes, state.called = volumes, {}
    state.warned = np.array([k for k, v in enumerate(volumes) if v.kind in kinds], np.int64)
    state.zoned = np.array([k for k, v in enumerate(volumes) if v.kind in zones.KINDS], np.int64)
    state.index = Index.of([volumes[k] for k in state.warned.tolist()], state.index)
    state.others = Index.of([volumes[k] for k in state.zoned.tolist()], state.others)
    state.zones = zones.Zones.of(state.others.volumes, state.zones)


def _warned(state: State, view: View, rows: I64, heights: Heights, off: frozenset[int]) -> Iterator[Condition]:
    """Yield who is in, and who will soon be in, the volumes whose entry is told."""
    apw, tracks, index = view.config.apw, view.tracks, state.index
    wanted = view.active[state.warned]
    if not wanted.any():
        state.inside, state.coming = {}, {}
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
    enters = (found.vertical == _DEEP) & (found.depth_m >= need) & ~coasting[found.row]
    out = np.minimum(margin[found.row], 0.25 * index.cap_m[found.volume])
    maybe = np.flatnonzero((found.vertical > 0) & (found.depth_m >= -out) & known_enough)
    r, v = found.row[maybe], found.volume[maybe]
    before, state.inside = state.inside, {}
    now_s, signature = view.time_s, _signature(view, rows[r], off) * 2 + found.sure[maybe]
    held = np.zeros(len(found.row), np.bool_)
    columns = (maybe, rows[r], number[r], v, enters[maybe], found.depth_m[maybe], sigma[r], found.sure[maybe], signature)
    for k, row, track, volume, new, depth_m, sigma_m, sure, sign in zip(*(c.tolist() for c in columns), strict=True):
        key = (track, index.volumes[volume].id)
        said = before.get(key)
        if said is None and not new:
            continue
        if said is None or said.signature != sign or now_s - said.made_s >= _AGAIN_S:
            said = Said(sign, now_s, _entered(view, row, _called(state, volume), depth_m, sigma_m, sure, off))
        state.inside[key] = said
        held[k] = True
        yield said.condition
    yield from _predicted(state, view, rows, found, heights, motion, ~coasting[found.row] & ~held)


def _motion(tracks: Tracks, rows: I64) -> tuple[F64, F64, F64]:
    """Return east, north and vertical speed of some tracks."""
    speed, course = tracks.speed_ms[rows], tracks.course_rad[rows]
    return speed * np.sin(course), speed * np.cos(course), tracks.vertical_rate_ms[rows]


def _called(state: State, volume: int) -> Called:
    """Return what alerts say of a volume."""
    if volume not in state.called:
        one = state.index.volumes[volume]
        grave = Severity.CAUTION if one.kind == VolumeKind.DANGER else Severity.WARNING
        state.called[volume] = Called(clean(one.name, 40), one.id.encode()[:64], grave)
    return state.called[volume]


def _entered(view: View, row: int, volume: Called, depth_m: float, sigma_m: float, sure: bool, off: frozenset[int]) -> Condition:
    """Say that a track is in a volume."""
    config, number = view.config, int(view.tracks.number[row])
    flight, trouble = standing(view.identities, row), distress(view, row, off)
    rule, grave, hold_s = "airspace_entered", volume.grave, config.apw.hold_s
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
    detail = joined(name_of(view.tracks, row), volume.name, flight)
    return Condition(
        rule, grave, number, -1, detail, hold_s, volume=volume.id, because=tuple(because), rise_s=0.0 if trouble else config.apw.rise_s
    )


def _predicted(
    state: State,
    view: View,
    rows: I64,
    found: Ahead,
    heights: Heights,
    motion: tuple[F64, F64, F64],
    free: NDArray[np.bool_],
) -> Iterator[Condition]:
    """Yield who will be in a volume soon. Who is within its margin already must be flying into the volume itself.

    free: which pairs are neither told as inside nor of a coasting track.
    """
    apw, tracks, index = view.config.apw, view.tracks, state.index
    soon = free & found.sure & np.isfinite(found.after_s)
    beside = np.unique(found.row[soon & (found.after_s <= _COMES_S)])
    goes_in: set[tuple[int, int]] = set()
    if beside.size:
        at = rows[beside]
        place = (tracks.lat_rad[at], tracks.lon_rad[at])
        part = Heights(heights.low_m[beside], heights.high_m[beside])
        part_motion = (motion[0][beside], motion[1][beside], motion[2][beside])
        wanted = view.active[state.warned]
        plain = index.ahead(*place, part, part_motion, np.zeros(len(at)), apw.look_ahead_s, wanted, buffers=False)
        goes_in = {(int(beside[r]), int(v)) for r, v in zip(plain.row.tolist(), plain.volume.tolist(), strict=True)}
    at = np.flatnonzero(soon)
    before, state.coming, due = state.coming, {}, rows[found.row[at]]
    columns = (found.row[at], due, tracks.number[due], found.volume[at], found.after_s[at], _signature(view, due, frozenset()))
    for r, row, number, v, after_s, sign in zip(*(c.tolist() for c in columns), strict=True):
        key = (number, index.volumes[v].id)
        if after_s <= _COMES_S and (r, v) not in goes_in:
            continue
        said = before.get(key)
        if said is not None and said.signature == sign and view.time_s - said.made_s < _AGAIN_S:
            state.coming[key] = said
            yield said.condition._replace(predicted_s=view.time_s + after_s)
            continue
        volume, flight = _called(state, v), standing(view.identities, row)
        grave = Severity(volume.grave - 1)
        because = (Because("because.heading", 1.0, f"{after_s:.0f}".encode(), b"airspace"), *reasons(view, row))
        detail = joined(name_of(tracks, row), volume.name, flight)
        made = Condition(
            "airspace_predicted",
            grave,
            number,
            -1,
            detail,
            apw.hold_s,
            volume=volume.id,
            predicted_s=view.time_s + after_s,
            because=because,
            rise_s=apw.predicted_rise_s,
        )
        state.coming[key] = Said(sign, view.time_s, made)
        yield made


def _signature(view: View, rows: I64, off: frozenset[int]) -> I64:
    """Return a number for each row that changes when what is said of its flight does: its standing, plan, name and distress."""
    tracks, identities = view.tracks, view.identities
    said = identities.plan[rows].astype(np.int64) * 4 + identities.protected[rows] * 2 + identities.civil[rows]
    said = said * 4096 + np.maximum(tracks.mode_a[rows], 0)
    said = (said * 8 + np.minimum(tracks.emergency[rows], 7)) * 2 + (tracks.callsign[rows] != b"")
    lost = [n for n in view.entered.words if view.entered.radio_lost(n) is not None]
    told = [*off, *lost, *view.distress.numbers()]
    if told:
        said = said * 2 + np.isin(tracks.number[rows], np.array(told, np.int64))
    return np.asarray(said * 2 + bool(told))


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
    number = int(view.tracks.number[row])
    if (said := view.distress.of(number)) is not None:
        if said.code >= 0:
            return Because("because.code", 1.0, f"{said.code:04o}".encode())
        return Because("because.emergency", 1.0, Emergency(said.emergency).name.lower().encode(), b"ADS-B")
    if (lost := view.entered.radio_lost(number)) is not None:
        return Because("because.radio", 1.0, lost.by, lost.by[:16])
    return Because("because.diverting", 1.0, b"", b"plan") if number in off else None
