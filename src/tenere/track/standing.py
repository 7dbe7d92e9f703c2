"""What work by hand leaves behind: tracks that persons reported, orders that stand, and how rows of the picture compare."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import TrackFlag, Tracks
from tenere.track.reported import MOTIONS, Estimate, Motion, Report, predicted, speed_std

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from tenere.batch import AircraftClass
    from tenere.geo.plane import Plane

FRAME_OF_COUNTRY = 0


class Remark(NamedTuple):
    """What was said of a track made by hand: when it was entered, the time it is about, who and what."""

    time_s: float
    said_s: float
    by: str
    words: str


class Reported(NamedTuple):
    """A track made by hand."""

    number: int
    first_s: float
    expires_s: float
    aircraft_class: AircraftClass
    callsign: str
    low_m: float
    high_m: float
    remarks: tuple[Remark, ...]
    base: Estimate | None
    """Where it was when it was split from another; None: its first report began it."""
    reports: tuple[Report, ...]
    estimate: Estimate
    followed: Tracks | None = None
    """The last row of the track it is correlated with."""

    @property
    def motion(self) -> Motion:
        """Return how its class moves."""
        return MOTIONS[self.aircraft_class]

    @property
    def update_s(self) -> float:
        """Return the time of its last report."""
        return max((r.time_s for r in self.reports), default=self.first_s)


class Standing(NamedTuple):
    """An order that stands: merge (track the elder), correlate (track made by hand, other what it is), split (other the second)."""

    order: int
    kind: str
    track: int
    other: int
    since_s: float
    until_s: float
    by: str
    reason: str
    first_s: float = math.nan
    """Of a merge, when the elder began."""
    apart_m: float = 0.0
    """Of a merge, how far apart the two were: what splits them once may split them again."""
    more: tuple[int, ...] = ()
    """Of a merge, further numbers that the same aircraft was given since."""


class ManualRow(NamedTuple):
    """A track made by hand, for people."""

    number: int
    shown_as: int
    """The number its row bears: its own, or that of the track it is correlated with."""
    aircraft_class: int
    callsign: str
    low_m: float
    high_m: float
    update_s: float
    expires_s: float
    remarks: tuple[Remark, ...]


@dataclass
class Manual:
    """All that persons did and that still counts."""

    tracks: dict[int, Reported] = field(default_factory=dict)
    orders: dict[int, Standing] = field(default_factory=dict)
    next_order: int = 1
    shown: Tracks = field(default_factory=Tracks.none)
    """The picture of the last tick."""
    guarded: NDArray[np.uint32] = field(default_factory=lambda: np.zeros(0, np.uint32))
    """Numbers of the flights that are civil or protected, ascending, as the tick before knew."""

    @property
    def busy(self) -> bool:
        """Say whether anything done by hand counts."""
        return bool(self.tracks or self.orders)

    def guards(self, number: int) -> bool:
        """Say whether a number is a civil or protected flight's."""
        at = int(np.searchsorted(self.guarded, number))
        return at < len(self.guarded) and int(self.guarded[at]) == number

    def of(self, kind: str) -> list[Standing]:
        """Return the orders of a kind that stand, the oldest first."""
        return [o for o in self.orders.values() if o.kind == kind]

    def root(self, number: int) -> int:
        """Return the number that stands for a number: its elder's, or that of the track it is correlated with."""
        into = {n: o.track for o in self.of("merge") for n in (o.other, *o.more)} | {o.track: o.other for o in self.of("correlate")}
        while number in into:
            number = into[number]
        return number


def holds(manual: Manual, a: int, b: int) -> Standing | None:
    """Return the order that holds two tracks apart, or None."""
    return next((o for o in manual.of("apart") if {manual.root(o.track), manual.root(o.other)} == {manual.root(a), manual.root(b)}), None)


def std_m(t: Tracks, row: int = 0) -> float:
    """Return the larger one-sigma place of a row, 0 where it tells none."""
    var = max(float(t.var_xx_m2[row]), float(t.var_yy_m2[row]))
    return math.sqrt(var) if var > 0.0 else 0.0


def distance_m(a: Tracks, b: Tracks) -> float:
    """Return how far apart two rows of the picture are, NaN where they have no common plane."""
    return math.hypot(float(a.x_m[0] - b.x_m[0]), float(a.y_m[0] - b.y_m[0])) if a.frame[0] == b.frame[0] else math.nan


def two_flights(manual: Manual, a: Tracks, b: Tracks) -> bool:
    """Say whether two rows are civil or protected flights of different addresses: to show one alone would lose the other."""
    differ = a.address[0] >= 0 and b.address[0] >= 0 and a.address[0] != b.address[0]
    return bool(differ) and manual.guards(int(a.number[0])) and manual.guards(int(b.number[0]))


