"""A seeded synthetic world for speed: traffic between hubs, rotating radars where it flies, plots second by second.

Aircraft fly in a stereographic plane: three quarters between hubs, mostly near ones, a quarter slow and turning within
60 km of a hub. One radar for forty aircraft stands where aircraft are, with ranges of 200 to 400 km and rotations of 4 to 10 s;
it sees what is above its horizon with Pd 0.9 and adds a fifth of false plots. Measurements go through the ellipsoid:
slant range and azimuth at the instant the beam passes.

The area grows with the fleet at 100 km x 100 km an aircraft, up to 8,800 km x 8,800 km, what one plane carries: beyond
7,700 aircraft the sky gets denser (at 100,000 thirteen times as dense as twenty thousand spread over the Earth's land and
sea), which is harder, not easier.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.spatial import cKDTree

from bench.airbench.scenario import rng_of
from tenere.batch import PlotKind, Plots, Status, SystemTracks
from tenere.geo import ellipsoid
from tenere.geo.plane import Plane
from tenere.site import SensorConfig
from tenere.track import Heard

if TYPE_CHECKING:
    from numpy.typing import NDArray

    F64 = NDArray[np.float64]
    I64 = NDArray[np.int64]

CENTRE_RAD = (0.5, 0.2)
BEGIN_S = 1000.0
AREA_M2, WIDEST_M = 1e10, 8.8e6
AIRCRAFT_A_RADAR = 40
PD, FALSE_SHARE, MODE_C_SHARE, ADSB_SHARE = 0.9, 0.2, 0.85, 0.7
RANGE_STD_M, AZIMUTH_STD_DEG, ADSB_STD_M = 50.0, 0.08, 12.0
BLOCK_S = 8
MARGIN_RAD = 0.15


class Radars(NamedTuple):
    """Where the radars stand and how they turn: place in the plane and Earth-centred, their axes, figures (R,)."""

    xy: F64
    lat: F64
    lon: F64
    ecef: F64
    axes: F64  # (R, 3, 3): rows east, north, up
    range_m: F64
    period_s: F64
    phase: F64


def _traffic(rng: np.random.Generator, n: int, side: float) -> tuple[F64, F64, F64, NDArray[np.bool_]]:
    """Return positions (n, 2), headings from x and speeds, heights and climbs (n, 2), and who flies about a hub."""
    hubs_n = max(5, n * 300 // 20_000)
    centres = rng.uniform(-0.4 * side, 0.4 * side, (max(1, hubs_n // 30), 2))
    hubs = centres[rng.integers(0, len(centres), hubs_n)] + rng.normal(0, min(700e3, side / 5), (hubs_n, 2))
    hubs = np.clip(hubs, -0.48 * side, 0.48 * side)
    weight = rng.lognormal(0, 1.0, hubs_n)
    weight /= weight.sum()
    near = cKDTree(hubs).query(hubs, k=min(21, hubs_n))[1][:, 1:]
    a = rng.choice(hubs_n, n, p=weight)
    b = np.where(rng.random(n) < 0.8, near[a, rng.integers(0, near.shape[1], n)], rng.choice(hubs_n, n, p=weight))
    place = hubs[a] + rng.beta(0.8, 0.8, n)[:, None] * (hubs[b] - hubs[a]) + rng.normal(0, 15e3, (n, 2))
    heading = np.arctan2(*(hubs[b] - hubs[a]).T[::-1]) + rng.normal(0, 0.1, n)
    local = rng.random(n) < 0.25
    far, around = 60e3 * np.sqrt(rng.random(n)), rng.uniform(0, 2 * np.pi, n)
    place = np.where(local[:, None], hubs[a] + far[:, None] * np.c_[np.cos(around), np.sin(around)], place)
    heading = np.where(local, rng.uniform(-np.pi, np.pi, n), heading)
    speed = np.where(local, rng.uniform(80, 150, n), rng.uniform(190, 260, n))
    height = np.where(local, rng.uniform(1_000, 5_000, n), np.round(rng.uniform(25, 41, n)) * 304.8)
    climb = np.where(local, rng.uniform(-8, 8, n), 0.0)
    return place, np.c_[heading, speed], np.c_[height, climb], local


class World:
    """The aircraft, the radars, and the clock: each call of tick() gives one second of plots and moves on."""

    def __init__(self, n: int, seed: int, *, addressed: bool = False) -> None:
        """Make a world of n aircraft; addressed: 70 % of them send ADS-B once a second, and radars read Mode A codes."""
        self.rng = rng = rng_of(seed)
        self.n, self.addressed, self.second = n, addressed, 0
        self.side = min(np.sqrt(n * AREA_M2), WIDEST_M)
        self.plane = Plane.at(*CENTRE_RAD)
        self.place, way, up, local = _traffic(rng, n, self.side)
        self.heading, self.speed = way.T.copy()
        self.height, self.climb = up.T.copy()
        self.turn = np.where(local, np.deg2rad(rng.uniform(1, 3, n)) * rng.choice([-1.0, 1.0], n), 0.0) * (rng.random(n) < 0.4)
        self.left_s = rng.uniform(10, 60, n)
        self.mode_a = rng.integers(1, 4096, n).astype(np.int16)
        self.adsb = np.flatnonzero(rng.random(n) < ADSB_SHARE) if addressed else np.zeros(0, np.int64)
        self.adsb_phase = rng.random(len(self.adsb))
        self.radars = self._radars(max(3, n // AIRCRAFT_A_RADAR))
        self.here = self._geodetic()
        self.pairs: tuple[I64, I64, F64] = (np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))
        self.in_view = np.zeros(len(self.radars.range_m))

    def _radars(self, count: int) -> Radars:
        """Place the radars near aircraft."""
        rng = self.rng
        xy = self.place[rng.integers(0, self.n, count)] + rng.normal(0, 60e3, (count, 2))
        lat, lon = self.plane.inverse(xy[:, 0], xy[:, 1])
        ecef = np.column_stack(ellipsoid.geodetic_to_ecef(lat, lon, 0.0))
        sa, ca, so, co = np.sin(lat), np.cos(lat), np.sin(lon), np.cos(lon)
        axes = np.stack([np.c_[-so, co, 0 * so], np.c_[-sa * co, -sa * so, ca], np.c_[ca * co, ca * so, sa]], axis=1)
        range_m = rng.uniform(200e3, 400e3, count)
        return Radars(xy, lat, lon, ecef, axes, range_m, 4 + 6 * (range_m - 200e3) / 200e3, rng.uniform(0, 2 * np.pi, count))

    def sensors(self) -> tuple[SensorConfig, ...]:
        """Return what a site file would say of the radars and, where aircraft send, of the receivers."""
        r = self.radars
        self._pair()
        out = [
            SensorConfig(
                id=f"R{i}",
                kind="radar",
                source="radars",
                sac=i // 256,
                sic=i % 256,
                lat_deg=float(np.rad2deg(r.lat[i])),
                lon_deg=float(np.rad2deg(r.lon[i])),
                range_m=float(r.range_m[i]),
                range_std_m=RANGE_STD_M,
                azimuth_std_deg=AZIMUTH_STD_DEG,
                period_s=float(r.period_s[i]),
                detection=PD,
                clutter=float(self.in_view[i] * PD * FALSE_SHARE / (1 - FALSE_SHARE)),
            )
            for i in range(len(r.range_m))
        ]
        if self.addressed:
            out.append(SensorConfig(id="ADS-B", kind="adsb", source="adsb", period_s=1.0))
        return tuple(out)

    def _geodetic(self) -> tuple[F64, F64, F64]:
        """Return the aircraft's latitude, longitude and Earth-centred place (N, 3)."""
        lat, lon = self.plane.inverse(self.place[:, 0], self.place[:, 1])
        return lat, lon, np.column_stack(ellipsoid.geodetic_to_ecef(lat, lon, self.height))

    def _seen(self, radar: I64, who: I64, ahead: F64 | None, after: F64) -> tuple[F64, F64, F64]:
        """Return slant range, azimuth and height above the horizon of pairs, ahead (0 to 1) of the way to where they are a second after."""
        at = self.here[2][who]
        if ahead is not None:
            at = at + (after[who] - at) * ahead[:, None]
        d = at - self.radars.ecef[radar]
        local = np.einsum("pij,pj->pi", self.radars.axes[radar], d)
        return np.sqrt((local**2).sum(1)), np.arctan2(local[:, 0], local[:, 1]) % (2 * np.pi), local[:, 2]

    def _pair(self) -> None:
        """Find who may be seen by which radar in the next seconds, and at which azimuth about."""
        reach = self.radars.range_m * 1.08 + 5e3  # plane metres may be longer than true ones
        lists = cKDTree(self.place).query_ball_point(self.radars.xy, reach, return_sorted=True)
        who = np.concatenate([np.array(x, np.int64) for x in lists])
        radar = np.repeat(np.arange(len(lists)), [len(x) for x in lists])
        r, az, up = self._seen(radar, who, None, self.here[2])
        keep = (r < self.radars.range_m[radar] + 3e3) & (up > -500.0)
        self.pairs = radar[keep], who[keep], az[keep]
        self.in_view = np.bincount(radar[keep], minlength=len(lists)).astype(float)

    def tick(self) -> tuple[list[Heard], float]:
        """Return one second of plots, and the time at its end."""
        if self.second % BLOCK_S == 0:
            self._pair()
        begin_s = BEGIN_S + self.second
        now = self.here
        self._move()
        after = self._geodetic()
        heard = [Heard("radars", self._radar_plots(begin_s, after[2]), SystemTracks.blank(), Status.blank())]
        if self.addressed:
            heard.append(Heard("adsb", self._adsb_plots(begin_s, now, after), SystemTracks.blank(), Status.blank()))
        self.here = after
        self.second += 1
        return heard, begin_s + 1.0

    def _move(self) -> None:
        """Fly on for a second."""
        h = self.heading + self.turn / 2
        self.place = self.place + self.speed[:, None] * np.c_[np.cos(h), np.sin(h)]
        self.heading = self.heading + self.turn
        self.height = np.clip(self.height + self.climb, 300, 12_500)
        self.left_s = self.left_s - 1
        over = np.flatnonzero(self.left_s < 0)
        turning = self.turn[over] != 0
        new = np.deg2rad(self.rng.uniform(0.5, 3, len(over))) * self.rng.choice([-1.0, 1.0], len(over))
        self.turn[over] = np.where(turning, 0.0, new)
        self.left_s[over] = np.where(turning, self.rng.uniform(60, 400, len(over)), self.rng.uniform(15, 50, len(over)))

    def _radar_plots(self, begin_s: float, after: F64) -> Plots:
        """Return what the beams that pass in this second see, and their false plots, in order of time radar by radar."""
        rng, r = self.rng, self.radars
        beam = (r.phase + 2 * np.pi / r.period_s * self.second) % (2 * np.pi)
        swept = 2 * np.pi / r.period_s
        radar, who, about = self.pairs
        maybe = np.flatnonzero((about - beam[radar] + MARGIN_RAD) % (2 * np.pi) < swept[radar] + 2 * MARGIN_RAD)
        radar, who = radar[maybe], who[maybe]
        _, az, _ = self._seen(radar, who, None, after)
        into = (az - beam[radar]) % (2 * np.pi)
        hit = np.flatnonzero((into < swept[radar]) & (rng.random(len(radar)) < PD))
        radar, who, ahead = radar[hit], who[hit], into[hit] / swept[radar[hit]]
        range_m, az, up = self._seen(radar, who, ahead, after)
        seen = (range_m <= r.range_m[radar]) & (up >= 0)
        radar, who, ahead, range_m, az = radar[seen], who[seen], ahead[seen], range_m[seen], az[seen]
        false = rng.poisson(self.in_view * PD * FALSE_SHARE / (1 - FALSE_SHARE) / r.period_s)
        false_radar = np.repeat(np.arange(len(false)), false)
        m, f = len(radar), len(false_radar)
        false_ahead = rng.random(f)
        height = np.where(rng.random(m) < MODE_C_SHARE, np.round((self.height[who] + rng.normal(0, 10, m)) / 30.48) * 30.48, np.nan)
        false_height = np.where(rng.random(f) < 0.3, rng.uniform(0, 12_000, f), np.nan)
        radar, ahead = np.r_[radar, false_radar], np.r_[ahead, false_ahead]
        given: dict[str, Any] = {
            "time_s": begin_s + ahead,
            "sac_sic": radar,
            "kind": np.r_[np.full(m, PlotKind.PSR_SSR), np.full(f, PlotKind.PSR)],
            "range_m": np.r_[range_m + rng.normal(0, RANGE_STD_M, m), r.range_m[false_radar] * rng.random(f)],
            "azimuth_rad": np.r_[az, beam[false_radar] + false_ahead * swept[false_radar]],
            "pressure_altitude_m": np.r_[height, false_height],
        }
        given["azimuth_rad"][:m] += rng.normal(0, np.deg2rad(AZIMUTH_STD_DEG), m)
        given["azimuth_rad"] %= 2 * np.pi
        if self.addressed:
            given["mode_a"] = np.r_[self.mode_a[who], np.full(f, -1, np.int16)]
        order = np.lexsort((ahead, radar))
        return Plots.blank(m + f, **{k: v[order] for k, v in given.items()})

    def _adsb_plots(self, begin_s: float, now: tuple[F64, F64, F64], after: tuple[F64, F64, F64]) -> Plots:
        """Return each sender's report of this second."""
        who, ahead, rng = self.adsb, self.adsb_phase, self.rng
        lat, lon = now[0][who], now[1][who]
        d = after[2][who] - now[2][who]
        east, north, _ = ellipsoid.ecef_to_enu(lat, lon, d[:, 0], d[:, 1], d[:, 2])
        metre = 1 / 6.37e6
        k = len(who)
        return Plots.blank(
            k,
            time_s=begin_s + ahead,
            kind=PlotKind.ADSB,
            lat_rad=lat + (after[0][who] - lat) * ahead + metre * rng.normal(0, ADSB_STD_M, k),
            lon_rad=lon + (after[1][who] - lon) * ahead + metre / np.cos(lat) * rng.normal(0, ADSB_STD_M, k),
            position_std_m=ADSB_STD_M,
            pressure_altitude_m=np.round(self.height[who] / 7.62) * 7.62,
            east_ms=east,
            north_ms=north,
            velocity_std_ms=1.2,
            nac_p=9,
            address=0x400000 + who,
        )
