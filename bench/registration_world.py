"""Radars with biases, ADS-B, and aircraft that fly straight: plots as the tracker would hand them to registration.

The truth is known, so the biases are, and so is the bound on their estimates: the inverse of the Fisher information of all plots
together, the aircraft's paths being unknown straight lines.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tenere.batch import PlotKind, Plots, Tracks
from tenere.geo.ellipsoid import enu_of
from tenere.geo.plane import Plane
from tenere.site import SensorConfig
from tenere.track.register import window
from tenere.track.sensors import SensorTable

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    F64 = NDArray[np.float64]

CENTRE_RAD = (math.radians(16.0), math.radians(8.0))
PERIODS_S = (4.0, 5.0, 6.0, 4.0, 12.0)


class Bias(NamedTuple):
    """What a sensor is wrong by."""

    offset_m: float = 0.0
    scale: float = 0.0
    azimuth_rad: float = 0.0
    time_s: float = 0.0
    east_m: float = 0.0
    north_m: float = 0.0


def ring(count: int, apart_m: float = 120e3) -> list[tuple[float, float]]:
    """Return east and north of so many places around the centre."""
    if count == 1:
        return [(0.0, 0.0)]
    radius = apart_m / (2.0 * math.sin(math.pi / count))
    return [(radius * math.sin(2 * math.pi * i / count), radius * math.cos(2 * math.pi * i / count)) for i in range(count)]


@dataclass
class World:
    """Aircraft and the sensors that see them."""

    radars: Sequence[tuple[float, float]]
    """East and north of each radar."""
    biases: Sequence[Bias]
    aircraft: int = 75
    seed: int = 1
    adsb: bool = True
    adsb_time_s: float = 0.0
    equipped: float = 1.0
    """Share of the aircraft that send ADS-B."""
    range_std_m: float = 50.0
    azimuth_std_deg: float = 0.08
    detection: float = 0.95
    reach_m: float = 200e3
    extent_m: float = 170e3
    velocity_std_ms: float = 4.0
    """Of the tracks."""
    addressed: bool = True
    """The radars read addresses; else Mode A codes alone."""
    reported: dict[int, tuple[float, float]] = field(default_factory=dict)
    """Aircraft that send a place east and north of where they are (m)."""
    period_s: Sequence[float] = PERIODS_S

    def __post_init__(self) -> None:
        """Lay out the sensors and the flights."""
        self.random = np.random.Generator(np.random.PCG64([self.seed, 7]))
        self.plane = Plane.at(*CENTRE_RAD)
        configs = []
        for i, (east, north) in enumerate(self.radars):
            lat, lon = self.plane.inverse(east, north)
            configs.append(
                SensorConfig(
                    id=f"R{i}", kind="radar", source="r", sac=1, sic=i, lat_deg=math.degrees(float(lat)), lon_deg=math.degrees(float(lon)),
                    height_m=300.0, range_std_m=self.range_std_m, azimuth_std_deg=self.azimuth_std_deg, period_s=self.period_s[i % 5],
                )
            )  # fmt: skip
        if self.adsb:
            configs.append(SensorConfig(id="ADSB", kind="adsb", source="a"))
        self.table = SensorTable.of(tuple(configs))
        for row in self.table.rows:
            row.hear(0.0, 1)
        n, r = self.aircraft, self.random
        course = r.uniform(0, 2 * np.pi, n)
        speed = r.uniform(150.0, 260.0, n)
        self.velocity = np.column_stack([np.sin(course), np.cos(course)]) * speed[:, None]
        self.start = r.uniform(-self.extent_m, self.extent_m, (n, 2)) - self.velocity * 300.0
        self.height_m = r.uniform(5000.0, 11_500.0, n)
        self.address = 0x380000 + 977 * np.arange(n)
        self.mode_a = np.array([c for c in range(0o0101, 4096) if c % 64][:n])
        self.sends = r.random(n) < self.equipped
        self.drift = r.normal(0.0, self.velocity_std_ms, (n, 2))
        self.looked = [np.full(n, -np.inf) for _ in self.radars]

    def at(self, time_s: float | F64) -> F64:
        """Return where all aircraft are (n, 2) at a time, or each at its own (n,)."""
        return self.start + self.velocity * np.asarray(time_s)[..., None]

    def polar(self, radar: int, xy: F64, height_m: F64) -> tuple[F64, F64]:
        """Return true slant range and azimuth of places (m, 2)."""
        row = self.table.rows[radar]
        lat, lon = self.plane.inverse(xy[:, 0], xy[:, 1])
        east, north, up = enu_of(row.lat_rad, row.lon_rad, row.height_m, lat, lon, height_m)
        return np.sqrt(east**2 + north**2 + up**2), np.arctan2(east, north) % (2 * np.pi)

    def tick(self, time_s: float) -> tuple[Plots, NDArray[np.int64], Tracks]:
        """Return the plots of the second that ends at a time, with the number of the track of each, and the tracks."""
        parts, who = [], []
        for i in range(len(self.radars)):
            plots, seen = self._radar(i, time_s)
            parts.append(plots)
            who.append(seen)
        if self.adsb:
            plots, seen = self._adsb(time_s)
            parts.append(plots)
            who.append(seen)
        return Plots.concat(parts), np.concatenate(who) + 1, self.tracks(time_s)

    def _radar(self, i: int, time_s: float) -> tuple[Plots, NDArray[np.int64]]:
        """Return what a radar saw in the second, as it tells it."""
        period, b = self.period_s[i % 5], self.biases[i]
        _, beam = self.polar(i, self.at(time_s - 0.5), self.height_m)
        turn = beam / (2 * np.pi) * period
        when = turn + period * np.floor((time_s - turn) / period)
        seen = np.flatnonzero((when > time_s - 1.0) & (when - self.looked[i] > 0.5 * period))
        self.looked[i][seen] = when[seen]
        seen = seen[self.random.random(len(seen)) < self.detection]
        r, a = self.polar(i, self.start[seen] + self.velocity[seen] * when[seen, None], self.height_m[seen])
        near = r < self.reach_m
        seen, r, a = seen[near], r[near], a[near]
        r = r * (1 + b.scale) + b.offset_m + self.random.normal(0, self.range_std_m, len(r))
        a = (a + b.azimuth_rad + self.random.normal(0, math.radians(self.azimuth_std_deg), len(a))) % (2 * np.pi)
        named = {"address": self.address[seen]} if self.addressed else {}
        plots = Plots.blank(
            len(seen), time_s=when[seen] + b.time_s, sensor=i, sac_sic=256 + i, kind=PlotKind.MODE_S, range_m=r, azimuth_rad=a,
            pressure_altitude_m=self.height_m[seen], mode_a=self.mode_a[seen], flags=0, **named,
        )  # fmt: skip
        return plots, seen

    def _adsb(self, time_s: float) -> tuple[Plots, NDArray[np.int64]]:
        """Return what the aircraft send in the second."""
        seen = np.flatnonzero(self.sends)
        when = time_s - self.random.random(len(seen))
        xy = self.start[seen] + self.velocity[seen] * when[:, None] + self.random.normal(0, 10.0, (len(seen), 2))
        for k, (east, north) in self.reported.items():
            xy[seen == k] += (east, north)
        lat, lon = self.plane.inverse(xy[:, 0], xy[:, 1])
        plots = Plots.blank(
            len(seen), time_s=when + self.adsb_time_s, sensor=len(self.radars), kind=PlotKind.ADSB, lat_rad=lat, lon_rad=lon, flags=0,
            pressure_altitude_m=self.height_m[seen], address=self.address[seen], nac_p=9, nic=8, position_std_m=12.0,
        )  # fmt: skip
        return plots, seen

    def tracks(self, time_s: float) -> Tracks:
        """Return tracks that follow every aircraft."""
        xy, n = self.at(time_s), self.aircraft
        v = self.velocity + self.drift
        named = self.sends & self.adsb if not self.addressed else np.ones(n, bool)
        return Tracks.blank(
            n, number=np.arange(n) + 1, time_s=time_s, frame=0, x_m=xy[:, 0], y_m=xy[:, 1], vx_ms=v[:, 0], vy_ms=v[:, 1], flags=1,
            var_v_m2s2=self.velocity_std_ms**2, turn_probability=0.02, source=-1, mode_a=self.mode_a,
            address=np.where(named, self.address, -1),
        )  # fmt: skip


def bound(world: World, plots: Sequence[tuple[Plots, NDArray[np.int64]]], prior: F64) -> F64:
    """Return the least one-sigma error (S, NBIAS) that an estimate from these plots can have, given the prior's (S, NBIAS), 0 none.

    The path of each aircraft is an unknown straight line, flown at an unknown constant velocity.
    """
    sensors = len(prior)
    flat = prior.ravel()
    live = np.flatnonzero(flat > 0)
    total = np.zeros((len(flat), len(flat)))
    joined, who = Plots.concat([p for p, _ in plots]), np.concatenate([w for _, w in plots])
    for k in np.unique(who):
        mine = np.flatnonzero(who == k)
        if len(np.unique(joined.sensor[mine])) < 2:
            continue
        matrix = np.zeros((4, 4))
        cross = np.zeros((4, len(flat)))
        v = world.velocity[k - 1]
        for i in range(sensors):
            own = mine[joined.sensor[mine] == i]
            if not len(own):
                continue
            t = joined.time_s[own]
            xy = world.start[k - 1] + v * t[:, None]
            polar = i < len(world.radars)
            slopes = np.zeros((len(own), 2, window.NBIAS))
            site = world.table.rows[i].plane_xy(world.plane) if polar else (0.0, 0.0)
            r = world.polar(i, xy, np.full(len(own), world.height_m[k - 1]))[0] if polar else np.zeros(len(own))
            for q in range(len(own)):
                window.slopes(xy[q, 0], xy[q, 1], *site, r[q], *v, polar, slopes[q])
            if polar:
                u = slopes[:, :, window.OFFSET]
                w = slopes[:, :, window.AZIMUTH]
                cov = np.einsum("qa,qb->qab", u, u) * world.range_std_m**2
                cov += np.einsum("qa,qb->qab", w, w) * math.radians(world.azimuth_std_deg) ** 2
            else:
                cov = np.tile(np.eye(2) * 12.0**2, (len(own), 1, 1))
            info = np.linalg.inv(cov)
            h = np.zeros((len(own), 2, 4))
            h[:, 0, 0] = h[:, 1, 1] = 1.0
            h[:, 0, 2] = h[:, 1, 3] = t - 300.0
            at = slice(i * window.NBIAS, (i + 1) * window.NBIAS)
            total[at, at] += np.einsum("qab,qac,qcd->bd", slopes, info, slopes)
            cross[:, at] += np.einsum("qab,qac,qcd->bd", h, info, slopes)
            matrix += np.einsum("qab,qac,qcd->bd", h, info, h)
        total -= cross.T @ np.linalg.solve(matrix, cross)
    scaled = np.eye(len(live)) + total[np.ix_(live, live)] * np.outer(flat[live], flat[live])
    out = np.zeros(len(flat))
    out[live] = np.sqrt(np.diagonal(np.linalg.inv(scaled))) * flat[live]
    return out.reshape(prior.shape)