def has_twin(shown: Tracks, row: Tracks) -> bool:
    """Say whether another track of a picture bears a row's address: then the flight is there without it."""
    return bool(row.address[0] >= 0 and ((shown.address == row.address[0]) & (shown.number != row.number[0])).any())


def close(manual: Manual, o: Standing) -> None:
    """End an order, and what was there by it alone."""
    del manual.orders[o.order]
    if o.kind == "correlate" and o.track in manual.tracks:
        manual.tracks[o.track] = manual.tracks[o.track]._replace(followed=None)
    elif o.kind == "split":
        forget(manual, o.other)


def forget(manual: Manual, number: int) -> None:
    """Drop a track made by hand with the orders that are about nothing else."""
    manual.tracks.pop(number, None)
    for o in list(manual.orders.values()):
        if o.track == number and o.kind in {"correlate", "end"}:
            del manual.orders[o.order]


def has_place(row: Tracks) -> bool:
    """Say whether a row is in the country's plane."""
    return bool(row.frame[0] == FRAME_OF_COUNTRY and np.isfinite(row.x_m[0]) and np.isfinite(row.y_m[0]))


def seen_at(row: Tracks, motion: Motion, least_std_m: float = 0.0) -> Estimate:
    """Return what a row of the picture says, as an estimate; a velocity that it does not tell is any that the class can fly."""
    mean, spread = np.zeros(4), np.zeros((4, 4))
    mean[:2] = row.x_m[0], row.y_m[0]
    xx, xy, yy = (float(v[0]) for v in (row.var_xx_m2, row.var_xy_m2, row.var_yy_m2))
    if not (np.isfinite([xx, xy, yy]).all() and xx > 0.0 and xx * yy > xy * xy):
        xx, xy, yy = std_m(row) ** 2, 0.0, std_m(row) ** 2
    spread[:2, :2] = [[xx + least_std_m**2, xy], [xy, yy + least_std_m**2]]
    most, told = motion.std_ms**2, float(row.var_v_m2s2[0])
    v = np.array([row.vx_ms[0], row.vy_ms[0]])
    if np.isfinite(v).all() and float(np.hypot(*v)) <= motion.top_ms:
        mean[2:] = v
        spread[2, 2] = spread[3, 3] = min(told, most) if told > 0.0 else most
    else:
        spread[2, 2] = spread[3, 3] = most
    return Estimate(float(row.time_s[0]), mean, spread)


def rows_of(made: Reported, plane: Plane | None, time_s: float) -> Tracks:
    """Return the row of a track made by hand at a time: (1,) of Tracks.

    Course and speed are NaN while nothing sure enough is known of them. Its height band is for people (`ManualRow`): a height
    nobody measured is no pressure altitude.
    """
    e = predicted(made.estimate, time_s, made.motion)
    x, y, vx, vy = (float(v) for v in e.mean)
    lat, lon, turned = math.nan, math.nan, 0.0
    if plane is not None:
        lat, lon = (float(v) for v in plane.inverse(x, y))
        turned = float(plane.north(lat, lon)[0])
    speed, std = math.hypot(vx, vy), speed_std(e)
    sure = speed > std
    return Tracks.blank(
        1,
        number=made.number,
        time_s=time_s,
        update_s=made.update_s,
        first_s=made.first_s,
        frame=FRAME_OF_COUNTRY,
        x_m=x,
        y_m=y,
        vx_ms=vx,
        vy_ms=vy,
        var_xx_m2=e.spread[0, 0],
        var_xy_m2=e.spread[0, 1],
        var_yy_m2=e.spread[1, 1],
        var_v_m2s2=std**2,
        lat_rad=lat,
        lon_rad=lon,
        course_rad=(math.atan2(vx, vy) - turned) % (2.0 * math.pi) if sure else math.nan,
        speed_ms=speed if sure else math.nan,
        existence=1.0,
        callsign=made.callsign.encode(),
        aircraft_class=int(made.aircraft_class),
        flags=int(TrackFlag.CONFIRMED | TrackFlag.COASTING | TrackFlag.MANUAL),
        source=-1,
    )


def carried_on(made: Reported, plane: Plane | None, time_s: float) -> Tracks:
    """Return the row, under its own number, of a track that sensors lost and that one made by hand is: from where it was last seen."""
    row = made.followed
    assert row is not None
    e = seen_at(row, made.motion)
    moved = rows_of(made._replace(estimate=e), plane, time_s)
    same = {name: getattr(moved, name) for name in MOVED}
    return row.replace(**same, time_s=time_s, kinds=0, sensors=0, turn_rads=np.nan, vertical_rate_ms=np.nan, source=-1, source_track=-1)


MOVED = (
    "frame", "x_m", "y_m", "vx_ms", "vy_ms", "var_xx_m2", "var_xy_m2", "var_yy_m2", "var_v_m2s2", "lat_rad", "lon_rad", "course_rad",
    "speed_ms", "flags",
)  # fmt: skip
"""The columns of a row that time moves."""
